/** What a container on this machine can be given. */
import { readFile } from "node:fs/promises";

/** Docker's own default where the kernel's word cannot be read. */
const usual = 1_048_576;

/** Hard limit of open files in the text of /proc/PID/limits; `unlimited` counts as {@link usual}. */
export function hardFileLimit(limits: string): number {
  const match = /^Max open files\s+\S+\s+(\S+)/m.exec(limits);
  return match?.[1] === undefined || match[1] === "unlimited" ? usual : Number(match[1]);
}

/**
 * Most open files that a container may ask for: runc refuses to start one that asks for more than the engine's
 * own hard limit. A private engine inherits this process's; one of the host has that or more.
 */
export async function containerFileLimit(): Promise<number> {
  return hardFileLimit(await readFile("/proc/self/limits", "utf8").catch(() => ""));
}
