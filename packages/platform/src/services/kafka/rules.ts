/** What is wrong or risky in a Kafka spec before anything runs. */
import type { Finding } from "../../rules/finding.ts";
import type { Site } from "../../spec/site.ts";
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import { ownSettings } from "./config.ts";
import { topicRules } from "./rules-topics.ts";
import { besideHeapBytes, leastHeapBytes, sizesOf } from "./sizing.ts";
import type { KafkaSpec } from "./spec.ts";

const manual = "https://kafka.apache.org/39/documentation.html";

export const kafkaRuleIds = [
  "KA-EOL",
  "KA-SPOF",
  "KA-COPIES",
  "KA-INSYNC",
  "KA-INSYNC-LOW",
  "KA-AUTO-CREATE",
  "KA-MEMORY",
  "KA-MESSAGE",
  "KA-SETTING",
  "KA-STORAGE",
  "KA-TOPIC-COPIES",
  "KA-TOPIC-INSYNC",
  "KA-TOPIC-MESSAGE",
  "KA-ACCOUNT-TOPIC",
  "KA-RETENTION",
] as const;

export function kafkaRules(spec: KafkaSpec, site: Site): readonly Finding[] {
  return [
    ...version(site),
    ...copies(spec),
    ...creation(spec),
    ...memory(spec),
    ...settings(spec),
    ...storage(spec),
    ...topicRules(spec),
  ];
}

function version(site: Site): readonly Finding[] {
  if (site.images.kafka !== undefined) return [];
  return [
    {
      id: "KA-EOL",
      severity: "info",
      path: "images.kafka",
      reason: text(
        "Kafka 3.9 is the last line that runs on ZooKeeper, as the deployment plan asks for; 4.0 keeps its state by itself (KRaft). 3.9 gets fixes for a while yet.",
        "Kafka 3.9 是最后一个依赖 ZooKeeper 的版本线，符合部署方案的要求；4.0 起改为自行保存状态（KRaft）。3.9 在一段时间内仍有修复。",
      ),
      fix: text(
        "Nothing to do now. A move to 4.x goes through a 3.9 that was migrated to KRaft.",
        "目前无需处理。升级到 4.x 需要先把 3.9 迁移到 KRaft。",
      ),
      source: `${manual}#zk`,
      acceptable: true,
    },
  ];
}

function copies(spec: KafkaSpec): readonly Finding[] {
  const { brokers, replicationFactor, minInSyncReplicas } = spec;
  const findings: Finding[] = [];
  if (replicationFactor > brokers)
    findings.push({
      id: "KA-COPIES",
      severity: "error",
      path: "services.kafka.replicationFactor",
      reason: text(
        `${replicationFactor} copies of a partition need as many brokers, and there are ${brokers}: no topic could be created.`,
        `分区的 ${replicationFactor} 个副本需要同样多的 broker，而只有 ${brokers} 个：无法创建任何主题。`,
      ),
      fix: text(
        `Set replicationFactor to ${brokers} or less, or brokers to ${replicationFactor} or more.`,
        `请将 replicationFactor 设为不超过 ${brokers}，或将 brokers 设为至少 ${replicationFactor}。`,
      ),
      source: "KA-3",
      acceptable: false,
    });
  if (brokers < 3 || replicationFactor < 3)
    findings.push({
      id: "KA-SPOF",
      severity: "error",
      path: brokers < 3 ? "services.kafka.brokers" : "services.kafka.replicationFactor",
      reason: text(
        `With ${brokers} brokers and ${replicationFactor} copies, records that were acknowledged are lost, or writing stops, when one broker is.`,
        `${brokers} 个 broker、${replicationFactor} 个副本时，失去一个 broker 就会丢失已确认的记录或无法写入。`,
      ),
      fix: text(
        "Set brokers and replicationFactor to 3, and minInSyncReplicas to 2.",
        "请将 brokers 和 replicationFactor 设为 3，minInSyncReplicas 设为 2。",
      ),
      source: "KA-3",
      acceptable: true,
    });
  if (minInSyncReplicas >= replicationFactor && replicationFactor > 1)
    findings.push({
      id: "KA-INSYNC",
      severity: "error",
      path: "services.kafka.minInSyncReplicas",
      reason: text(
        `With ${minInSyncReplicas} of ${replicationFactor} copies required, writing stops as soon as one broker is away, also for a restart.`,
        `要求 ${replicationFactor} 个副本中有 ${minInSyncReplicas} 个同步时，只要一个 broker 不在（包括重启）就无法写入。`,
      ),
      fix: text(
        `Set minInSyncReplicas to ${Math.max(1, replicationFactor - 1)}.`,
        `请将 minInSyncReplicas 设为 ${Math.max(1, replicationFactor - 1)}。`,
      ),
      source: `${manual}#brokerconfigs_min.insync.replicas`,
      acceptable: true,
    });
  else if (minInSyncReplicas < 2 && replicationFactor > 1)
    findings.push({
      id: "KA-INSYNC-LOW",
      severity: "warning",
      path: "services.kafka.minInSyncReplicas",
      reason: text(
        "A producer with acks=all is answered when one copy alone has the record: the loss of that broker loses it.",
        "acks=all 的生产者在仅有一个副本写入时就会得到确认：失去该 broker 即丢失记录。",
      ),
      fix: text("Set minInSyncReplicas to 2.", "请将 minInSyncReplicas 设为 2。"),
      source: `${manual}#brokerconfigs_min.insync.replicas`,
      acceptable: true,
    });
  return findings;
}

