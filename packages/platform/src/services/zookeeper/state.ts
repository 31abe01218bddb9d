/** What one observation saw. Plain data without a secret: it is shown in the status as it is. */
import type { InstanceName } from "../../plan/model.ts";
import type { ServedCertificate } from "../served-certificate.ts";

export interface ZookeeperState {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** One for each instance of the plan, in its order. */
  readonly nodes: readonly NodeState[];
}

export type NodeState = NodeUp | NodeDown;

export interface NodeDown {
  readonly instance: InstanceName;
  readonly up: false;
  readonly error: string;
}

export interface NodeUp {
  readonly instance: InstanceName;
  readonly up: true;
  /** `alone`: it answers, and takes part in no quorum. */
  readonly mode: "leader" | "follower" | "standalone" | "alone";
  readonly version: string;
  /** Of a leader: followers that have all that it has. */
  readonly syncedFollowers: number | undefined;
  readonly znodes: number;
  readonly connections: number;
  readonly certificate: ServedCertificate;
}

export const isUp = (node: NodeState): node is NodeUp => node.up;
