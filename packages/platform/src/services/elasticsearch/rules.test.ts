import { expect, test } from "vitest";
import type { Site } from "../../spec/site.ts";
import { elasticsearchRules } from "./rules.ts";
import { elasticsearchProfiles, elasticsearchSpec } from "./spec.ts";

const site: Site = {
  name: "test",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 14_000,
  accept: [],
  images: { elasticsearch: "elasticsearch:7.17.28" },
  mirrors: {},
};
const found = (spec: object, at: Site = site): readonly string[] =>
  elasticsearchRules(elasticsearchSpec.parse(spec), at).map(
    (f) => `${f.id} ${f.severity}${f.acceptable ? "" : "!"} ${f.path}`,
  );
const s = "services.elasticsearch";

test("the profiles are without a finding but the version's", () => {
  for (const profile of Object.values(elasticsearchProfiles)) {
    expect(found(profile)).toEqual([]);
    expect(found(profile, { ...site, images: {} })).toEqual(["ES-EOL info images.elasticsearch"]);
  }
});

const node = ["master", "data", "ingest"];
test.each([
  [{ roles: [["master"], ["data"], ["ingest"]] }, [`ES-SPOF error ${s}.roles`]],
  [{ roles: [node] }, [`ES-SPOF error ${s}.roles`]],
  [{ roles: [node, node] }, [`ES-QUORUM error ${s}.roles`]],
  [{ roles: [node, node, node, node] }, [`ES-QUORUM info ${s}.roles`]],
  [{ roles: [node, node, node, node, node] }, []],
  [
    { roles: [["master"], ["master"], ["master", "ingest"]] },
    [`ES-ROLES error! ${s}.roles`, `ES-SPOF error ${s}.roles`],
  ],
  [{ roles: [["data"], ["data"]] }, [`ES-ROLES error! ${s}.roles`]],
  [{ memory: "512Mi" }, [`ES-HEAP-SMALL error! ${s}.memory`]],
  [{ memory: "2Gi", heap: "128Mi" }, [`ES-HEAP-SMALL error! ${s}.heap`]],
  [{ memory: "2Gi", heap: "1800Mi" }, [`ES-MEMORY error! ${s}.heap`]],
  [{ memory: "2Gi", heap: "1200Mi" }, [`ES-HEAP error ${s}.heap`]],
  [{ memory: "2Gi", heap: "1Gi" }, []],
  [{ memory: "128Gi", heap: "40Gi" }, [`ES-HEAP-LARGE error ${s}.heap`]],
  [{ memory: "128Gi" }, []],
  [{ templates: { a: { patterns: ["a*"], replicas: 2 } } }, [`ES-REPLICAS error ${s}.templates.a.replicas`]],
  [
    { templates: { a: { patterns: ["a*"], replicas: 0 } } },
    [`ES-NO-REPLICA warning ${s}.templates.a.replicas`],
  ],
  [{ templates: { a: { patterns: ["a*"], replicas: 1 } } }, []],
  [
    { templates: { a: { patterns: ["a*"], size: "100Gi", shards: 1 } } },
    [`ES-SHARDS warning ${s}.templates.a.shards`],
  ],
  [
    { templates: { a: { patterns: ["a*"], size: "2Gi", shards: 8 } } },
    [`ES-SHARDS warning ${s}.templates.a.shards`],
  ],
  [{ applications: { a: { indices: ["*"] } } }, [`ES-WIDE warning ${s}.applications.a.indices`]],
  [{ applications: { elastic: { indices: ["a*"] } } }, [`ES-NAME error! ${s}.applications.elastic`]],
  [
    { settings: { "cluster.routing.allocation.enable": "none" } },
    [`ES-OWNED-SETTING error! ${s}.settings.cluster.routing.allocation.enable`],
  ],
  [{ settings: { "search.max_buckets": 20_000 } }, []],
] as const)("%j", (spec, wanted) => {
  expect(found(spec)).toEqual(wanted);
});
