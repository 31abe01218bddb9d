/** `services.kafka` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, KA). */
import { z } from "zod";
import { described } from "../../spec/described.ts";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";
import { appUser, operatorUser, reservedAccounts } from "./names.ts";
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
  partitions: described(
    z.number().int().min(1).max(1_000).optional(),
    "Left out: as many as topics get by default. More can be added later, never fewer",
    "不设置时：采用主题的默认分区数。以后只能增加，不能减少",
  ),
  replicationFactor: described(
    z.number().int().min(1).max(9).optional(),
    "Copies of each partition. Left out: replicationFactor of the service",
    "每个分区的副本数。不设置时：采用服务的 replicationFactor",
  ),
  config: described(
    z.partialRecord(z.enum(topicSettings), setting).default({}),
    "Settings of the topic, such as retention.ms; a setting that is not here is the brokers' default",
    "主题的设置，例如 retention.ms；未写出的采用 broker 的默认值",
  ),
});

const accountName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, "a lower-case name of a-z, 0-9 and -, at most 31 characters")
  .refine((name) => !reservedAccounts.has(name), "a name that mallstack itself uses");

const account = z.strictObject({
  writes: described(
    z.array(topicName).default([]),
    "Topics that it may write to; of the declared ones the application's user only reads those",
    "可写入的主题；已声明的主题若在此列，应用用户只能读取",
  ),
  reads: described(
    z.array(topicName).default([]),
    "Topics that it may read, in groups whose names begin with its own and a dot",
    "可读取的主题；消费组名称须以账号名加点开头",
  ),
});

export const kafkaSpec = z.strictObject({
  memory: described(
    bytes().prefault("2Gi"),
    "Memory limit of each broker; its heap follows from it",
    "每个 broker 的内存上限；堆大小由此得出",
  ),
  cpus: described(
    cores().default(2),
    "Limit in cores of each broker; its threads follow from it",
    "每个 broker 的 CPU 核数上限；线程数由此得出",
  ),
  storage: described(
    bytes().prefault("20Gi"),
    "Size of each broker's volume claim (Kubernetes)",
    "每个 broker 的 PVC 大小（Kubernetes）",
  ),
  brokers: described(
    z.number().int().min(1).max(9).default(3),
    "Brokers, with the ids 1, 2, 3 …",
    "broker 的数量，ID 依次为 1、2、3……",
  ),
  partitions: described(
    z.number().int().min(1).max(1_000).default(3),
    "Partitions of a topic that does not say how many",
    "未指定分区数的主题的分区数",
  ),
  replicationFactor: described(
    z.number().int().min(1).max(9).default(3),
    "Copies of each partition of a topic that does not say how many, and of Kafka's own topics",
    "每个分区的副本数，用于未指定副本数的主题以及 Kafka 自身的主题",
  ),
  minInSyncReplicas: described(
    z.number().int().min(1).max(9).default(2),
    "Copies that must have a record before a producer with acks=all is told that it is kept",
    "acks=all 的生产者收到确认之前，须已写入该记录的同步副本（ISR）数",
  ),
  autoCreateTopics: described(
    z.boolean().default(true),
    "Whether writing to a topic that is not there makes it, as the deployment plan says",
    "写入不存在的主题时是否自动创建；部署方案要求启用",
  ),
  retention: described(
    milliseconds().prefault("7d"),
    "Records older than this are deleted",
    "超过此时长的记录会被删除",
  ),
  retentionBytes: described(
    bytes().prefault("1Gi"),
    "A partition larger than this loses its oldest records",
    "分区超过此大小时，删除其中最早的记录",
  ),
  maxMessage: described(
    bytes().prefault("1Mi"),
    "Largest batch of records that is taken (message.max.bytes); consumers and copies are sized for it",
    "可接受的最大记录批次（message.max.bytes）；消费者和副本的上限随之设定",
  ),
  applicationPrefixes: described(
    z
      .array(z.string().regex(/^(?!__)[A-Za-z0-9._-]{1,100}$/, "the beginning of a topic's name"))
      .default(["mall."]),
    "The application's user may use, and create, topics, groups and transactions that begin so",
    "应用用户可以使用和创建名称以此开头的主题、消费组和事务",
  ),
  topics: described(
    z.record(topicName, topic).default({}),
    "Topics that are created and kept as described; the application's user may read and write them",
    "按此处描述创建并维持的主题；应用用户可读写",
  ),
  accounts: described(
    z.record(accountName, account).default({}),
    "Further applications: an account each, with a password of its own and only the topics named here",
    "其他应用的账号：各有自己的密码，且只能使用此处列出的主题",
  ),
  settings: described(
    z.record(z.string().regex(/^[a-z][a-z0-9.]*$/, "a broker setting's name"), setting).default({}),
    "Further settings of server.properties, over the platform's own",
    "server.properties 的其他设置，优先于平台自身的设置",
  ),
});

export type KafkaSpec = z.output<typeof kafkaSpec>;

/** What a profile sets where the user says nothing. */
export const kafkaProfiles: Readonly<Record<ProfileName, z.input<typeof kafkaSpec>>> = {
  small: { memory: "768Mi", storage: "5Gi", retentionBytes: "256Mi" },
  standard: {},
  production: { memory: "8Gi", cpus: 4, storage: "200Gi", retentionBytes: "10Gi", partitions: 6 },
};

/** Pure. Everybody who logs in by password, the application's user first. */
export const usersOf = (spec: KafkaSpec): readonly string[] => [
  appUser,
  operatorUser,
  ...Object.keys(spec.accounts),
];

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
