/** KA-4, KA-5: topics that are made by writing to them, and how long records stay. */
import { randomBytes } from "node:crypto";
import { text } from "../../../text.ts";
import { withBroker } from "../client.ts";
import { configOf } from "../config-value.ts";
import { metadata } from "../protocol/data-apis.ts";
import {
  controller,
  failed,
  type KafkaCheck,
  onAllBrokers,
  passed,
  removeTopic,
  settingsAre,
  until,
} from "./evidence.ts";

export const autoCreate: KafkaCheck = {
  id: "kafka.auto-create-topics",
  requirements: ["KA-4"],
  title: text(
    "A topic is made by asking to write to it, with the default partitions and copies",
    "请求写入不存在的主题会自动创建它，使用默认分区数和副本数",
  ),
  kind: "scratch",
  needs: ["net"],
  async run(ctx) {
    const { spec } = ctx;
    const settings = await settingsAre(ctx, {
      "auto.create.topics.enable": `${spec.autoCreateTopics}`,
      "num.partitions": configOf(spec, "num.partitions", spec.partitions),
      "default.replication.factor": `${Math.min(spec.replicationFactor, spec.brokers)}`,
    });
    if (!settings.right) return failed(text("not as planned", "与规划不符"), settings.evidence);
    if (!spec.autoCreateTopics)
      return {
        verdict: "accepted",
        detail: text(
          "off, by services.kafka.autoCreateTopics",
          "已关闭，由 services.kafka.autoCreateTopics 指定",
        ),
        evidence: settings.evidence,
      };
    const name = `mall-check-${randomBytes(4).toString("hex")}`;
    const at = await controller(ctx);
    const ask = async (allowAutoTopicCreation: boolean) =>
      (
        await withBroker(ctx, at, (broker) =>
          broker.call(metadata, {
            topics: [{ name }],
            allowAutoTopicCreation,
            includeClusterAuthorizedOperations: false,
            includeTopicAuthorizedOperations: false,
          }),
        )
      ).topics[0];
    try {
      await ask(true);
      const isThere = await until(async () => (await ask(false))?.errorCode === 0);
      const made = await ask(false);
      const partitions = made?.partitions ?? [];
      const read = `${partitions.length} partitions, copies: ${[...new Set(partitions.map((p) => p.replicas.length))].join(" or ")}`;
      const evidence = [...settings.evidence, { from: name, read }];
      const isRight =
        isThere &&
        partitions.length === Number(configOf(spec, "num.partitions", spec.partitions)) &&
        partitions.every((p) => p.replicas.length === Math.min(spec.replicationFactor, spec.brokers));
      return isRight
        ? passed(text("made as planned", "已按规划创建"), evidence)
        : failed(text("not made as planned", "未按规划创建"), evidence);
    } finally {
      await removeTopic(ctx, name);
    }
  },
};

export const retention: KafkaCheck = {
  id: "kafka.retention",
  requirements: ["KA-5"],
  title: text("Records are kept by age and by size, as set", "按时间和大小保留记录，与设置一致"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { spec } = ctx;
    const { right, evidence } = await settingsAre(ctx, {
      "log.retention.ms": configOf(spec, "log.retention.ms", spec.retention),
      "log.retention.bytes": configOf(spec, "log.retention.bytes", spec.retentionBytes),
    });
    return right
      ? passed(onAllBrokers(evidence.length), evidence)
      : failed(text("not as planned", "与规划不符"), evidence);
  },
};
