/** What one observation saw. Plain data without a secret: it is shown in the status as it is. */
import type { InstanceName } from "../../plan/model.ts";
import type { ServedCertificate } from "../served-certificate.ts";

export interface ElasticsearchState {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** One for each instance of the plan, in its order. */
  readonly nodes: readonly NodeState[];
  /** What is the cluster's and not a node's. Undefined: no node could be asked for it. */
  readonly cluster: Cluster | undefined;
  /** Why `cluster` is not there, by the node that was asked. */
  readonly clusterError: string | undefined;
}

export type NodeState = NodeUp | NodeDown;

export interface NodeDown {
  readonly instance: InstanceName;
  readonly up: false;
  /** `refused`: it does not take the agent's password. `expired`: its certificate or the agent's is out of date. */
  readonly kind: "unreachable" | "refused" | "expired";
  readonly error: string;
}

export interface NodeUp {
  readonly instance: InstanceName;
  readonly up: true;
  readonly version: string;
  /** Undefined before it belongs to a cluster. */
  readonly clusterUuid: string | undefined;
  /** Whom it takes for the master, by its own word. */
  readonly master: InstanceName | undefined;
  readonly roles: readonly string[];
  readonly heapBytes: number;
  readonly initialHeapBytes: number;
  readonly compressedOops: boolean;
  readonly fielddataCacheSize: string | undefined;
  readonly mapsFiles: boolean;
  /** False where the host gives too few open files for the server's own start-up checks. */
  readonly checked: boolean;
  readonly openFiles: number;
  readonly plugins: readonly string[];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly certificate: ServedCertificate;
}

export interface Cluster {
  readonly askedOf: InstanceName;
  readonly uuid: string;
  readonly master: InstanceName;
  readonly members: readonly InstanceName[];
  readonly status: "green" | "yellow" | "red";
  readonly unassigned: number;
  /** Of these, copies that are not made anew yet because their node may come back. */
  readonly delayed: number;
  /** Indices that are not green only because they ask for more copies than there are nodes to hold them. */
  readonly wantTooMany: readonly string[];
  /** All others that are not green. */
  readonly notGreen: readonly string[];
  readonly wrongSettings: readonly { readonly key: string; readonly is: string; readonly wanted: string }[];
  readonly wrongTemplates: readonly Difference[];
  readonly wrongRoles: readonly Difference[];
  /** Undefined: the index of users could not be read, and nothing is known. */
  readonly users: Users | undefined;
  /** What carries our mark and is planned no more. */
  readonly surplus: readonly { readonly kind: "template" | "role" | "user"; readonly name: string }[];
  /** Undefined: as planned. */
  readonly repository: "absent" | "other" | undefined;
  /** Nodes without a vote, by their names. */
  readonly exclusions: readonly string[];
  /** The node that is being restarted by us, and since when, milliseconds since the epoch. */
  readonly restart: { readonly instance: InstanceName; readonly since: number } | undefined;
}

export interface Difference {
  readonly name: string;
  readonly difference: string;
}

export interface Users {
  /** Users whose entry is not as planned. */
  readonly wrong: readonly Difference[];
  /** One for each user with a password of ours. */
  readonly passwords: readonly PasswordView[];
}

/** What became of a user's password, and of the one before or to come while a rotation goes on. */
export interface PasswordView {
  readonly user: string;
  /** The server's own user: it has one password at a time. */
  readonly builtIn: boolean;
  readonly present: Acceptance;
  /** Undefined when there is no other one. */
  readonly other: Acceptance | undefined;
}

/**
 * `all`: every node that was asked takes it. `files`: every node of the plan takes it, from its own files. `some`:
 * not every one.
 */
export type Acceptance = "all" | "files" | "some" | "none";

export const isUp = (node: NodeState): node is NodeUp => node.up;