function creation(spec: KafkaSpec): readonly Finding[] {
  if (!spec.autoCreateTopics) return [];
  return [
    {
      id: "KA-AUTO-CREATE",
      severity: "warning",
      path: "services.kafka.autoCreateTopics",
      reason: text(
        "The deployment plan has topics made by writing to them: a mistyped name is a new topic, with the default partitions and retention, and nobody notices.",
        "部署方案启用了自动创建主题：写错名称就会产生一个使用默认分区和保留策略的新主题，而无人察觉。",
      ),
      fix: text(
        "Name the topics in services.kafka.topics and set autoCreateTopics to false; or accept KA-AUTO-CREATE.",
        "请在 services.kafka.topics 中声明主题并将 autoCreateTopics 设为 false；或接受 KA-AUTO-CREATE。",
      ),
      source: "KA-4",
      acceptable: true,
    },
  ];
}

function memory(spec: KafkaSpec): readonly Finding[] {
  const least = besideHeapBytes + leastHeapBytes;
  const { heapBytes } = sizesOf(spec);
  if (spec.memory < least)
    return [
      {
        id: "KA-MEMORY",
        severity: "error",
        path: "services.kafka.memory",
        reason: text(
          `A broker of ${formatBytes(spec.memory)} has no room for a heap of ${formatBytes(leastHeapBytes)} beside the JVM itself: it is killed.`,
          `${formatBytes(spec.memory)} 的 broker 除 JVM 本身外放不下 ${formatBytes(leastHeapBytes)} 的堆，会被杀死。`,
        ),
        fix: text(`Give it ${formatBytes(least)} or more.`, `请分配 ${formatBytes(least)} 或更多。`),
        source: `${manual}#java`,
        acceptable: false,
      },
    ];
  // Each partition that is copied or read has such a batch in memory, on both sides.
  if (spec.maxMessage * 16 <= heapBytes) return [];
  return [
    {
      id: "KA-MESSAGE",
      severity: "warning",
      path: "services.kafka.maxMessage",
      reason: text(
        `Batches of ${formatBytes(spec.maxMessage)} in a heap of ${formatBytes(heapBytes)}: a few at once fill it, and the broker stops.`,
        `${formatBytes(heapBytes)} 的堆处理 ${formatBytes(spec.maxMessage)} 的批次：同时处理几个就会占满，broker 随之停止。`,
      ),
      fix: text(
        "Keep large objects in object storage and send their names, or give the brokers more memory.",
        "请把大对象放到对象存储中、只发送其名称，或增加 broker 内存。",
      ),
      source: `${manual}#brokerconfigs_message.max.bytes`,
      acceptable: true,
    },
  ];
}

function settings(spec: KafkaSpec): readonly Finding[] {
  const findings: Finding[] = Object.keys(spec.settings)
    .filter((key) => ownSettings.test(key))
    .map((key) => ({
      id: "KA-SETTING",
      severity: "error",
      path: `services.kafka.settings.${key}`,
      reason: text(
        `${key} says who the brokers are, where they listen or who is let in: the platform sets it, and this value is not used.`,
        `${key} 决定 broker 的身份、监听位置或访问控制：由平台设置，此处的值不会生效。`,
      ),
      fix: text("Leave it out.", "请去掉它。"),
      source: "docs/design/0007-kafka.md",
      acceptable: false,
    }));
  const fetch = Number(spec.settings["replica.fetch.max.bytes"] ?? Number.POSITIVE_INFINITY);
  if (fetch < spec.maxMessage)
    findings.push({
      id: "KA-MESSAGE",
      severity: "warning",
      path: "services.kafka.settings.replica.fetch.max.bytes",
      reason: text(
        `A copy asks for ${formatBytes(fetch)} at a time and a batch may be ${formatBytes(spec.maxMessage)}: such a batch is copied alone and slowly.`,
        `副本每次拉取 ${formatBytes(fetch)}，而批次可达 ${formatBytes(spec.maxMessage)}：这样的批次只能单独且缓慢地复制。`,
      ),
      fix: text("Leave it out: it follows from maxMessage.", "请去掉它：会按 maxMessage 计算。"),
      source: `${manual}#brokerconfigs_replica.fetch.max.bytes`,
      acceptable: true,
    });
  return findings;
}

function storage(spec: KafkaSpec): readonly Finding[] {
  const findings: Finding[] = [];
  const partitions = Object.values(spec.topics).reduce(
    (sum, one) => sum + (one.partitions ?? spec.partitions),
    0,
  );
  // Retention deletes whole segments of a quarter: up to one more than the limit is on the disk.
  const needed = partitions * spec.retentionBytes * 1.25;
  if (needed > spec.storage)
    findings.push({
      id: "KA-STORAGE",
      severity: "warning",
      path: "services.kafka.storage",
      reason: text(
        `${partitions} declared partitions may keep ${formatBytes(Math.ceil(needed / 2 ** 20) * 2 ** 20)}, and a broker has ${formatBytes(spec.storage)}: a full disk stops it.`,
        `已声明的 ${partitions} 个分区最多可保留 ${formatBytes(Math.ceil(needed / 2 ** 20) * 2 ** 20)}，而 broker 只有 ${formatBytes(spec.storage)}：磁盘写满会使其停止。`,
      ),
      fix: text("Lower retentionBytes, or set storage higher.", "请调低 retentionBytes 或调高 storage。"),
      source: "KA-5",
      acceptable: true,
    });
  if (spec.retention < 3_600_000)
    findings.push({
      id: "KA-RETENTION",
      severity: "warning",
      path: "services.kafka.retention",
      reason: text(
        "A consumer that is away for longer than this, as for a restart of its machine, misses records.",
        "消费者离线超过该时间（例如其机器重启）就会漏掉记录。",
      ),
      fix: text("Use 1d or more.", "请使用 1d 或更长。"),
      source: "KA-5",
      acceptable: true,
    });
  return findings;
}
