/** Kafka on ZooKeeper against three and three real servers: created, broken in every way that a mall meets, and healed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { KafkaAction } from "../../packages/platform/src/services/kafka/actions.ts";
import { kafkaChecks } from "../../packages/platform/src/services/kafka/checks/index.ts";
import { kafka } from "../../packages/platform/src/services/kafka/index.ts";
import type { KafkaSpec } from "../../packages/platform/src/services/kafka/spec.ts";
import type { KafkaState } from "../../packages/platform/src/services/kafka/state.ts";
import { zookeeper } from "../../packages/platform/src/services/zookeeper/index.ts";
import { ServiceMall } from "../support/service-mall.ts";

let mall: ServiceMall<KafkaSpec, KafkaState, KafkaAction>;
const figures: string[] = [];

const healed = async (what: string, limitMs?: number): Promise<readonly string[]> => {
  const { seconds, actions } = await mall.heal(limitMs);
  figures.push(`${what}: ${seconds} s (${actions.join(", ")})`);
  return actions;
};

let startedAt = 0;
beforeAll(async () => {
  startedAt = performance.now();
  mall = await ServiceMall.start(kafka, {
    portBase: 21_000,
    needs: [{ service: zookeeper }],
    spec: { topics: { "orders.placed": { partitions: 3, config: { "retention.ms": 86_400_000 } } } },
  });
  startedAt = performance.now();
}, 600_000);

afterAll(async () => {
  console.log(figures.join("\n"));
  if (process.env.KEEP === undefined) await mall?.close();
}, 120_000);

test("three empty ZooKeepers and three empty brokers become a cluster", async () => {
  await healed("created", 120_000);
  figures.push(`green after ${Math.round(performance.now() - startedAt) / 1000} s`);
  expect((await mall.observe()).cluster?.topicNames).toEqual(["__consumer_offsets", "orders.placed"]);
}, 180_000);

test("every check holds", async () => {
  for (const check of kafkaChecks) {
    const started = performance.now();
    const result = await check.run(mall.ctxFor(check));
    figures.push(`${check.id}: ${result.verdict} in ${Math.round(performance.now() - started)} ms`);
    expect(result, JSON.stringify(result)).toMatchObject({ verdict: "pass" });
  }
}, 300_000);
