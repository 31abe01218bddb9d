/** Finds the iptables that this host's rules are in, and makes the default bridge. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../../state.ts";
import { engineError } from "../errors.ts";
import { run } from "../run.ts";
import { type Backend, commandOf } from "./firewall.ts";
import { interfaces } from "./interfaces.ts";
import type { Layout } from "./layout.ts";
import { libraryEnv } from "./unpack.ts";

/**
 * Every iptables that works here, the one to use first: the host's own, else the unpacked one, for nf_tables or,
 * on a kernel without, legacy.
 * @throws ENGINE_START_FAILED when none works: the kernel lacks both, or this is no root of its network
 */
export async function usableBackends(layout: Layout): Promise<[Backend, ...Backend[]]> {
  const words: string[] = [];
  const usable: Backend[] = [];
  for (const { backend, legacy } of await backends(layout)) {
    // Legacy's tables come to be when they are looked at, so it is asked only where there is nothing else or
    // where they are in use.
    if (legacy && usable.length > 0 && !(await legacyInUse())) continue;
    const [program, ...args] = commandOf(backend, "iptables-save");
    const env = backend.kind === "host" ? {} : backend.env;
    const result = await run(program, [...args, "-t", "nat"], { env, timeoutMs: 20_000 });
    if (result.exitCode === 0) usable.push(backend);
    else words.push(`${program}: ${result.stderr}`);
  }
  const [first, ...rest] = usable;
  if (first !== undefined) return [first, ...rest];
  throw engineError.ENGINE_START_FAILED({
    cause: "no iptables works on this kernel",
    lastLines: words.join("\n"),
    logPath: layout.log,
  });
}

async function legacyInUse(): Promise<boolean> {
  return (await readFile("/proc/net/ip_tables_names", "utf8").catch(() => "")).trim() !== "";
}

async function backends(layout: Layout): Promise<{ readonly backend: Backend; readonly legacy: boolean }[]> {
  const found: { backend: Backend; legacy: boolean }[] = [];
  for (const folder of ["/usr/sbin", "/sbin", "/usr/local/sbin"]) {
    const needed = ["iptables", "ip6tables", "iptables-save", "iptables-restore"];
    const there = await Promise.all(needed.map((name) => exists(join(folder, name))));
    if (!there.every(Boolean)) continue;
    found.push({ backend: { kind: "host", folder }, legacy: false });
    break; // /sbin is the same folder on a merged /usr
  }
  const env = await libraryEnv(join(layout.tools, "daemon"));
  for (const name of ["xtables-nft-multi", "xtables-legacy-multi"]) {
    const program = join(layout.sbin, name);
    if (!(await exists(program))) continue;
    found.push({ backend: { kind: "unpacked", program, env }, legacy: name.includes("legacy") });
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
  if (!(await interfaces()).includes(layout.bridge)) {
    await ip("link", "add", "name", layout.bridge, "type", "bridge");
  }
  await ip("addr", "add", address, "dev", layout.bridge);
  await ip("link", "set", layout.bridge, "up");
}
