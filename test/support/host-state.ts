/** What a private engine changes on its host, as comparable text: taken before it starts, while it runs, and after. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../packages/platform/src/engine/run.ts";

export interface HostState {
  /** All tables of nf_tables, iptables' among them, without packet counts. */
  readonly firewall: readonly string[];
  /** IPv4 and IPv6. */
  readonly forwarding: string;
  readonly routes: readonly string[];
  readonly interfaces: readonly string[];
  readonly mounts: readonly string[];
  /** Control groups directly below each hierarchy. */
  readonly cgroups: readonly string[];
  /** Below /run, two levels deep. */
  readonly run: readonly string[];
}

/** @param nft program and environment of an unpacked `nft`; iptables-save would make tables by looking */
export async function hostState(nft: {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<HostState> {
  const ruleset = await run(nft.program, ["list", "ruleset"], { env: nft.env });
  if (ruleset.exitCode !== 0) throw new Error(`nft: ${ruleset.stderr}`);
  const hierarchies = lines("/proc/self/mounts")
    .map((line) => line.split(" "))
    .filter((fields) => fields[2]?.startsWith("cgroup"));
  return {
    firewall: ruleset.stdout
      .replace(/counter packets \d+ bytes \d+/g, "counter")
      .split("\n")
      .map((line) => line.trim()),
    forwarding: [
      ...lines("/proc/sys/net/ipv4/ip_forward"),
      ...lines("/proc/sys/net/ipv6/conf/all/forwarding"),
    ].join(" "),
    routes: lines("/proc/net/route").slice(1).sort(),
    interfaces: lines("/proc/net/dev").flatMap((line) => /^\s*([^\s:|]+):/.exec(line)?.[1] ?? []),
    mounts: lines("/proc/self/mountinfo").map((line) => line.split(" ").slice(3).join(" ")),
    cgroups: hierarchies.flatMap((fields) => below(fields[1] ?? "/")).sort(),
    run: below("/run")
      .flatMap((path) => [path, ...below(path)])
      .sort(),
  };
}

const lines = (path: string) => readFileSync(path, "utf8").trim().split("\n");

/** Names in a folder; none of a file, or of a folder that is gone by now. */
function below(path: string): string[] {
  try {
    return readdirSync(path).map((name) => join(path, name));
  } catch {
    return [];
  }
}
