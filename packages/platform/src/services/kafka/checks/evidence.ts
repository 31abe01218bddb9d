/** What the checks share: the brokers' settings as they are, and a topic of the check's own. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../errors.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { type Text, text } from "../../../text.ts";
import type { Check, Ctx, Evidence } from "../../service.ts";
import { instancesOf, withBroker } from "../client.ts";
import { kafkaError } from "../errors.ts";
import { brokerIdOf } from "../names.ts";
import { brokerConfig, controllerOf, observeBroker } from "../observe.ts";
import { recordsFrom } from "../partition.ts";
import { createTopics, deleteTopics } from "../protocol/apis.ts";
import { metadata, produce } from "../protocol/data-apis.ts";
import { errorName, requireNone } from "../protocol/errors.ts";
import { encodeBatch } from "../protocol/records.ts";
import type { KafkaSpec } from "../spec.ts";

export type KafkaCheck = Check<KafkaSpec>;
export { deviates, failed, passed } from "../../verdict.ts";

export const onAllBrokers = (count: number): Text =>
  text(`on all ${count} brokers`, `${count} 个 broker 均如此`);

/** Holds the settings in effect of every broker against what they should be; one that cannot be read is never right. */
export async function settingsAre(
  ctx: Ctx<KafkaSpec>,
  wanted: Readonly<Record<string, string>>,
): Promise<{ readonly right: boolean; readonly evidence: readonly Evidence[] }> {
  const keys = Object.keys(wanted);
  const looks = await Promise.all(
    instancesOf(ctx).map(async (instance) => {
      try {
        const config = await withBroker(ctx, instance, (broker) =>
          brokerConfig(broker, brokerIdOf(instance), keys),
        );
        return {
          right: keys.every((key) => config.get(key) === wanted[key]),
          evidence: {
            from: instance,
            read: keys.map((key) => `${key}=${config.get(key) ?? "?"}`).join(", "),
          },
        };
      } catch (error) {
        return { right: false, evidence: { from: instance, read: messageOf(error) } };
      }
    }),
  );
  return { right: looks.length > 0 && looks.every((l) => l.right), evidence: looks.map((l) => l.evidence) };
}

/** @throws KAFKA_NO_CONTROLLER */
export async function controller(ctx: Ctx<KafkaSpec>): Promise<InstanceName> {
  const found = controllerOf(await Promise.all(instancesOf(ctx).map((one) => observeBroker(ctx, one))));
  if (found === undefined) throw kafkaError.KAFKA_NO_CONTROLLER({});
  return found;
}

export interface Partition {
  readonly leader: InstanceName;
  readonly leaderId: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

const timeoutMs = 15_000;

/** Who leads the one partition of a topic; undefined while nobody does. Asked of whoever answers. */
export async function partitionOf(ctx: Ctx<KafkaSpec>, topic: string): Promise<Partition | undefined> {
  const instances = instancesOf(ctx);
  for (const instance of instances) {
    const seen = await withBroker(ctx, instance, (broker) =>
      broker.call(metadata, {
        topics: [{ name: topic }],
        allowAutoTopicCreation: false,
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false,
      }),
    ).catch(() => undefined);
    const partition = seen?.topics[0]?.partitions[0];
    const leader = instances.find((one) => brokerIdOf(one) === partition?.leader);
    if (partition !== undefined && leader !== undefined)
      return { leader, leaderId: partition.leader, replicas: partition.replicas, inSync: partition.inSync };
  }
  return undefined;
}

/** Runs `work` with a fresh topic of one partition, which is deleted whatever comes of it. */
export async function withTopic<T>(
  ctx: Ctx<KafkaSpec>,
  replicationFactor: number,
  work: (topic: string) => Promise<T>,
): Promise<T> {
  const name = `mall-check-${randomBytes(4).toString("hex")}`;
  const at = await controller(ctx);
  await withBroker(
    ctx,
    at,
    async (broker) => {
      const { topics } = await broker.call(createTopics, {
        topics: [{ name, partitions: 1, replicationFactor, assignments: [], configs: [] }],
        timeoutMs,
        validateOnly: false,
      });
      for (const topic of topics) requireNone(`topic ${name}`, topic);
    },
    { timeoutMs },
  );
  try {
    await until(async () => (await partitionOf(ctx, name))?.inSync.length === replicationFactor);
    return await work(name);
  } finally {
    await removeTopic(ctx, name);
  }
}

export async function removeTopic(ctx: Ctx<KafkaSpec>, name: string): Promise<void> {
  // Another broker may be the controller by now.
  const remove = async () => {
    const at = await controller(ctx);
    const { topics } = await withBroker(ctx, at, (broker) =>
      broker.call(deleteTopics, { names: [name], timeoutMs }),
    );
    return topics.every((topic) =>
      ["NONE", "UNKNOWN_TOPIC_OR_PARTITION"].includes(errorName(topic.errorCode)),
    );
  };
  await until(() => remove().catch(() => false));
}

/** @returns whether it came true within `withinMs` */
export async function until(isTrue: () => Promise<boolean>, withinMs = 10_000): Promise<boolean> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(150)) {
    if (await isTrue()) return true;
  }
  return false;
}

/** Answers of a broker that has yet to hear of the topic, or that it leads it: any client asks again. */
const notYet = ["UNKNOWN_TOPIC_OR_PARTITION", "NOT_LEADER_OR_FOLLOWER"];

/**
 * Writes one batch with acks=all to the partition's leader. @returns the error's name, `NONE` when it is acknowledged
 * @throws when there is no leader, or no answer
 */
export async function write(
  ctx: Ctx<KafkaSpec>,
  topic: string,
  values: readonly Uint8Array[],
): Promise<{ readonly error: string; readonly offset: bigint }> {
  let result = await writeOnce(ctx, topic, values);
  await until(async () => {
    if (!notYet.includes(result.error)) return true;
    result = await writeOnce(ctx, topic, values);
    return false;
  }, 5_000);
  return result;
}

async function writeOnce(
  ctx: Ctx<KafkaSpec>,
  topic: string,
  values: readonly Uint8Array[],
): Promise<{ readonly error: string; readonly offset: bigint }> {
  const partition = await partitionOf(ctx, topic);
  if (partition === undefined) throw new Error(`nobody leads ${topic}-0`);
  const answer = await withBroker(
    ctx,
    partition.leader,
    (broker) =>
      broker.call(produce, {
        transactionalId: null,
        acks: -1,
        timeoutMs,
        topics: [{ name: topic, partitions: [{ index: 0, records: encodeBatch(values, Date.now()) }] }],
      }),
    { timeoutMs },
  );
  const result = answer.topics[0]?.partitions[0];
  if (result === undefined) throw new Error("no answer about the partition");
  return { error: errorName(result.errorCode), offset: result.baseOffset };
}

/** All records of a topic's one partition, in order. */
export async function readAll(ctx: Ctx<KafkaSpec>, topic: string): Promise<readonly Buffer[]> {
  const partition = await partitionOf(ctx, topic);
  if (partition === undefined) throw new Error(`nobody leads ${topic}-0`);
  return withBroker(
    ctx,
    partition.leader,
    async (broker) => {
      const records = await recordsFrom(broker, topic, 0, 0n, { maxBytes: 32 * 2 ** 20, maxWaitMs: 500 });
      return records.map((one) => one.value);
    },
    { timeoutMs },
  );
}
