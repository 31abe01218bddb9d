import { expect, test } from "vitest";
import { fileContent } from "../../plan/config-file.ts";
import type { Site } from "../../spec/site.ts";
import { connectElasticsearch } from "./connect.ts";
import { elasticsearch } from "./index.ts";
import { planElasticsearch } from "./plan.ts";
import { leastMemoryBytes, shardsOf, sizesOf } from "./sizing.ts";
import { elasticsearchProfiles, elasticsearchSpec } from "./spec.ts";
import { clusterSettings, templatesOf } from "./templates.ts";
import { rolesOf } from "./users.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const site: Site = {
  name: "test",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 14_000,
  accept: [],
  images: {},
  mirrors: {},
};
const small = elasticsearchSpec.parse(elasticsearchProfiles.small);
const plan = planElasticsearch(small, site);
const [workload] = plan.workloads;
const file = (index: number, path: string): string => {
  const found = workload?.instances[index - 1]?.files.find((f) => f.path === path);
  if (found === undefined) throw new Error(`no ${path}`);
  return fileContent(found);
};

test("three instances with their own names, host ports, certificates and secret files", () => {
  expect(workload?.instances.map((i) => [i.name, i.published[0]?.hostPort])).toEqual([
    ["elasticsearch-1", 14_201],
    ["elasticsearch-2", 14_202],
    ["elasticsearch-3", 14_203],
  ]);
  expect(workload?.instances[1]?.secrets).toMatchObject([
    {
      file: "tls",
      ref: { dnsNames: ["elasticsearch-2.elasticsearch", "elasticsearch-2", "localhost"], rotate: "watch" },
    },
    { file: "agent.password", ref: { id: "elasticsearch.agent" } },
    { file: "exporter.password", ref: { id: "elasticsearch.exporter" } },
    { file: "app.password", ref: { id: "elasticsearch.app" } },
  ]);
  // No node is given what only the agent and people log in with.
  expect(plan.credentials.map((c) => c.id)).toEqual([
    "elasticsearch.agent",
    "elasticsearch.exporter",
    "elasticsearch.app",
    "elasticsearch.elastic",
    "elasticsearch.kibana_system",
  ]);
  expect(plan).toEqual(elasticsearch.plan(small, site, [], { site, services: {} }));
});

test("a node's files", () => {
  expect(file(2, "elasticsearch.yml")).toMatchInlineSnapshot(`
    "cluster.name: test
    node.name: elasticsearch-2
    node.roles: [master, data, ingest]
    path.data: /data
    path.logs: /tmp
    path.repo: /snapshots
    network.bind_host: 0.0.0.0
    network.publish_host: elasticsearch-2.elasticsearch
    http.port: 9200
    transport.port: 9300
    discovery.seed_hosts: ["elasticsearch-1.elasticsearch:9300", "elasticsearch-2.elasticsearch:9300", "elasticsearch-3.elasticsearch:9300"]
    discovery.find_peers_interval: 250ms
    discovery.initial_state_timeout: 5s
    cluster.fault_detection.follower_check.timeout: 5s
    cluster.fault_detection.leader_check.timeout: 5s
    cluster.routing.allocation.disk.watermark.low: 768mb
    cluster.routing.allocation.disk.watermark.high: 512mb
    cluster.routing.allocation.disk.watermark.flood_stage: 256mb
    indices.fielddata.cache.size: 20%
    xpack.license.self_generated.type: basic
    xpack.security.enabled: true
    xpack.security.authc.realms.file.previous.order: 0
    xpack.security.authc.realms.native.users.order: 1
    xpack.security.authc.success_cache.enabled: false
    xpack.security.transport.ssl.enabled: true
    xpack.security.transport.ssl.supported_protocols: [TLSv1.3, TLSv1.2]
    xpack.security.transport.ssl.key: certs/tls.key
    xpack.security.transport.ssl.certificate: certs/tls.crt
    xpack.security.transport.ssl.certificate_authorities: certs/ca.crt
    xpack.security.transport.ssl.client_authentication: required
    xpack.security.transport.ssl.verification_mode: full
    xpack.security.http.ssl.enabled: true
    xpack.security.http.ssl.supported_protocols: [TLSv1.3, TLSv1.2]
    xpack.security.http.ssl.key: certs/tls.key
    xpack.security.http.ssl.certificate: certs/tls.crt
    xpack.security.http.ssl.certificate_authorities: certs/ca.crt
    xpack.security.http.ssl.client_authentication: none
    resource.reload.interval.high: 1s
    "
  `);
  expect(file(3, "elasticsearch.yml")).toContain("node.roles: [master, data]\n");
  expect(file(2, "jvm.options")).toMatchInlineSnapshot(`
    "-Xms512m
    -Xmx512m
    -XX:MaxDirectMemorySize=128m
    -XX:Tier4InvocationThreshold=50000
    -XX:Tier4MinInvocationThreshold=5000
    -XX:Tier4CompileThreshold=100000
    -XX:Tier4BackEdgeThreshold=400000
    "
  `);
  expect(file(2, "users")).toBe("agent agent superuser\nexporter exporter mall-exporter\napp app mall-app\n");
  expect(file(2, "first-masters")).toBe(
    "cluster.initial_master_nodes: [elasticsearch-1, elasticsearch-2, elasticsearch-3]\n",
  );
});

