/**
 * The bus on Kafka, by kafkajs. Whatever goes wrong with a client, a new one is made with the password and CA as
 * their files hold them then; nothing here is worth keeping, since the outbox and the committed offsets say where
 * to go on.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, type KafkaConfig, logLevel, Partitioners, type Producer } from "kafkajs";
import { caOf, type KafkaSettings, passwordOf } from "../connect.ts";
import type { Bus, DeliveredRecord, OutgoingRecord, Publisher, Subscribed, Subscription } from "./bus.ts";
import { type Topic, topics } from "./schema.ts";

/** A broker that is killed has a successor for its partitions after some seconds; past that a new client is made. */
const requestTimeoutMs = 10_000;
const sessionTimeoutMs = 15_000;
const pauseMs = 500;
const longestPauseMs = 5_000;

function client(settings: KafkaSettings, retries: number): Kafka {
  const ca = caOf(settings);
  const password = passwordOf(settings);
  const config: KafkaConfig = {
    clientId: "storefront",
    brokers: [...settings.brokers],
    connectionTimeout: 5_000,
    authenticationTimeout: 5_000,
    requestTimeout: requestTimeoutMs,
    retry: { retries, initialRetryTime: 100, maxRetryTime: 1_000 },
    logLevel: logLevel.NOTHING,
    ...(ca === undefined ? {} : { ssl: { ca } }),
    ...(password === undefined || settings.user === undefined
      ? {}
      : { sasl: { mechanism: "scram-sha-512", username: settings.user, password } }),
  };
  return new Kafka(config);
}

/** Topics that are not there are made with the brokers' defaults; those that are, are left as they are. */
async function ensureTopics(kafka: Kafka): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const wanted = Object.values(topics);
    const known = new Set(await admin.listTopics());
    const missing = wanted.filter((topic) => !known.has(topic));
    if (missing.length > 0)
      await admin.createTopics({ waitForLeaders: true, topics: missing.map((topic) => ({ topic })) });
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Nothing is connected before it is used. */
export function kafkaBus(settings: KafkaSettings): Bus {
  return {
    publisher: publisher(settings),
    subscribe: (subscription) => subscribe(settings, subscription),
    readAll: (topic, each) => readAll(settings, topic, each),
    close: async () => {},
  };
}

