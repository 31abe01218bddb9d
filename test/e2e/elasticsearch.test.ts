/** The Elasticsearch service against three real servers: formed, broken in every way that a mall meets, and healed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { containerFileLimit } from "../../packages/platform/src/engine/limits.ts";
import type { ElasticsearchAction } from "../../packages/platform/src/services/elasticsearch/actions.ts";
import { elasticsearchChecks } from "../../packages/platform/src/services/elasticsearch/checks/index.ts";
import { elasticsearch } from "../../packages/platform/src/services/elasticsearch/index.ts";
import type { ElasticsearchSpec } from "../../packages/platform/src/services/elasticsearch/spec.ts";
import type { ElasticsearchState } from "../../packages/platform/src/services/elasticsearch/state.ts";
import type { CheckResult } from "../../packages/platform/src/services/service.ts";
import { ServiceMall } from "../support/service-mall.ts";

let mall: ServiceMall<ElasticsearchSpec, ElasticsearchState, ElasticsearchAction>;
const figures: string[] = [];

const healed = async (what: string, limitMs?: number): Promise<readonly string[]> => {
  const { seconds, actions } = await mall.heal(limitMs).catch(async (error: unknown) => {
    for (const one of mall.instances()) {
      const { stdout, stderr } = await mall.engine.tryDocker(["logs", "--tail", "30", mall.container(one)]);
      console.log(`${one}\n${stdout}\n${stderr}`);
    }
    throw error;
  });
  figures.push(`${what}: ${seconds} s (${actions.join(", ")})`);
  return actions;
};

beforeAll(async () => {
  mall = await ServiceMall.start(elasticsearch, { portBase: 22_000 });
}, 600_000);

afterAll(async () => {
  console.log(figures.join("\n"));
  await mall?.close();
}, 120_000);

test("three fresh servers become one cluster", async () => {
  await healed("formed");
  const { cluster, nodes } = await mall.observe();
  expect(cluster?.members).toEqual(["elasticsearch-1", "elasticsearch-2", "elasticsearch-3"]);
  expect(cluster?.status).toBe("green");
  expect(new Set(nodes.map((n) => (n.up ? n.clusterUuid : n.error)))).toEqual(new Set([cluster?.uuid]));
}, 120_000);

test("a whole cluster asks for nothing, and one look at it is quick", async () => {
  await mall.observe();
  const started = performance.now();
  expect((await mall.heal(1_000)).actions).toEqual([]);
  figures.push(`one observation: ${Math.round(performance.now() - started)} ms`);
}, 60_000);

const run = async (id: string): Promise<CheckResult> => {
  const check = elasticsearchChecks.find((c) => c.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.run(mall.ctxFor(check));
};

test("every check holds", async () => {
  const limit = await containerFileLimit();
  for (const { id, kind } of elasticsearchChecks) {
    const started = performance.now();
    const result = await run(id);
    figures.push(`${id}: ${result.verdict} in ${Math.round(performance.now() - started)} ms`);
    if (kind === "disruptive") figures.push(...result.evidence.map((e) => `  ${e.from}: ${e.read}`));
    const isShort = id === "elasticsearch.start-up-checks" && limit < 65_535;
    expect(result, JSON.stringify(result)).toMatchObject({ verdict: isShort ? "deviates" : "pass" });
    expect(JSON.stringify(result)).not.toContain(await mall.ctx().secrets.value("elasticsearch.app"));
  }
}, 240_000);