test("only nodes with a vote are named at the first formation, and looked for", () => {
  const roles = [["master"], ["data"], ["ingest"]];
  const literal = planElasticsearch(elasticsearchSpec.parse({ roles }), site).workloads[0]?.instances[1];
  const content = (path: string) => {
    const found = literal?.files.find((f) => f.path === path);
    return found === undefined ? "" : fileContent(found);
  };
  expect(content("first-masters")).toBe("cluster.initial_master_nodes: [elasticsearch-1]\n");
  expect(content("elasticsearch.yml")).toContain(
    'discovery.seed_hosts: ["elasticsearch-1.elasticsearch:9300"]',
  );
});

test("a heap of half the memory at most, with all else in the limit, whatever the memory", () => {
  expect(sizesOf(small).heapBytes).toBe(512 * MiB);
  for (
    let memory = Math.ceil(leastMemoryBytes() / MiB) * MiB;
    memory < 200 * GiB;
    memory = Math.ceil(memory * 1.07)
  ) {
    const sizes = sizesOf({ ...small, memory });
    expect(sizes.heapBytes).toBeLessThanOrEqual(memory / 2);
    expect(sizes.heapBytes).toBeLessThanOrEqual(31 * GiB);
    expect(sizes.heapBytes).toBeGreaterThanOrEqual(255 * MiB);
    expect(sizes.neededBytes).toBeLessThanOrEqual(memory + MiB);
    expect(sizes.watermarks.flood).toBeLessThan(sizes.watermarks.high);
    expect(sizes.watermarks.high).toBeLessThan(sizes.watermarks.low);
  }
});

test("shards follow from the size, copies from the data nodes, refreshing from the plan", () => {
  expect(templatesOf(small)).toMatchInlineSnapshot(`
    [
      {
        "body": {
          "_meta": {
            "mallstack": true,
          },
          "index_patterns": [
            "products*",
          ],
          "priority": 200,
          "template": {
            "settings": {
              "index": {
                "number_of_replicas": "1",
                "number_of_shards": "1",
                "refresh_interval": "1s",
              },
            },
          },
        },
        "name": "mall-products",
      },
      {
        "body": {
          "_meta": {
            "mallstack": true,
          },
          "index_patterns": [
            "logs*",
          ],
          "priority": 200,
          "template": {
            "settings": {
              "index": {
                "number_of_replicas": "1",
                "number_of_shards": "1",
                "refresh_interval": "30s",
              },
            },
          },
        },
        "name": "mall-logs",
      },
    ]
  `);
  const template = { patterns: ["a*"], refreshInterval: 1_000, size: 0 };
  expect([1, 30, 31, 90, 91].map((n) => shardsOf({ ...template, size: n * GiB }))).toEqual([1, 1, 2, 3, 4]);
  const one = elasticsearchSpec.parse({ roles: [["master", "data", "ingest"]] });
  expect(templatesOf(one)[0]?.body.template.settings.index.number_of_replicas).toBe("0");
});

test("an application may use its own indices and nothing else", () => {
  expect(rolesOf(small)).toEqual([
    {
      name: "mall-exporter",
      cluster: ["monitor"],
      indices: [{ names: ["*"], privileges: ["monitor", "view_index_metadata"] }],
    },
    {
      name: "mall-app",
      cluster: ["monitor"],
      indices: [{ names: ["products*", "orders*", "app-*"], privileges: ["all"] }],
    },
  ]);
});

test("settings of the user's are applied beside ours", () => {
  const spec = elasticsearchSpec.parse({ settings: { "search.max_buckets": 20_000 } });
  expect(clusterSettings(spec)).toMatchObject({ "search.max_buckets": "20000" });
  expect(clusterSettings(small)).toEqual({
    "action.destructive_requires_name": "true",
    "cluster.routing.allocation.enable": "all",
  });
});

test("each application is told where the nodes are, and by which user", () => {
  const spec = elasticsearchSpec.parse({
    applications: { app: { indices: ["products*"] }, back_office: { indices: ["accounts*"] } },
  });
  const net = {
    address: (instance: string) => ({
      host: "127.0.0.1",
      port: 14_200 + Number(instance.at(-1)),
      serverName: instance,
    }),
    route: () => {
      throw new Error("no route");
    },
    resolve: async () => [],
  };
  expect(connectElasticsearch(planElasticsearch(spec, site), net)).toMatchObject([
    {
      title: "elasticsearch",
      user: "app",
      password: "elasticsearch.app",
      settings: { nodes: ["https://127.0.0.1:14201", "https://127.0.0.1:14202", "https://127.0.0.1:14203"] },
    },
    { title: "elasticsearch-back_office", user: "back_office", password: "elasticsearch.back_office" },
  ]);
});
