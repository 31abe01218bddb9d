/** KA-3: three copies of everything, two of which have what was acknowledged; and one broker is not missed. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../errors.ts";
import { text } from "../../../text.ts";
import type { Ctx, Evidence } from "../../service.ts";
import { withBroker } from "../client.ts";
import { metadata } from "../protocol/data-apis.ts";
import type { KafkaSpec } from "../spec.ts";
import {
  controller,
  deviates,
  failed,
  type KafkaCheck,
  partitionOf,
  passed,
  readAll,
  settingsAre,
  until,
  withTopic,
  write,
} from "./evidence.ts";

const planned = { copies: 3, inSync: 2 };

export const copies: KafkaCheck = {
  id: "kafka.replication-factor",
  requirements: ["KA-3"],
  title: text(
    "Three copies by default and of Kafka's own topics, two in sync, no unclean election",
    "默认及 Kafka 自身主题均为三副本、两个同步，禁止不干净选举",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { spec } = ctx;
    const own = Math.min(spec.replicationFactor, spec.brokers);
    const settings = await settingsAre(ctx, {
      "default.replication.factor": `${own}`,
      "offsets.topic.replication.factor": `${own}`,
      "transaction.state.log.replication.factor": `${own}`,
      "min.insync.replicas": `${Math.min(spec.minInSyncReplicas, own)}`,
      "unclean.leader.election.enable": "false",
    });
    const topics = await internalTopics(ctx, own);
    const evidence = [...settings.evidence, ...topics.evidence];
    if (!settings.right || !topics.right) return failed(text("not as planned", "与规划不符"), evidence);
    return own === planned.copies && spec.minInSyncReplicas === planned.inSync
      ? passed(text("RF 3, min.insync.replicas 2", "RF 3，min.insync.replicas 2"), evidence)
      : {
          verdict: "accepted",
          detail: text(
            `${own} copies, ${spec.minInSyncReplicas} in sync, by services.kafka`,
            `${own} 个副本，${spec.minInSyncReplicas} 个同步，由 services.kafka 指定`,
          ),
          evidence,
        };
  },
};

/** Kafka's own topics as they really are; the agent has at least that of the consumers' positions made. */
async function internalTopics(
  ctx: Ctx<KafkaSpec>,
  wanted: number,
): Promise<{ readonly right: boolean; readonly evidence: readonly Evidence[] }> {
  try {
    const at = await controller(ctx);
    const seen = await withBroker(ctx, at, (broker) =>
      broker.call(metadata, {
        topics: null,
        allowAutoTopicCreation: false,
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false,
      }),
    );
    const internal = seen.topics.filter((topic) => topic.isInternal);
    return {
      right:
        internal.length > 0 &&
        internal.every((topic) =>
          topic.partitions.every((p) => p.replicas.length === wanted && p.leader >= 0),
        ),
      evidence: internal.map((topic) => ({
        from: topic.name,
        read: `${topic.partitions.length} partitions with ${[...new Set(topic.partitions.map((p) => p.replicas.length))].join(" or ")} copies`,
      })),
    };
  } catch (error) {
    return { right: false, evidence: [{ from: "kafka", read: messageOf(error) }] };
  }
}

export const acknowledged: KafkaCheck = {
  id: "kafka.acknowledged-is-copied",
  requirements: ["KA-3"],
  title: text(
    "A record with acks=all is on all copies in sync, and is read back",
    "acks=all 的记录已写入所有同步副本，并能读回",
  ),
  kind: "scratch",
  needs: ["net"],
  async run(ctx) {
    const factor = Math.min(ctx.spec.replicationFactor, ctx.spec.brokers);
    return withTopic(ctx, factor, async (topic) => {
      const before = await partitionOf(ctx, topic);
      const { error, offset } = await write(ctx, topic, [Buffer.from("kept")]);
      const back = (await readAll(ctx, topic)).map(String);
      const evidence = [
        {
          from: `${topic}-0`,
          read: `replicas ${before?.replicas.join(", ")}, in sync ${before?.inSync.join(", ")}`,
        },
        {
          from: before?.leader ?? "",
          read: `acks=all: ${error} at offset ${offset}; read back: ${back.join(", ")}`,
        },
      ];
      const isRight = before?.inSync.length === factor && error === "NONE" && back.join() === "kept";
      if (!isRight) return failed(text("not acknowledged by all copies", "未获得所有副本确认"), evidence);
      const detail = text(`on ${factor} brokers`, `位于 ${factor} 个 broker`);
      return factor >= planned.copies ? passed(detail, evidence) : deviates(detail, evidence);
    });
  },
};

/** Until the broker is stopped, while it is, and after it is back. */
const writesEach = 200;

export const survives: KafkaCheck = {
  id: "kafka.survives-one-broker",
  requirements: ["KA-3"],
  title: text(
    "With one broker stopped writes with acks=all go on, and nothing acknowledged is lost",
    "停止一个 broker 时 acks=all 写入不中断，已确认的记录不丢失",
  ),
  kind: "disruptive",
  needs: ["net", "engine"],
  async run(ctx) {
    const { engine } = ctx;
    if (engine === undefined) throw new Error("the engine's port is absent");
    return withTopic(ctx, Math.min(ctx.spec.replicationFactor, ctx.spec.brokers), async (topic) => {
      const ledger: string[] = [];
      let longestMs = 0;
      let retries = 0;
      const writeSome = async (phase: string): Promise<void> => {
        for (let n = 0; n < writesEach; n += 1) {
          const value = `${phase}-${n}`;
          const startedAt = Date.now();
          // As a producer does: again, until it is acknowledged.
          while ((await write(ctx, topic, [Buffer.from(value)]).catch(() => undefined))?.error !== "NONE") {
            retries += 1;
            if (Date.now() - startedAt > 60_000) throw new Error(`${value} was not taken within a minute`);
            await sleep(100);
          }
          longestMs = Math.max(longestMs, Date.now() - startedAt);
          ledger.push(value);
        }
      };
      await writeSome("before");
      const victim = (await partitionOf(ctx, topic))?.leader;
      if (victim === undefined) throw new Error(`nobody leads ${topic}-0`);
      try {
        await engine.stop(victim);
        await writeSome("without");
      } finally {
        await engine.start(victim);
      }
      const whole = await until(
        async () => (await partitionOf(ctx, topic))?.inSync.length === ctx.spec.replicationFactor,
        90_000,
      );
      await writeSome("after");
      const back = new Set((await readAll(ctx, topic)).map(String));
      const lost = ledger.filter((value) => !back.has(value));
      const evidence = [
        {
          from: victim,
          read: `led the topic and was stopped; ${ledger.length} writes acknowledged, ${retries} tried again, the longest took ${longestMs} ms`,
        },
        {
          from: topic,
          read: `${lost.length} acknowledged records lost; ${whole ? "all copies in sync again" : "a copy is still missing"}`,
        },
      ];
      return lost.length === 0 && whole
        ? passed(text("writes went on, nothing lost", "写入未中断，无丢失"), evidence)
        : failed(text("records lost, or a copy is missing", "有记录丢失或副本缺失"), evidence);
    });
  },
};
