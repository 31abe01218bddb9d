/** Which of the ports that a mall wants somebody else has, and who that is. */
import { readdir, readFile, readlink } from "node:fs/promises";
import type { Engine } from "../engine/engine.ts";
import type { MallPlan } from "../plan/model.ts";
import { instancesOn } from "../plan/names.ts";
import { labels } from "../targets/compose/names.ts";
import { takenPorts } from "../targets/compose/ports-in-use.ts";
import type { PortHolder } from "./facts.ts";
import { type Listener, parseListeners } from "./host.ts";

interface ListedContainer {
  readonly Names: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly Ports: readonly { readonly PublicPort?: number }[];
}

/** Name of the container that has each port, and whether it is the mall's own. */
async function publishedPorts(engine: Engine, mall: string) {
  const listed = (await engine.api("/containers/json")) as readonly ListedContainer[];
  return new Map(
    listed.flatMap((c) =>
      c.Ports.flatMap(({ PublicPort: port }) =>
        port === undefined
          ? []
          : [
              [
                port,
                { name: (c.Names[0] ?? "").replace(/^\//, ""), own: c.Labels[labels.mall] === mall },
              ] as const,
            ],
      ),
    ),
  );
}

/** Socket inode → process, for every process whose open files we may see. */
async function owners(inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(files.map((f) => readlink(`/proc/${pid}/fd/${f}`).catch(() => "")));
    for (const link of links) {
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
      if (inode === undefined || !inodes.has(inode)) continue;
      const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
      found.set(inode, `${name} (pid ${pid})`);
    }
    if (found.size === inodes.size) break;
  }
  return found;
}

async function listeners(): Promise<readonly Listener[]> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  return tables.flatMap(parseListeners);
}

/** The ports of the plan that are not the mall's own containers' and cannot be listened on. */
export async function portHolders(
  plan: MallPlan,
  bind: string,
  engine: Engine | undefined,
): Promise<readonly PortHolder[]> {
  const all = instancesOn(plan, "compose").map(({ instance }) => instance.name);
  const [taken, published] = await Promise.all([
    takenPorts(plan, bind, all),
    engine === undefined ? new Map<number, never>() : publishedPorts(engine, plan.mall),
  ]);
  const foreign = taken.filter(({ port }) => published.get(port)?.own !== true);
  if (foreign.length === 0) return [];
  const open = (await listeners()).filter((l) => foreign.some(({ port }) => port === l.port));
  const names = await owners(new Set(open.map((l) => l.inode)));
  return foreign.map(({ port, wanted }) => {
    const container = published.get(port);
    const inode = open.find((l) => l.port === port)?.inode;
    const holder = container === undefined ? names.get(inode ?? "") : `container ${container.name}`;
    return { port, wanted, holder };
  });
}

/** How many host ports the plan publishes. */
export const portCount = (plan: MallPlan): number =>
  instancesOn(plan, "compose").reduce((sum, { instance }) => sum + instance.published.length, 0);
