/** What one observation saw. Plain data without a secret: it is shown in the status as it is. */
import type { InstanceName } from "../../plan/model.ts";
import type { ServedCertificate } from "../served-certificate.ts";
import type { TableEntry } from "./topology.ts";

export interface RedisState {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** One for each instance of the plan, in its order. */
  readonly nodes: readonly NodeState[];
}

export type NodeState = NodeUp | NodeDown;

export interface NodeDown {
  readonly instance: InstanceName;
  readonly up: false;
  /** What its name resolves to now; empty when to nothing. */
  readonly addresses: readonly string[];
  /**
   * `loading`: it reads its data and will be there. `refused`: it does not take the agent's password. `expired`: its
   * certificate or the agent's is out of date, so that neither may be spoken to.
   */
  readonly kind: "unreachable" | "loading" | "refused" | "expired";
  readonly error: string;
}

export interface NodeUp {
  readonly instance: InstanceName;
  readonly up: true;
  readonly addresses: readonly string[];
  readonly id: string;
  readonly table: readonly TableEntry[];
  /** By the node's own word: its own entry of the table. */
  readonly self: TableEntry;
  readonly clusterOk: boolean;
  readonly currentEpoch: number;
  readonly keys: number;
  readonly version: string;
  readonly runId: string;
  readonly uptimeSeconds: number;
  /** Bytes of the replication stream that it has. */
  readonly offset: number;
  /** Of a replica: whether it follows its master now. */
  readonly masterLink: "up" | "down" | "syncing" | undefined;
  /** Of a replica: the address at which it looks for its master, which need not be the one that its table has. */
  readonly masterHost: string | undefined;
  readonly memory: { readonly usedBytes: number; readonly maxBytes: number; readonly evictedKeys: number };
  readonly clients: number;
  readonly persistence: Persistence;
  /** Users that are not as planned, with how. */
  readonly wrongUsers: readonly { readonly user: string; readonly difference: string }[];
  /** Live settings that are not as planned. */
  readonly drift: readonly { readonly key: string; readonly is: string; readonly wanted: string }[];
  /** The password by which it follows a master is the present one. */
  readonly replicationPasswordCurrent: boolean;
  readonly certificate: ServedCertificate;
  /** Identifies the machine, where it can be read: equal for nodes on the same one. */
  readonly host: string | undefined;
}

export interface Persistence {
  readonly aofEnabled: boolean;
  readonly lastRdbOk: boolean;
  /** Seconds since the epoch. */
  readonly lastRdbAt: number;
  readonly changesSinceRdb: number;
  readonly lastAofRewriteOk: boolean;
  readonly lastAofWriteOk: boolean;
  readonly saving: boolean;
}

export const isUp = (node: NodeState): node is NodeUp => node.up;
