/** Finds the iptables that this host's rules are in, and makes the default bridge. */
import { join } from "node:path";
import { exists } from "../../state.ts";
import { engineError } from "../errors.ts";
import { run } from "../run.ts";
import { type Backend, commandOf } from "./firewall.ts";
import type { Layout } from "./layout.ts";
import { libraryEnv } from "./unpack.ts";

/**
 * The host's own iptables if it has one, else the unpacked one: nf_tables, or legacy on a kernel without.
 * @throws ENGINE_START_FAILED when none works: the kernel lacks both, or this is no root of its network
 */
export async function findBackend(layout: Layout): Promise<Backend> {
  const words: string[] = [];
  for (const backend of await backends(layout)) {
    const [program, ...args] = commandOf(backend, "iptables");
    const env = backend.kind === "host" ? {} : backend.env;
    const result = await run(program, [...args, "--wait", "-t", "nat", "-S"], { env, timeoutMs: 20_000 });
    if (result.exitCode === 0) return backend;
    words.push(`${program}: ${result.stderr}`);
  }
  throw engineError.ENGINE_START_FAILED({
    cause: "no iptables works on this kernel",
    lastLines: words.join("\n"),
    logPath: layout.log,
  });
}

async function backends(layout: Layout): Promise<Backend[]> {
  const found: Backend[] = [];
  for (const folder of ["/usr/sbin", "/sbin", "/usr/local/sbin"]) {
    const needed = ["iptables", "ip6tables", "iptables-save", "iptables-restore"];
    const there = await Promise.all(needed.map((name) => exists(join(folder, name))));
    if (there.every(Boolean)) found.push({ kind: "host", folder });
  }
  const env = await libraryEnv(join(layout.tools, "daemon"));
  for (const name of ["xtables-nft-multi", "xtables-legacy-multi"]) {
    const program = join(layout.sbin, name);
    if (await exists(program)) found.push({ kind: "unpacked", program, env });
  }
  return found;
}

/**
 * The bridge of Docker's default network. dockerd makes only one called docker0 by itself, which another Docker
 * on this host may own. Done again on each start: harmless when it is there.
 */
export async function ensureBridge(layout: Layout, address: string): Promise<void> {
  const busybox = join(layout.sbin, "busybox");
  const ip = async (...args: string[]) => {
    const result = await run(busybox, ["ip", ...args]);
    if (result.exitCode === 0 || /File exists/.test(result.stderr)) return;
    throw engineError.ENGINE_START_FAILED({
      cause: `'ip ${args.join(" ")}' failed`,
      lastLines: result.stderr,
      logPath: layout.log,
    });
  };
  if (!(await exists(`/sys/class/net/${layout.bridge}`))) {
    await ip("link", "add", "name", layout.bridge, "type", "bridge");
  }
  await ip("addr", "add", address, "dev", layout.bridge);
  await ip("link", "set", layout.bridge, "up");
}
