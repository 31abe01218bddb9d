import { expect, test } from "vitest";
import type { Site } from "../../spec/site.ts";
import { leastMemory, mysqlRules } from "./rules.ts";
import { mysqlProfiles, mysqlSpec } from "./spec.ts";

const site: Site = {
  name: "mall",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 13000,
  accept: [],
  images: {},
  mirrors: {},
};
const ids = (input: object, images: Record<string, string> = {}) =>
  mysqlRules(mysqlSpec.parse(input), { ...site, images })
    .filter((f) => f.severity !== "info")
    .map((f) => f.id);

test("the profiles are without a warning", () => {
  for (const profile of Object.values(mysqlProfiles)) expect(ids(profile)).toEqual([]);
});

test("the plan's deviation and what one machine cannot give are said", () => {
  const found = mysqlRules(mysqlSpec.parse({}), site);
  expect(found.map((f) => [f.id, f.severity])).toEqual([
    ["MY-VERSION", "info"],
    ["MY-ONE-HOST", "info"],
  ]);
});

test.each([
  [{ replication: "async" }, ["MY-ASYNC"]],
  [{ onNoReplica: "async" }, ["MY-NO-REPLICA-ASYNC"]],
  [{ replication: "async", onNoReplica: "async" }, ["MY-ASYNC"]],
  [{ memory: "256Mi" }, ["MY-MEMORY"]],
  [{ memory: "768Mi", maxConnections: 2000 }, ["MY-FIT"]],
  [{ settings: { query_cache_size: 1048576 } }, ["MY-QUERY-CACHE"]],
  [{ settings: { sync_binlog: 0 } }, ["MY-OWNED-SETTING"]],
  [{ settings: { loose_rpl_semi_sync_source_enabled: true } }, ["MY-OWNED-SETTING"]],
  [{ settings: { innodb_io_capacity: 2000 } }, []],
  [{ binlogRetention: "1h" }, ["MY-BINLOG-SHORT"]],
] as const)("%j gives %j", (input, expected) => {
  expect(ids(input)).toEqual(expected);
});

test.each([
  ["mysql:8.4", []],
  ["registry.example:5000/mysql:9.7.4", []],
  ["mysql:8.0.40", ["MY-EOL"]],
  ["mysql:9.5", ["MY-EOL"]],
  ["mysql:latest", []],
  ["mysql@sha256:00", []],
] as const)("image %s gives %j", (image, expected) => {
  expect(ids({}, { mysql: image })).toEqual(expected);
});

test("what cannot work cannot be accepted", () => {
  const found = mysqlRules(mysqlSpec.parse({ memory: "256Mi", settings: { query_cache_type: 1 } }), site);
  expect(found.filter((f) => f.severity === "error").map((f) => f.acceptable)).toEqual([false, false]);
});

test("the least memory that is named is itself enough", () => {
  const least = leastMemory(mysqlSpec.parse({}));
  expect(ids({ memory: `${least / 2 ** 20}Mi` })).toEqual([]);
  expect(ids({ memory: `${least / 2 ** 20 - 64}Mi` })).toEqual(["MY-MEMORY"]);
});
