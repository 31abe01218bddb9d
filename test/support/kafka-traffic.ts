/**
 * An application of the brokers while something happens to them: numbered records with acks=all whose consumer must see
 * each one, over connections that stay, and new connections all the time, each with the files as they are then.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import type { SecretReader } from "../../packages/platform/src/services/service.ts";
import { type RunningTraffic, startTraffic } from "./traffic.ts";

export interface KafkaTarget {
  /** `host:port` of each broker, from here. */
  readonly brokers: readonly string[];
  readonly user: string;
  readonly secrets: SecretReader;
  /** Id of the user's password. */
  readonly password: string;
  /** One that the user may write, read and create. */
  readonly topic: string;
}

export interface KafkaLogin {
  readonly ca: string;
  readonly password: string;
}

export const presentKafkaLogin = async ({ secrets, password }: KafkaTarget): Promise<KafkaLogin> => {
  const [{ ca }, value] = await Promise.all([secrets.identity(), secrets.value(password)]);
  return { ca, password: value };
};

/** A client as an application has it. Without `retries` it gives the first refusal as its error. */
export const kafkaClient = (
  { brokers, user }: Pick<KafkaTarget, "brokers" | "user">,
  login: KafkaLogin,
  retries = 30,
): Kafka =>
  new Kafka({
    clientId: "traffic",
    brokers: [...brokers],
    ssl: { ca: login.ca },
    sasl: { mechanism: "scram-sha-512", username: user, password: login.password },
    connectionTimeout: 10_000,
    authenticationTimeout: 10_000,
    requestTimeout: 15_000,
    retry: { retries, initialRetryTime: 100, maxRetryTime: 1_000 },
    logLevel: logLevel.NOTHING,
  });

/** One new connection, one record, the end. @throws what the application would see */
export async function sendOnce(
  target: Pick<KafkaTarget, "brokers" | "user">,
  login: KafkaLogin,
  topic: string,
  value: string,
  retries = 0,
): Promise<void> {
  const producer = kafkaClient(target, login, retries).producer();
  try {
    await producer.connect();
    await producer.send({ topic, acks: -1, messages: [{ value }] });
  } finally {
    await producer.disconnect().catch(() => {});
  }
}

export interface KafkaTraffic extends RunningTraffic {
  /** Records that were acknowledged so far. */
  acknowledged(): number;
}

/**
 * How long the consumer may take for what is left after the last record, ms. A group whose coordinator was killed
 * is taken up by another one when the sessions of its members are over.
 */
const drainMs = 60_000;

/** Runs until stopped. */
export async function startKafkaTraffic(target: KafkaTarget): Promise<KafkaTraffic> {
  const { topic } = target;
  const client = kafkaClient(target, await presentKafkaLogin(target));
  const run = `${Date.now()}`;
  const producer = client.producer({ allowAutoTopicCreation: true });
  const consumer = client.consumer({
    groupId: `${topic}.${run}`,
    sessionTimeout: 12_000,
    heartbeatInterval: 1_000,
  });
  const ledger: string[] = [];
  const seen = new Set<string>();
  await producer.connect();
  // The topic is there before anybody subscribes.
  await producer.send({ topic, acks: -1, messages: [{ value: "first" }] });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      seen.add(String(message.value));
    },
  });
  const traffic = startTraffic({
    pauseMs: { request: 20, connect: 50 },
    async request(n) {
      const value = `${run} ${n}`;
      await producer.send({ topic, acks: -1, messages: [{ value }] });
      ledger.push(value);
      return 1;
    },
    async connect(n) {
      const value = `${run} new ${n}`;
      await sendOnce(target, await presentKafkaLogin(target), topic, value, 30);
      ledger.push(value);
    },
    close: () => {},
  });
  // After an error that another broker may not have, it begins anew by itself.
  consumer.on("consumer.crash", ({ payload }) => {
    if (!payload.restart) traffic.fail("consumer", payload.error);
  });
  return {
    fail: traffic.fail,
    acknowledged: () => ledger.length,
    async stop() {
      const result = await traffic.stop();
      const lost = () => ledger.filter((value) => !seen.has(value));
      for (const end = Date.now() + drainMs; lost().length > 0 && Date.now() < end; ) await sleep(100);
      const missing = lost();
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
      return {
        ...result,
        failures: [
          ...result.failures,
          ...(missing.length === 0
            ? []
            : [`${missing.length} of ${ledger.length} acknowledged records never seen: ${missing[0]}`]),
        ],
      };
    },
  };
}
