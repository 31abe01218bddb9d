/** Everything the service can do to a cluster. Nothing here deletes an index, forms a cluster or empties a node. */
import type { InstanceName } from "../../plan/model.ts";
import type { ActionBase } from "../service.ts";

interface OnCluster extends ActionBase {
  readonly target: "service";
}

export interface PutSettings extends OnCluster {
  readonly kind: "put-settings";
  readonly settings: Readonly<Record<string, string>>;
}

/** Role, user or template as planned, made or put right. */
export interface Put extends OnCluster {
  readonly kind: "put-role" | "put-user" | "put-template";
  readonly name: string;
}

export interface Drop extends OnCluster {
  readonly kind: "drop-role" | "drop-user" | "drop-template";
  readonly name: string;
}

/** Gives a user of the index (or of the server's own) the one of its two passwords that the files do not have. */
export interface SetPassword extends OnCluster {
  readonly kind: "set-password";
  readonly name: string;
  readonly which: "present" | "other";
}

export interface PutRepository extends OnCluster {
  readonly kind: "put-repository";
}

/** Before a planned restart: what was written is flushed, and where two nodes vote this one's vote goes to the other. */
export interface PrepareRestart extends ActionBase {
  readonly kind: "prepare-restart";
  readonly target: InstanceName;
}

/** Copies that wait for a node that was replaced by an empty one are made on it now. */
export interface AllocateNow extends OnCluster {
  readonly kind: "allocate-now";
}

export interface EndRestart extends OnCluster {
  readonly kind: "end-restart";
}

export type ClusterAction = PutSettings | Put | Drop | SetPassword | PutRepository | AllocateNow | EndRestart;
export type ElasticsearchAction = ClusterAction | PrepareRestart;
