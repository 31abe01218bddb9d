/** `services.kafka` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, KA). */
import { z } from "zod";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";
import { topicSettings } from "./topic-settings.ts";

/** Names that begin with two underscores are the brokers' own. */
const topicName = z
  .string()
  .regex(
    /^(?!__)[A-Za-z0-9._-]{1,249}$/,
    "a topic's name: letters, digits, ., _ and -, not beginning with __",
  );

const setting = z.union([z.string().regex(/^[^\n\r]*$/, "one line"), z.number(), z.boolean()]);

const topic = z.strictObject({
  partitions: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe("Left out: as many as topics get by default. More can be added later, never fewer"),
  replicationFactor: z
    .number()
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe("Copies of each partition. Left out: replicationFactor of the service"),
  config: z
    .partialRecord(z.enum(topicSettings), setting)
    .default({})
    .describe(
      "Settings of the topic, such as retention.ms; a setting that is not here is the brokers' default",
    ),
});

export const kafkaSpec = z.strictObject({
  memory: bytes().prefault("2Gi").describe("Memory limit of each broker; its heap follows from it"),
  cpus: cores().default(2).describe("Limit in cores of each broker; its threads follow from it"),
  storage: bytes().prefault("20Gi").describe("Size of each broker's volume claim (Kubernetes)"),
  brokers: z.number().int().min(1).max(9).default(3).describe("Brokers, with the ids 1, 2, 3 …"),
  partitions: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(3)
    .describe("Partitions of a topic that does not say how many"),
  replicationFactor: z
    .number()
    .int()
    .min(1)
    .max(9)
    .default(3)
    .describe("Copies of each partition of a topic that does not say how many, and of Kafka's own topics"),
  minInSyncReplicas: z
    .number()
    .int()
    .min(1)
    .max(9)
    .default(2)
    .describe("Copies that must have a record before a producer with acks=all is told that it is kept"),
  autoCreateTopics: z
    .boolean()
    .default(true)
    .describe("Whether writing to a topic that is not there makes it, as the deployment plan says"),
  retention: milliseconds().prefault("7d").describe("Records older than this are deleted"),
  retentionBytes: bytes().prefault("1Gi").describe("A partition larger than this loses its oldest records"),
  maxMessage: bytes()
    .prefault("1Mi")
    .describe(
      "Largest batch of records that is taken (message.max.bytes); consumers and copies are sized for it",
    ),
  applicationPrefixes: z
    .array(z.string().regex(/^(?!__)[A-Za-z0-9._-]{1,100}$/, "the beginning of a topic's name"))
    .default(["mall."])
    .describe("The application's user may use, and create, topics, groups and transactions that begin so"),
  topics: z
    .record(topicName, topic)
    .default({})
    .describe(
      "Topics that are created and kept as described; the application's user may read and write them",
    ),
  settings: z
    .record(z.string().regex(/^[a-z][a-z0-9.]*$/, "a broker setting's name"), setting)
    .default({})
    .describe("Further settings of server.properties, over the platform's own"),
});

export type KafkaSpec = z.output<typeof kafkaSpec>;

/** What a profile sets where the user says nothing. */
export const kafkaProfiles: Readonly<Record<ProfileName, z.input<typeof kafkaSpec>>> = {
  small: { memory: "768Mi", storage: "5Gi", retentionBytes: "256Mi" },
  standard: {},
  production: { memory: "8Gi", cpus: 4, storage: "200Gi", retentionBytes: "10Gi", partitions: 6 },
};

/** A declared topic with what it leaves out filled in. */
export interface WantedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

export const wantedTopics = (spec: KafkaSpec): readonly WantedTopic[] =>
  Object.entries(spec.topics).map(([name, wanted]) => ({
    name,
    partitions: wanted.partitions ?? spec.partitions,
    replicationFactor: wanted.replicationFactor ?? spec.replicationFactor,
    config: Object.fromEntries(Object.entries(wanted.config).map(([key, value]) => [key, `${value}`])),
  }));
