/** What one observation of the three servers holds: plain data, so that every decision can be replayed from it. */

import type { InstanceName } from "../../plan/model.ts";
import type { ServedCertificate } from "../served-certificate.ts";
import type { Grant } from "./users.ts";

export interface State {
  /** Milliseconds since the epoch by the observer's clock, before the first reading. */
  readonly observedAt: number;
  /** Name of the mall that observes; data of another mall is never touched. */
  readonly mall: string;
  readonly nodes: readonly Node[];
}

export type Node = ReachableNode | UnreachableNode;

export interface UnreachableNode {
  readonly name: InstanceName;
  readonly reachable: false;
  readonly reason: string;
}

export interface ReachableNode {
  readonly name: InstanceName;
  readonly reachable: true;
  readonly version: string;
  readonly serverUuid: string;
  readonly serverId: number;
  readonly uptimeSeconds: number;
  readonly readOnly: boolean;
  readonly superReadOnly: boolean;
  /** Committed transactions, read before any node's `executedAfter`. */
  readonly executed: string;
  /** The same again after every node's first reading: what another node had then must be in here, if it came from here. */
  readonly executedAfter: string;
  /** No longer in its binary logs: a replica that lacks any of it cannot catch up from here. */
  readonly purged: string;
  /** Terms it knows, oldest first; empty on a node without data. */
  readonly terms: readonly Term[];
  /** Writes are kept closed on purpose until it restarted or the time is over. */
  readonly held: boolean;
  readonly channel: Channel | undefined;
  readonly semiSync: SemiSync;
  readonly cloning: boolean;
  /** The variables that the plan sets live, as printed by the server. */
  readonly variables: Readonly<Record<string, string>>;
  readonly certificate: ServedCertificate;
  /** Accounts of managed names and whatever else must not be there. */
  readonly accounts: readonly AccountState[];
  /** Every schema but the server's own. */
  readonly databases: readonly string[];
}

/** A term of office: who the primary is, from which decision. A later epoch supersedes all earlier ones. */
export interface Term {
  readonly epoch: number;
  readonly mall: string;
  readonly primary: InstanceName;
  readonly serverUuid: string;
}

/** The default replication channel. */
export interface Channel {
  readonly sourceHost: string;
  readonly sourcePort: number;
  readonly sourceUuid: string;
  readonly user: string;
  /** Auto-position, TLS with verification, our key, heartbeat and retries are all as they must be. */
  readonly settingsRight: boolean;
  /** The stored password is the account's current one. */
  readonly passwordCurrent: boolean;
  readonly receiver: "on" | "connecting" | "off";
  readonly receiverError: number;
  readonly receiverMessage: string;
  readonly applier: "on" | "off";
  readonly applierError: number;
  readonly applierMessage: string;
  /** Transactions received, applied or not. */
  readonly received: string;
  /** Since the source was last heard: a heartbeat or a transaction. */
  readonly contactAgeMs: number | undefined;
  /** How far the applier is behind the source's commits; 0 when all that was received is applied. */
  readonly lagMs: number;
}

export interface SemiSync {
  readonly installed: boolean;
  readonly sourceEnabled: boolean;
  /** The source is really waiting for acknowledgements now. */
  readonly sourceActive: boolean;
  /** Semi-synchronous replicas that are connected to it. */
  readonly clients: number;
  readonly replicaEnabled: boolean;
  readonly replicaActive: boolean;
}

export interface AccountState {
  readonly user: string;
  readonly host: string;
  /** The stored hash is that of the mall's present password. */
  readonly passwordCurrent: boolean;
  /** A previous password is accepted as well. */
  readonly previousKept: boolean;
  /** The store still holds a previous password: the rotation is not finished. */
  readonly rotating: boolean;
  readonly require: "NONE" | "SSL" | "X509" | "OTHER";
  readonly maxUserConnections: number;
  readonly locked: boolean;
  readonly grants: readonly Grant[];
}

export const isReachable = (node: Node): node is ReachableNode => node.reachable;
export const reachableNodes = (state: State): readonly ReachableNode[] => state.nodes.filter(isReachable);
export const nodeOf = (state: State, name: InstanceName): Node | undefined =>
  state.nodes.find((node) => node.name === name);

/** Clients may write: only accounts with CONNECTION_ADMIN, which is the agent's alone, pass `read_only`. */
export const isWritable = (node: ReachableNode): boolean => !node.readOnly;
