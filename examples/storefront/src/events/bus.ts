/** What the shop needs of a message broker. kafka.ts fulfils it; tests have one in memory that loses answers. */
import type { Topic } from "./schema.ts";

export interface OutgoingRecord {
  readonly topic: Topic;
  /** Records of one key keep their order. */
  readonly key: string;
  readonly eventId: string;
  readonly value: string;
}

export interface Publisher {
  /**
   * Resolves once every record is on all in-sync replicas. A failure leaves open which of them are: publishing all
   * of them again is what it takes.
   */
  publish(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

export interface DeliveredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly value: string;
}

export interface Subscription {
  /** Members with the same name share the work. */
  readonly group: string;
  readonly topic: Topic;
  /**
   * Takes records of one partition, in order. They count as taken when it resolves; until then, and after any
   * failure, they are delivered again.
   */
  readonly take: (records: readonly DeliveredRecord[]) => Promise<void>;
  /** Told of each failure; taking goes on. */
  readonly onError: (error: unknown) => void;
}

export interface Subscribed {
  stop(): Promise<void>;
}

export interface Bus {
  readonly publisher: Publisher;
  subscribe(subscription: Subscription): Promise<Subscribed>;
  /** Every record that a topic has, from its first to its last as of now, partition by partition. */
  readAll(topic: Topic, each: (record: DeliveredRecord) => void): Promise<void>;
  close(): Promise<void>;
}
