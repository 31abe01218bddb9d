import { expect, test } from "vitest";
import { fileContent } from "../../plan/config-file.ts";
import type { Site } from "../../spec/site.ts";
import { redis } from "./index.ts";
import { planRedis } from "./plan.ts";
import { redisRules } from "./rules.ts";
import { sizesOf } from "./sizing.ts";
import { redisProfiles, redisSpec } from "./spec.ts";

const MiB = 2 ** 20;
const site: Site = {
  name: "test",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 14000,
  accept: [],
  images: {},
  mirrors: {},
};
const small = redisSpec.parse(redisProfiles.small);
const [workload] = planRedis(small, site).workloads;
const conf = (index: number): string => {
  const file = workload?.instances[index - 1]?.files[0];
  if (file === undefined) throw new Error("an instance has its configuration");
  return fileContent(file);
};

test("six instances with their own names, host ports, certificates and secret files", () => {
  expect(workload?.instances.map((i) => [i.name, i.published[0]?.hostPort])).toEqual([
    ["redis-1", 14601],
    ["redis-2", 14602],
    ["redis-3", 14603],
    ["redis-4", 14604],
    ["redis-5", 14605],
    ["redis-6", 14606],
  ]);
  expect(workload?.instances[1]?.secrets).toMatchObject([
    { file: "tls", ref: { id: "redis-2", dnsNames: ["redis-2.redis", "redis-2", "localhost", "redis"] } },
    { file: "default.password", ref: { id: "redis.default" } },
    { file: "replication.password", ref: { id: "redis.replication" } },
    { file: "agent.password", ref: { id: "redis.agent" } },
    { file: "exporter.password", ref: { id: "redis.exporter" } },
  ]);
  expect(planRedis(small, site)).toEqual(redis.plan(small, site, [], { site, services: {} }));
});

test("TLS only, both kinds of persistence and the plan's eviction stand in the file, and no secret", () => {
  const lines = conf(2).split("\n");
  for (const line of [
    "port 0",
    "tls-port 6379",
    "tls-cert-file /secrets/redis-2/current/tls.crt",
    "tls-replication yes",
    "tls-cluster yes",
    "cluster-enabled yes",
    "cluster-node-timeout 5000",
    "save 900 1",
    "appendonly yes",
    "appendfsync everysec",
    "maxmemory-policy allkeys-lru",
    `maxmemory ${sizesOf(small).maxMemoryBytes}`,
  ]) {
    expect(lines).toContain(line);
  }
  expect(conf(2)).not.toMatch(/requirepass|masterauth/);
});

test("in every profile the worst moment fits the container and a rule finds nothing but the end of life", () => {
  for (const profile of Object.values(redisProfiles)) {
    const spec = redisSpec.parse(profile);
    const sizes = sizesOf(spec);
    expect(sizes.worstCaseBytes).toBeLessThanOrEqual(spec.memory);
    expect(sizes.maxMemoryBytes / spec.memory).toBeGreaterThan(0.3);
    expect(sizes.files).toBeGreaterThan(sizes.maxClients + 32);
    expect(redisRules(spec, site).map((f) => f.id)).toEqual(["RE-EOL"]);
  }
  expect(sizesOf(small).maxMemoryBytes).toBe(61 * MiB);
});

test("each risk is found, and named by where it stands", () => {
  const ids = (input: object, images = {}) =>
    redisRules(redisSpec.parse(input), { ...site, images: { redis: "redis:7.2", ...images } }).map(
      (f) => f.id,
    );
  expect(ids({})).toEqual([]);
  expect(ids({ masters: 2 })).toEqual(["RE-QUORUM"]);
  expect(ids({ masters: 4 })).toEqual(["RE-EVEN"]);
  expect(ids({ replicasPerMaster: 0 })).toEqual(["RE-SPOF"]);
  expect(ids({ memory: "48Mi" })).toEqual(["RE-MEMORY"]);
  expect(ids({ maxMemory: "2Gi", storage: "20Gi" })).toEqual(["RE-MAXMEMORY"]);
  expect(ids({ maxMemoryRatio: 0.8 })).toEqual(["RE-HEADROOM"]);
  expect(ids({ maxMemoryRatio: 0.3, maxMemory: "256Mi" })).toEqual(["RE-MAXMEMORY-TWICE"]);
  expect(ids({ evictionPolicy: "noeviction" })).toEqual(["RE-NOEVICTION"]);
  expect(ids({ evictionPolicy: "volatile-lru" })).toEqual(["RE-NOEVICTION"]);
  expect(ids({ evictionPolicy: "allkeys-lfu" })).toEqual(["RE-POLICY"]);
  expect(ids({ storage: "1Gi" })).toEqual(["RE-STORAGE"]);
  expect(ids({ nodeTimeout: "500ms" })).toEqual(["RE-TIMEOUT"]);
});