function publisher(settings: KafkaSettings): Publisher {
  let ready: Promise<Producer> | undefined;

  const connect = async (): Promise<Producer> => {
    const kafka = client(settings, 8);
    await ensureTopics(kafka);
    // kafkajs may not try again by itself: when one broker of a batch has answered and another one dies, and a partition
    // of the dead one moves to that which has answered, its retry leaves the partition out and reports success
    // (2.2.4, producer/sendMessages.js: `brokersWithoutResponse`). A failure goes up, and the relay publishes the whole
    // batch again; what comes twice is dropped by its id. Keys are hashed as Java's clients do.
    const producer = kafka.producer({
      maxInFlightRequests: 1,
      retry: { retries: 0 },
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return producer;
  };

  const dispose = async (): Promise<void> => {
    const old = ready;
    ready = undefined;
    await old?.then((producer) => producer.disconnect()).catch(() => {});
  };

  return {
    publish: async (records) => {
      ready ??= connect();
      try {
        const producer = await ready;
        await producer.sendBatch({ acks: -1, topicMessages: byTopic(records) });
      } catch (error) {
        // The next one begins with the brokers, password and CA as they are then.
        await dispose();
        throw error;
      }
    },
    close: dispose,
  };
}

const byTopic = (records: readonly OutgoingRecord[]) =>
  [...new Set(records.map((record) => record.topic))].map((topic) => ({
    topic,
    messages: records
      .filter((record) => record.topic === topic)
      .map(({ key, value, eventId }) => ({ key, value, headers: { "event-id": eventId } })),
  }));

async function subscribe(settings: KafkaSettings, subscription: Subscription): Promise<Subscribed> {
  const { group, topic, onError } = subscription;
  const stop = new AbortController();

  /** One consumer's life: until it crashes or is told to stop. */
  const live = async (): Promise<void> => {
    const kafka = client(settings, 5);
    await ensureTopics(kafka);
    const own = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: 20_000,
      heartbeatInterval: 2_000,
      maxWaitTimeInMs: 200,
      allowAutoTopicCreation: false,
      // A crash ends this consumer: the next one is made here, with the files as they are then.
      retry: { restartOnFailure: async () => false },
    });

    const crashed = new Promise<unknown>((resolve) => {
      own.on(own.events.CRASH, ({ payload }) => resolve(payload.error));
    });
    const stopped = new Promise<undefined>((resolve) =>
      stop.signal.addEventListener("abort", () => resolve(undefined), { once: true }),
    );
    try {
      await own.connect();
      await own.subscribe({ topics: [topic], fromBeginning: true });
      await own.run({
        eachBatchAutoResolve: false,
        eachBatch: async ({
          batch,
          resolveOffset,
          heartbeat,
          commitOffsetsIfNecessary,
          isRunning,
          isStale,
        }) => {
          const records = batch.messages.map((message) => delivered(batch.topic, batch.partition, message));
          let failures = 0;
          while (isRunning() && !isStale() && !stop.signal.aborted) {
            try {
              await subscription.take(records);
              const last = records.at(-1);
              if (last !== undefined) resolveOffset(last.offset);
              await commitOffsetsIfNecessary();
              return;
            } catch (error) {
              onError(error);
              await sleep(Math.min(longestPauseMs, pauseMs * 2 ** failures), undefined, {
                signal: stop.signal,
              }).catch(() => {});
              failures = Math.min(failures + 1, 10);
              // Throws when the partition is another member's by now: it goes on from the last commit.
              await heartbeat();
            }
          }
        },
      });
      const error = await Promise.race([crashed, stopped]);
      if (error !== undefined) throw error;
    } finally {
      await own.disconnect().catch(() => {});
    }
  };

  const life = (async () => {
    for (let failures = 0; !stop.signal.aborted; ) {
      const began = Date.now();
      try {
        await live();
      } catch (error) {
        if (stop.signal.aborted) break;
        onError(error);
        failures = Date.now() - began > 30_000 ? 0 : failures + 1;
        await sleep(Math.min(longestPauseMs, pauseMs * 2 ** failures), undefined, {
          signal: stop.signal,
        }).catch(() => {});
      }
    }
  })();
  return {
    stop: async () => {
      stop.abort();
      // Leaving the group at once lets another member take over without waiting for the session to time out.
      await Promise.race([life, sleep(10_000, undefined, { ref: false })]);
    },
  };
}

const delivered = (
  topic: string,
  partition: number,
  message: { readonly offset: string; readonly key: Buffer | null; readonly value: Buffer | null },
): DeliveredRecord => ({
  topic,
  partition,
  offset: message.offset,
  key: message.key?.toString("utf8") ?? "",
  value: message.value?.toString("utf8") ?? "",
});

const readAllTimeoutMs = 60_000;

/** By a group of its own that commits nothing, and so leaves nothing behind. */
async function readAll(
  settings: KafkaSettings,
  topic: Topic,
  each: (record: DeliveredRecord) => void,
): Promise<void> {
  const kafka = client(settings, 8);
  await ensureTopics(kafka);
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect());
  const left = new Map(
    ends
      .filter(({ low, high }) => BigInt(high) > BigInt(low))
      .map((end) => [end.partition, BigInt(end.high)]),
  );
  if (left.size === 0) return;
  const consumer = kafka.consumer({
    groupId: `mall.storefront.check.${randomBytes(6).toString("hex")}`,
    maxWaitTimeInMs: 200,
    allowAutoTopicCreation: false,
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`topic ${topic} was not read within ${readAllTimeoutMs} ms`)),
        readAllTimeoutMs,
      );
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        clearTimeout(timer);
        reject(payload.error);
      });
      // A batch may hold nothing but what is past the end as it was asked for.
      const passed = (partition: number, offset: bigint) => {
        const end = left.get(partition);
        if (end !== undefined && offset + 1n >= end) left.delete(partition);
        if (left.size === 0) done();
      };
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch, heartbeat }) => {
            for (const message of batch.messages) {
              const end = left.get(batch.partition);
              if (end !== undefined && BigInt(message.offset) < end)
                each(delivered(batch.topic, batch.partition, message));
            }
            passed(batch.partition, BigInt(batch.lastOffset()));
            await heartbeat();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect().catch(() => {});
  }
}
