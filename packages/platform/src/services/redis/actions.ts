/** Everything the service can do to a cluster. No action empties a node: there is none for FLUSHALL or RESET. */
import type { InstanceName } from "../../plan/model.ts";
import type { ActionBase } from "../service.ts";
import type { Slots } from "./slots.ts";

interface On extends ActionBase {
  readonly target: InstanceName;
}

/** Gives slots without an owner to a node that has neither slots nor keys. */
export interface Claim extends On {
  readonly kind: "claim-slots";
  readonly id: string;
  readonly slots: Slots;
  /** Set on a node that knows nobody yet, so that no two masters begin with the same. */
  readonly epoch: number | undefined;
}

/** Tells nodes where their peers are. One action for all pairs: each meeting brings others about by gossip. */
export interface Meet extends ActionBase {
  readonly kind: "meet";
  readonly target: "service";
  readonly pairs: readonly Meeting[];
}

export interface Meeting {
  readonly from: InstanceName;
  readonly fromId: string;
  readonly to: InstanceName;
  readonly toId: string;
  /** Address of `to`. */
  readonly host: string;
}

/** Makes a node without slots the replica of a master. */
export interface Replicate extends On {
  readonly kind: "replicate";
  readonly id: string;
  readonly master: InstanceName;
  readonly masterId: string;
}

/** Strikes an id that no instance has any more from a node's table. */
export interface Forget extends On {
  readonly kind: "forget";
  readonly ids: readonly string[];
}

/**
 * Promotes a replica. `planned`: its living master hands over, nothing is lost. `force`: by the masters' vote
 * without the master. `takeover`: without the vote, only for a master that is proven to exist no more.
 */
export interface Failover extends On {
  readonly kind: "failover";
  readonly how: "planned" | "force" | "takeover";
  readonly id: string;
  readonly masterId: string;
}

/** Before a planned restart: whatever the instance masters goes to one of its replicas. */
export interface HandOver extends On {
  readonly kind: "hand-over";
}

export interface SetUser extends On {
  readonly kind: "set-user";
  readonly user: string;
}

export interface SetConfig extends On {
  readonly kind: "set-config";
  readonly settings: readonly { readonly key: string; readonly value: string }[];
}

export interface SetReplicationPassword extends On {
  readonly kind: "set-replication-password";
}

export interface ReloadCertificate extends On {
  readonly kind: "reload-certificate";
}

export type NodeAction = SetUser | SetConfig | SetReplicationPassword | ReloadCertificate;
export type ClusterAction = Claim | Replicate | Forget | Failover;
export type RedisAction = NodeAction | Meet | ClusterAction | HandOver;
