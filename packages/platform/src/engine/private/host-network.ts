/**
 * What private engines change for the whole host: IP forwarding and the policy of the FORWARD chain. The first
 * engine's start writes down how it was, the last one's stop puts it back. Kept in /run: like the settings
 * themselves it is gone after a reboot.
 */
import { readdir, readFile, readlink, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../file-lock.ts";
import { exists, isErrno, readJson, writeAtomic } from "../../state.ts";
import { engineError } from "../errors.ts";
import { run } from "../run.ts";
import {
  type Backend,
  bridgesIn,
  commandOf,
  differences,
  forwardPolicy,
  hasForeignDocker,
  removalScript,
  tablesToDrop,
} from "./firewall.ts";
import { interfaces } from "./interfaces.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { isLive } from "./processes.ts";
import { type Range, rangeOf, registeredRanges } from "./subnet.ts";

/** One registry per network namespace: a container's or a test's has its own rules and forwarding. */
interface Registry {
  readonly engines: string;
  readonly before: string;
  readonly lock: string;
}

async function registryHere(): Promise<Registry> {
  const namespace = (await readlink("/proc/self/ns/net")).replace(/\D/g, "");
  const folder = join("/run/mallstack", `net-${namespace}`);
  return {
    engines: join(folder, "engines"),
    before: join(folder, "before.json"),
    lock: join(folder, "lock"),
  };
}

const forwarding = {
  v4: "/proc/sys/net/ipv4/ip_forward",
  v6: "/proc/sys/net/ipv6/conf/all/forwarding",
} as const;
type Family = keyof typeof forwarding;
const families: readonly Family[] = ["v4", "v6"];
const iptables = { v4: "iptables", v6: "ip6tables" } as const;
const nftFamily = { v4: "ip", v6: "ip6" } as const;

/** Folders that Docker and containerd make under /run whatever their own folders are. */
const runFolders = ["/run/containerd/s", "/run/containerd", "/run/docker/plugins", "/run/docker"];

interface Before {
  /** Of the kernel, new with each boot: /run is not emptied by a reboot everywhere. */
  readonly bootId: string;
  /** iptables-save, of each family. */
  readonly save: Readonly<Record<Family, string>>;
  readonly forwarding: Readonly<Record<Family, string>>;
  /** Those of {@link runFolders} that were there. */
  readonly runFolders: readonly string[];
}

async function bootIdNow(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}

/** The rules as iptables-save prints them; "" where this kernel or host has none of that family. */
export async function saveRules(backend: Backend, family: Family): Promise<string> {
  const [program, ...args] = commandOf(backend, `${iptables[family]}-save`);
  const result = await run(program, args, { env: backend.kind === "host" ? {} : backend.env });
  return result.exitCode === 0 ? result.stdout : "";
}

async function readForwarding(family: Family): Promise<string> {
  return (await readFile(forwarding[family], "utf8").catch(() => "")).trim();
}

/**
 * Before dockerd's first change: notes how the host was, once, and that this engine now depends on it. Gives the
 * engine's address range; two that start at the same time choose one after the other.
 * @throws ENGINE_NO_SUBNET
 */
export async function enterHost(layout: Layout, backend: Backend): Promise<Range> {
  const registry = await registryHere();
  return withLock(registry.lock, async () => {
    const known = (await readJson(registry.before)) as Before | undefined;
    if (known?.bootId !== (await bootIdNow()) || !(await anyBridge(registry))) {
      await rm(registry.engines, { recursive: true, force: true });
      const present = await Promise.all(runFolders.map(exists));
      const before: Before = {
        bootId: await bootIdNow(),
        save: { v4: await saveRules(backend, "v4"), v6: await saveRules(backend, "v6") },
        forwarding: { v4: await readForwarding("v4"), v6: await readForwarding("v6") },
        runFolders: runFolders.filter((_, i) => present[i]),
      };
      await writeAtomic(registry.before, JSON.stringify(before));
    }
    const range = await rangeOf(layout, await registeredRanges(registry.engines, layout.id));
    const entry = { home: layout.home, range: range.range, bridge: layout.bridge };
    await writeAtomic(join(registry.engines, `${layout.id}.json`), JSON.stringify(entry));
    return range;
  });
}

/** Whether an engine that entered has its bridge: from its start to its stop it has. Else what is noted is of a
 * namespace of the same number that is gone. */
async function anyBridge(registry: Registry): Promise<boolean> {
  const names = await interfaces();
  const bridges = await Promise.all(
    (await entryFiles(registry)).map(
      async (path) => ((await readJson(path)) as { bridge?: string } | undefined)?.bridge,
    ),
  );
  return bridges.some((bridge) => bridge !== undefined && names.includes(bridge));
}

async function entryFiles(registry: Registry): Promise<string[]> {
  const names = await readdir(registry.engines).catch(() => []);
  return names.filter((name) => name.endsWith(".json")).map((name) => join(registry.engines, name));
}

/** Other private engines that entered and did not leave: those that live, and those that were killed. */
async function othersThan(
  layout: Layout,
  registry: Registry,
): Promise<{ readonly live: readonly Layout[]; readonly killed: readonly Layout[] }> {
  const live: Layout[] = [];
  const killed: Layout[] = [];
  for (const path of await entryFiles(registry)) {
    const entry = (await readJson(path)) as { home?: unknown } | undefined;
    if (typeof entry?.home !== "string" || entry.home === layout.home) continue;
    const other = layoutOf(entry.home);
    ((await isLive(other)) ? live : killed).push(other);
  }
  return { live, killed };
}

export interface LeaveResult {
  /** Folders of other private engines that run, or are being started or stopped: forwarding stays on for them. */
  readonly others: readonly string[];
  /**
   * Lines of iptables-save that differ from before the first start. Not given while others run, nor where it is not
   * known how it was: this engine did not run since the machine started, or another one has put it back.
   */
  readonly differences:
    | { readonly added: readonly string[]; readonly removed: readonly string[] }
    | undefined;
}

interface Tools {
  readonly busybox: string;
  readonly nft: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * After dockerd has ended: removes this engine's rules, chains and bridges, and those that a killed one left; the
 * last one restores the rest.
 */
export async function leaveHost(
  layout: Layout,
  backends: readonly [Backend, ...Backend[]],
  tools: Tools,
): Promise<LeaveResult> {
  const registry = await registryHere();
  return withLock(registry.lock, async () => {
    const { live, killed } = await othersThan(layout, registry);
    for (const each of [layout, ...killed]) {
      await removeTraces(each, backends, tools);
      await rm(join(registry.engines, `${each.id}.json`), { force: true });
    }
    const others = live.map(({ home }) => home);
    const before = (await readJson(registry.before)) as Before | undefined;
    if (others.length > 0 || before?.bootId !== (await bootIdNow()))
      return { others, differences: undefined };
    const [backend] = backends;
    for (const family of families) await restore(family, before, backend, tools);
    await removeRunFolders(before);
    await rm(registry.before, { force: true });
    await rm(registry.engines, { recursive: true, force: true });
    const changes = await Promise.all(
      families.map(async (family) => differences(before.save[family], await saveRules(backend, family))),
    );
    return {
      others,
      differences: {
        added: changes.flatMap((change) => change.added),
        removed: changes.flatMap((change) => change.removed),
      },
    };
  });
}

async function removeTraces(layout: Layout, backends: readonly Backend[], tools: Tools): Promise<void> {
  const bridges = new Set<string>([layout.bridge]);
  // Of every iptables here: which one the rules went through may have changed since the start.
  for (const backend of backends) {
    for (const family of families) {
      const save = await saveRules(backend, family);
      for (const bridge of bridgesIn(save, layout)) bridges.add(bridge);
      await removeRules(layout, backend, family, removalScript(save, layout));
    }
  }
  for (const bridge of bridges) {
    if ((await interfaces()).includes(bridge)) await run(tools.busybox, ["ip", "link", "del", bridge]);
  }
}

/** @throws ENGINE_STOP_FAILED when rules stay: the next stop tries again */
async function removeRules(layout: Layout, backend: Backend, family: Family, script: string): Promise<void> {
  if (script === "") return;
  const [program, ...args] = commandOf(backend, `${iptables[family]}-restore`);
  const env = backend.kind === "host" ? {} : backend.env;
  const result = await run(program, [...args, "--noflush", "--wait"], { env, input: script });
  if (result.exitCode === 0 && removalScript(await saveRules(backend, family), layout) === "") return;
  throw engineError.ENGINE_STOP_FAILED({
    left: `rules marked ${layout.mark} in ${iptables[family]} (${result.stderr.trim() || "others came back"})`,
  });
}

async function restore(family: Family, before: Before, backend: Backend, tools: Tools): Promise<void> {
  const now = await saveRules(backend, family);
  // A Docker that was installed meanwhile found forwarding on and depends on it, without having asked for it.
  if (hasForeignDocker(now)) return;
  const env = backend.kind === "host" ? {} : backend.env;
  const policy = forwardPolicy(before.save[family]);
  if (policy !== forwardPolicy(now)) {
    const [program, ...args] = commandOf(backend, iptables[family]);
    await run(program, [...args, "--wait", "-P", "FORWARD", policy], { env });
  }
  const value = before.forwarding[family];
  if (value !== "" && value !== (await readForwarding(family)))
    await writeFile(forwarding[family], `${value}\n`);
  // iptables made these tables when it was first asked and has no command to take an empty one away.
  for (const table of tablesToDrop(before.save[family], await saveRules(backend, family))) {
    await run(tools.nft, ["delete", "table", nftFamily[family], table], { env: tools.env });
  }
}

/** Only those that were not there, and only empty: containerd of someone else may have come to use them. */
async function removeRunFolders(before: Before): Promise<void> {
  for (const folder of runFolders.filter((each) => !before.runFolders.includes(each))) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENOTEMPTY", "EBUSY")) throw error;
    }
  }
}
