import { readFile } from "node:fs/promises";

/** Names of this network namespace's interfaces. (/sys/class/net shows those of the one it was mounted in.) */
export async function interfaces(): Promise<string[]> {
  return parseInterfaces(await readFile("/proc/net/dev", "utf8"));
}

/** /proc/net/dev: two lines of heading, then `NAME: counters`. */
export function parseInterfaces(procNetDev: string): string[] {
  return procNetDev.split("\n").flatMap((line) => /^\s*([^\s:|]+):/.exec(line)?.[1] ?? []);
}
