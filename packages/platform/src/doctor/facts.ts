/** Everything that the diagnosis rests on, as plain data; what cannot be read is undefined. */
import type { Cgroups, HugePages, Memory } from "./host.ts";

export interface Disk {
  readonly path: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How far the wall clock and the monotonic one went apart while being watched, in milliseconds. */
  readonly apartMs: number;
  /** Kept by a time service; undefined: none could be asked. */
  readonly synchronized: boolean | undefined;
}

export interface PortHolder {
  readonly port: number;
  /** What of the mall wants it: `mysql-1 mysql`. */
  readonly wanted: string;
  /** A container's or program's name, with its pid where known; undefined: it could not be found out. */
  readonly holder: string | undefined;
}

export type EngineFact =
  | {
      readonly kind: "running";
      readonly own: boolean;
      readonly host: string;
      readonly apiVersion: string;
      readonly version: string;
      /** On another machine: what is read here says nothing about it. */
      readonly remote: boolean;
    }
  /** `canStart`: root, and a distribution from whose packages a private one can be started. */
  | { readonly kind: "absent"; readonly canStart: boolean }
  | { readonly kind: "unusable"; readonly reason: string };

export interface HostFacts {
  readonly cores: number;
  readonly memory: Memory | undefined;
  /** File systems that the mall writes to, each once. */
  readonly disks: readonly Disk[];
  /** Hard limit of open files that a container can be given. */
  readonly fileLimit: number;
  readonly hugePages: HugePages | undefined;
  readonly maxMapCount: number | undefined;
  readonly overcommit: number | undefined;
  readonly clock: Clock;
  readonly kernel: string;
  readonly cgroups: Cgroups | undefined;
  readonly engine: EngineFact;
  /** Whether `bind` is an address of this machine. */
  readonly bindHere: boolean;
  /** Ports that the mall wants and that another program has. */
  readonly taken: readonly PortHolder[];
}

/** What the mall asks of a machine, from its plan. */
export interface Demand {
  readonly mall: string;
  readonly bind: string;
  readonly plannedBytes: number;
  /** MEM-FIT is accepted in the spec. */
  readonly memoryAccepted: boolean;
  /** Most open files that a server asks for. */
  readonly files: number;
  /** Most maps of memory (vm.max_map_count) that a server asks for; 0: none asks. */
  readonly maps: number;
  readonly ports: number;
  /** Servers of the mall that run now: their memory is taken already. */
  readonly running: number;
}
