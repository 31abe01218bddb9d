/** What is wrong with the topics that a spec declares. */
import type { Finding } from "../../rules/finding.ts";
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import { type KafkaSpec, type WantedTopic, wantedTopics } from "./spec.ts";

const manual = "https://kafka.apache.org/39/documentation.html";

export const topicRules = (spec: KafkaSpec): readonly Finding[] => [
  ...wantedTopics(spec).flatMap((topic) => [
    ...copies(spec, topic),
    ...inSync(spec, topic),
    ...message(spec, topic),
  ]),
  ...Object.keys(spec.accounts).flatMap((account) => accountTopics(spec, account)),
];

/** An account creates no topic, so that one which nobody declared is there only if the application makes it. */
function accountTopics(spec: KafkaSpec, account: string): readonly Finding[] {
  const { writes = [], reads = [] } = spec.accounts[account] ?? {};
  const isMade = (name: string): boolean =>
    name in spec.topics || spec.applicationPrefixes.some((prefix) => name.startsWith(prefix));
  return [...new Set([...writes, ...reads])]
    .filter((name) => !isMade(name))
    .map((name) => ({
      id: "KA-ACCOUNT-TOPIC",
      severity: "error",
      path: `services.kafka.accounts.${account}`,
      reason: text(
        `The account ${account} is given topic ${name}, which is not declared, and it may create none.`,
        `账号 ${account} 被授予主题 ${name}，但该主题未声明，且该账号不能创建主题。`,
      ),
      fix: text(
        `Declare ${name} under services.kafka.topics.`,
        `请在 services.kafka.topics 中声明 ${name}。`,
      ),
      source: `${manual}#operations_resources_and_protocols`,
      acceptable: false,
    }));
}

/** A topic that follows the service's own figure is the service's matter. */
function copies(spec: KafkaSpec, { name, replicationFactor }: WantedTopic): readonly Finding[] {
  if (replicationFactor <= spec.brokers || spec.topics[name]?.replicationFactor === undefined) return [];
  return [
    {
      id: "KA-TOPIC-COPIES",
      severity: "error",
      path: `services.kafka.topics.${name}.replicationFactor`,
      reason: text(
        `Topic ${name} asks for ${replicationFactor} copies and there are ${spec.brokers} brokers, each of which can have one: it cannot be created.`,
        `主题 ${name} 要求 ${replicationFactor} 个副本，而 broker 只有 ${spec.brokers} 个，每个最多存放一个：无法创建。`,
      ),
      fix: text(`Use ${spec.brokers} or less.`, `请使用不超过 ${spec.brokers} 的值。`),
      source: `${manual}#basic_ops_add_topic`,
      acceptable: false,
    },
  ];
}

function inSync(spec: KafkaSpec, { name, replicationFactor, config }: WantedTopic): readonly Finding[] {
  const required = Number(config["min.insync.replicas"] ?? spec.minInSyncReplicas);
  const isOwn =
    config["min.insync.replicas"] !== undefined || spec.topics[name]?.replicationFactor !== undefined;
  if (!isOwn || required < replicationFactor || (required === 1 && replicationFactor === 1)) return [];
  const never = required > replicationFactor;
  return [
    {
      id: "KA-TOPIC-INSYNC",
      severity: never ? "error" : "warning",
      path: `services.kafka.topics.${name}`,
      reason: never
        ? text(
            `Topic ${name} has ${replicationFactor} copies and requires ${required} in sync: no producer with acks=all can write to it.`,
            `主题 ${name} 有 ${replicationFactor} 个副本，却要求 ${required} 个同步：acks=all 的生产者永远无法写入。`,
          )
        : text(
            `Topic ${name} requires all of its ${required} copies: writing stops as soon as one broker is away.`,
            `主题 ${name} 要求其 ${required} 个副本全部同步：只要一个 broker 不在就无法写入。`,
          ),
      fix: text(
        "Set min.insync.replicas of the topic below its replicationFactor.",
        "请将该主题的 min.insync.replicas 设为小于 replicationFactor。",
      ),
      source: `${manual}#topicconfigs_min.insync.replicas`,
      acceptable: !never,
    },
  ];
}

function message(spec: KafkaSpec, { name, config }: WantedTopic): readonly Finding[] {
  const largest = Number(config["max.message.bytes"] ?? 0);
  if (largest <= spec.maxMessage) return [];
  return [
    {
      id: "KA-TOPIC-MESSAGE",
      severity: "warning",
      path: `services.kafka.topics.${name}.config.max.message.bytes`,
      reason: text(
        `Topic ${name} takes batches of ${formatBytes(largest)}; copies are sized for maxMessage, ${formatBytes(spec.maxMessage)}: a larger one is copied alone and slowly.`,
        `主题 ${name} 接受 ${formatBytes(largest)} 的批次，而副本按 maxMessage（${formatBytes(spec.maxMessage)}）配置：更大的批次只能单独且缓慢地复制。`,
      ),
      fix: text("Raise services.kafka.maxMessage as well.", "请同时调高 services.kafka.maxMessage。"),
      source: `${manual}#topicconfigs_max.message.bytes`,
      acceptable: true,
    },
  ];
}
