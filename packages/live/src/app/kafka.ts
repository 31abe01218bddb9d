/**
 * Publishing by kafkajs. Whatever goes wrong with a client, a new one is made with the password and CA as their files
 * hold them then. The topic is the platform's to make: this account may write to it and no more.
 */
import { isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { type ISocketFactory, Kafka, logLevel, Partitioners, type Producer } from "kafkajs";
import type { Config } from "./config.ts";
import type { Publish } from "./relay.ts";
import type { Secrets } from "./secrets.ts";

export interface Publisher {
  readonly publish: Publish;
  close(): Promise<void>;
}

/** A broker that is killed has a successor for its partitions after some seconds; past that a new client is made. */
const requestTimeoutMs = 10_000;
const connectTimeoutMs = 5_000;
const keepAliveMs = 60_000;

/** Nothing is connected before it is used. */
export function kafkaPublisher(settings: NonNullable<Config["kafka"]>, secrets: Secrets): Publisher {
  let ready: Promise<Producer> | undefined;

  const connect = async (): Promise<Producer> => {
    const kafka = new Kafka({
      clientId: "live-app",
      brokers: settings.brokers.map(({ host, port }) => `${host}:${port}`),
      connectionTimeout: connectTimeoutMs,
      authenticationTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
      logLevel: logLevel.NOTHING,
      ssl: { ca: secrets.read("ca.crt"), minVersion: "TLSv1.2" },
      socketFactory: verifiedBy(settings.brokers),
      sasl: {
        mechanism: "scram-sha-512",
        username: settings.user,
        password: secrets.read("kafka.password"),
      },
    });
    // kafkajs may not try again by itself: when one broker of a batch has answered and another one dies, and a partition
    // of the dead one moves to that which has answered, its retry leaves the partition out and reports success
    // (2.2.4, producer/sendMessages.js: `brokersWithoutResponse`). A failure goes up, and the relay publishes the whole
    // batch again. Keys are hashed as Java's clients do.
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
    publish: async (events) => {
      ready ??= connect();
      try {
        const producer = await ready;
        await producer.send({
          topic: settings.topic,
          acks: -1,
          messages: events.map(({ room, text, eventId }) => ({
            key: room,
            value: text,
            headers: { "event-id": eventId },
          })),
        });
      } catch (error) {
        await dispose();
        throw error;
      }
    },
    close: dispose,
  };
}

/** Brokers are known by the names that are configured for them; one that they tell of by its own. */
const verifiedBy =
  (brokers: NonNullable<Config["kafka"]>["brokers"]): ISocketFactory =>
  ({ host, port, ssl, onConnect }) => {
    const known = brokers.find((broker) => broker.host === host && broker.port === port)?.serverName;
    const servername = known ?? (isIP(host) === 0 ? host : undefined);
    const socket = connectTls(
      { ...ssl, host, port, ...(servername === undefined ? {} : { servername }) },
      onConnect,
    );
    return socket.setKeepAlive(true, keepAliveMs);
  };
