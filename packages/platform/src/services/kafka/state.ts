/** What one observation saw. Plain data without a secret: it is shown in the status as it is. */
import type { InstanceName } from "../../plan/model.ts";
import type { ServedCertificate } from "../served-certificate.ts";
import type { Acl } from "./access.ts";

export interface KafkaState {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** One for each instance of the plan, in its order. */
  readonly brokers: readonly BrokerState[];
  /** By the controller's word; undefined when there is none, or it does not answer. */
  readonly cluster: ClusterState | undefined;
}

export type BrokerState = BrokerUp | BrokerDown;

export interface BrokerDown {
  readonly instance: InstanceName;
  readonly up: false;
  readonly error: string;
}

export interface BrokerUp {
  readonly instance: InstanceName;
  readonly up: true;
  readonly id: number;
  /** Ids that are registered, as this broker knows them. */
  readonly registered: readonly number[];
  /** Whom it takes for the controller; -1 for nobody. */
  readonly controller: number;
  /** Version whose protocol the brokers speak among themselves: by default the software's own. */
  readonly version: string;
  /** Live settings that are not as planned. */
  readonly drift: readonly { readonly key: string; readonly is: string; readonly wanted: string }[];
  readonly certificate: ServedCertificate;
}

export interface ClusterState {
  readonly controller: InstanceName;
  /** Partitions of all topics. */
  readonly partitions: number;
  readonly topicNames: readonly string[];
  /** Partitions that lack a copy, as `topic-0`. */
  readonly underReplicated: readonly string[];
  /** Partitions that nobody leads. */
  readonly leaderless: readonly string[];
  /** Partitions led by another than the first of their replicas. */
  readonly misled: readonly TopicPartitions[];
  /** Declared topics that are there. */
  readonly topics: readonly TopicState[];
  /** Whether the topic of the consumers' positions is there; Kafka makes it for the first group. */
  readonly hasOffsetsTopic: boolean;
  /** Planned users that are not as planned, and former passwords that should be gone. */
  readonly wrongUsers: readonly { readonly user: string; readonly difference: string }[];
  /** The planned users' permissions. */
  readonly acls: readonly Acl[];
}

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface TopicState {
  readonly name: string;
  /** Replicas of each partition, in its order. */
  readonly replicas: readonly (readonly number[])[];
  /** Settings of the topic itself. */
  readonly config: Readonly<Record<string, string>>;
}

export const isUp = (broker: BrokerState): broker is BrokerUp => broker.up;
