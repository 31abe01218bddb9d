/** What the kernel's own files say, taken from their text: /proc and /sys as they are on Linux 4 and newer. */

export interface Memory {
  readonly totalBytes: number;
  /** What programs can still get without swapping, by the kernel's estimate (proc(5), MemAvailable). */
  readonly availableBytes: number;
  readonly swapBytes: number;
}

/** /proc/meminfo; undefined where it is not that. */
export function parseMemory(meminfo: string): Memory | undefined {
  const of = (name: string): number | undefined => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(meminfo)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  };
  const totalBytes = of("MemTotal");
  const availableBytes = of("MemAvailable");
  return totalBytes === undefined || availableBytes === undefined
    ? undefined
    : { totalBytes, availableBytes, swapBytes: of("SwapTotal") ?? 0 };
}

export type HugePages = "always" | "madvise" | "never";

/** /sys/kernel/mm/transparent_hugepage/enabled: `always [madvise] never`. */
export function parseHugePages(enabled: string): HugePages | undefined {
  const chosen = /\[(always|madvise|never)\]/.exec(enabled)?.[1];
  return chosen === "always" || chosen === "madvise" || chosen === "never" ? chosen : undefined;
}

/** A file of one number, such as /proc/sys/vm/max_map_count. */
export function parseNumber(text: string): number | undefined {
  return /^\s*-?\d+\s*$/.test(text) ? Number(text) : undefined;
}

export interface Cgroups {
  /** `hybrid`: controllers of version 1 beside an empty version 2. */
  readonly version: "1" | "2" | "hybrid";
  /** Those that containers are held by. */
  readonly controllers: readonly string[];
}

/**
 * /proc/self/mountinfo and, for version 2, /sys/fs/cgroup/cgroup.controllers. The file system's type stands after the
 * ` - ` (proc(5)).
 */
export function parseCgroups(mountinfo: string, controllers2: string): Cgroups | undefined {
  const mounts = mountinfo
    .split("\n")
    .map((line) => line.split(" - ")[1]?.split(" "))
    .filter((fields) => fields !== undefined);
  const second = mounts.some(([type]) => type === "cgroup2");
  const first = mounts
    .filter(([type]) => type === "cgroup")
    .flatMap(([, , options = ""]) => options.split(","))
    .filter((option) => /^(cpu|cpuset|memory|pids|blkio|devices|freezer)$/.test(option));
  if (first.length > 0) return { version: second ? "hybrid" : "1", controllers: [...new Set(first)].sort() };
  if (!second) return undefined;
  return {
    version: "2",
    controllers: controllers2
      .trim()
      .split(/\s+/)
      .filter((c) => c !== "")
      .sort(),
  };
}

export interface Listener {
  readonly port: number;
  /** Bound to every address. */
  readonly every: boolean;
  readonly address: string;
  /** Of its socket, by which the owner is found. */
  readonly inode: string;
}

/** State of a socket that listens (include/net/tcp_states.h). */
const listening = "0A";

/** /proc/net/tcp or tcp6: addresses are in hex, each 32-bit word in the machine's byte order (little here). */
export function parseListeners(table: string): readonly Listener[] {
  return table.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [address = "", port = ""] = (fields[1] ?? "").split(":");
    const inode = fields[9];
    if (fields[3] !== listening || inode === undefined || port === "") return [];
    return [
      { port: Number.parseInt(port, 16), every: /^0+$/.test(address), address: readable(address), inode },
    ];
  });
}

function readable(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((b) => Number.parseInt(b, 16)).join(".");
  const mapped = /^0{20}f{4}(.{8})$/i.exec(bytes.join(""))?.[1];
  if (mapped !== undefined) return (mapped.match(/../g) ?? []).map((b) => Number.parseInt(b, 16)).join(".");
  return (bytes.join("").match(/.{4}/g) ?? []).map((w) => w.toLowerCase().replace(/^0{1,3}/, "")).join(":");
}

/** `6.18.44-fc` → [6, 18]. */
export function parseKernel(release: string): readonly [number, number] | undefined {
  const match = /^(\d+)\.(\d+)/.exec(release);
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : [Number(match[1]), Number(match[2])];
}
