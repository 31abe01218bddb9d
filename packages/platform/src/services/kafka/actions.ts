/** What the agent does to the brokers, one idempotent step each. */
import type { InstanceName } from "../../plan/model.ts";
import type { ActionBase } from "../service.ts";
import type { Acl } from "./access.ts";
import type { TopicPartitions, TopicState } from "./state.ts";

interface OnService extends ActionBase {
  readonly target: "service";
}

export interface SetConfig extends ActionBase {
  readonly kind: "set-config";
  readonly target: InstanceName;
  readonly settings: readonly { readonly key: string; readonly value: string }[];
}

export interface SetUser extends OnService {
  readonly kind: "set-user";
  readonly user: string;
}

export interface SetAcls extends OnService {
  readonly kind: "set-acls";
  readonly add: readonly Acl[];
  readonly remove: readonly Acl[];
}

export interface CreateTopic extends OnService {
  readonly kind: "create-topic";
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Has Kafka make its own topic for consumers' positions, before the first of them waits for it. */
export interface CreateOffsetsTopic extends OnService {
  readonly kind: "create-offsets-topic";
}

export interface AddPartitions extends OnService {
  readonly kind: "add-partitions";
  readonly topic: string;
  readonly partitions: number;
}

export interface SetTopicConfig extends OnService {
  readonly kind: "set-topic-config";
  readonly topic: string;
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

export interface Reassign extends OnService {
  readonly kind: "reassign";
  readonly topic: string;
  readonly replicas: TopicState["replicas"];
}

export interface ElectLeaders extends OnService {
  readonly kind: "elect-leaders";
  readonly partitions: readonly TopicPartitions[];
}

export type ClusterAction =
  | SetUser
  | SetAcls
  | CreateTopic
  | CreateOffsetsTopic
  | AddPartitions
  | SetTopicConfig
  | Reassign
  | ElectLeaders;
export type KafkaAction = SetConfig | ClusterAction;
