import { expect, test } from "vitest";
import { fileContent } from "../../plan/config-file.ts";
import type { Site } from "../../spec/site.ts";
import { decide, problems, summary } from "./decide.ts";
import { zookeeper } from "./index.ts";
import { planZookeeper } from "./plan.ts";
import { rolloutZookeeper } from "./rollout.ts";
import { zookeeperRules } from "./rules.ts";
import { besideHeapBytes, sizesOf } from "./sizing.ts";
import { zookeeperProfiles, zookeeperSpec } from "./spec.ts";
import type { NodeState, NodeUp, ZookeeperState } from "./state.ts";
import { parseMonitor } from "./words.ts";

const site: Site = {
  name: "test",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 14_000,
  accept: [],
  images: {},
  mirrors: {},
};
const small = zookeeperSpec.parse(zookeeperProfiles.small);
const [workload] = planZookeeper(small, site).workloads;

const up = (index: number, mode: NodeUp["mode"], more: Partial<NodeUp> = {}): NodeUp => ({
  instance: `zookeeper-${index}`,
  up: true,
  mode,
  version: "3.9.4",
  syncedFollowers: mode === "leader" ? 2 : undefined,
  znodes: 100,
  connections: 3,
  certificate: { served: { fingerprint: "aa" }, wanted: "aa" },
  ...more,
});
const down = (index: number): NodeState => ({
  instance: `zookeeper-${index}`,
  up: false,
  error: "ECONNREFUSED",
});
const whole = [up(1, "follower"), up(2, "leader"), up(3, "follower")];
const state = (nodes: readonly NodeState[]): ZookeeperState => ({ at: 0, nodes });
const said = (nodes: readonly NodeState[]) => problems(small, state(nodes)).map((p) => p.en);

test("three nodes that know one another, with no port that speaks plaintext and none on the host", () => {
  const file = workload?.instances[1]?.files[0];
  const lines = (file === undefined ? "" : fileContent(file)).split("\n");
  for (const line of [
    "server.1 zookeeper-1.zookeeper:2888:3888",
    "server.3 zookeeper-3.zookeeper:2888:3888",
    "secureClientPort 2281",
    "sslQuorum true",
    "ssl.clientAuth need",
    "authProvider.x509 mallstack.zookeeper.KnownClients",
    "mall.clients kafka,agent,operator,zookeeper",
    "admin.enableServer false",
  ])
    expect(lines).toContain(line);
  expect(lines.filter((line) => /^clientPort\b/.test(line))).toEqual([]);
  expect(workload?.ports.every((port) => port.encryption === "tls")).toBe(true);
  expect(workload?.instances.flatMap((one) => one.published)).toEqual([]);
  expect(planZookeeper(small, site)).toEqual(zookeeper.plan(small, site, [], { site, services: {} }));
});

test("in every profile the heap leaves room for the rest, and no rule finds anything", () => {
  for (const profile of Object.values(zookeeperProfiles)) {
    const spec = zookeeperSpec.parse(profile);
    expect(sizesOf(spec).heapBytes + besideHeapBytes).toBeLessThanOrEqual(spec.memory);
    expect(zookeeperRules(spec, site)).toEqual([]);
  }
});

test("each risk is found", () => {
  const ids = (input: object) => zookeeperRules(zookeeperSpec.parse(input), site).map((f) => f.id);
  expect(ids({ nodes: 1 })).toEqual(["ZK-QUORUM"]);
  expect(ids({ nodes: 2 })).toEqual(["ZK-QUORUM"]);
  expect(ids({ nodes: 4 })).toEqual(["ZK-EVEN"]);
  expect(ids({ memory: "96Mi" })).toEqual(["ZK-MEMORY"]);
  expect(ids({ tickTime: "500ms" })).toEqual(["ZK-TICK"]);
  expect(ids({ tickTime: "6s" })).toEqual(["ZK-TICK"]);
});

test("what an ensemble lacks is said; nothing is done to it", () => {
  expect(said(whole)).toEqual([]);
  expect(summary(small, state(whole))).toMatchObject({
    ok: true,
    text: { en: expect.stringContaining("zookeeper-2 leads 2") },
  });
  expect(said([up(1, "alone"), down(2), down(3)])[0]).toMatch(/no quorum: 0 of 3 nodes take part, 2 must/);
  expect(said([up(1, "leader"), up(2, "leader"), down(3)])[0]).toMatch(/both say that they lead/);
  expect(said([...whole.slice(0, 2), down(3)])).toEqual([
    expect.stringMatching(/zookeeper-3 does not answer/),
  ]);
  expect(said([...whole.slice(0, 2), up(3, "alone")])).toEqual([expect.stringMatching(/has yet to join/)]);
  expect(said([whole[0] ?? down(1), up(2, "leader", { syncedFollowers: 1 }), up(3, "follower")])).toEqual([
    "1 followers are up to date",
  ]);
  const stale = { served: { fingerprint: "old" }, wanted: "new" };
  expect(said([up(1, "follower", { certificate: stale }), ...whole.slice(1)])).toEqual([
    expect.stringMatching(/another certificate/),
  ]);
  for (const nodes of [whole, [down(1), down(2), down(3)]]) expect(decide(small, state(nodes))).toEqual([]);
});

test("a rolling change takes what does not answer first and the leader last", () => {
  const changes = [1, 2, 3].map((i) => ({
    instance: `zookeeper-${i}`,
    apply: "restart" as const,
    what: ["x"],
  }));
  const order = (nodes: readonly NodeState[]) =>
    rolloutZookeeper(small, state(nodes), changes).map((step) => step.instance);
  expect(order(whole)).toEqual(["zookeeper-1", "zookeeper-3", "zookeeper-2"]);
  expect(order([up(1, "leader"), up(2, "follower"), down(3)])).toEqual([
    "zookeeper-3",
    "zookeeper-2",
    "zookeeper-1",
  ]);
  expect(rolloutZookeeper(small, undefined, changes).every((step) => step.until === "converged")).toBe(true);
});

test("the answer to mntr is read, also that of a node without a quorum", () => {
  const text =
    "zk_version\t3.9.4-724, built on 2025-08-19\nzk_server_state\tleader\nzk_synced_followers\t2\n";
  expect(parseMonitor(text).get("zk_server_state")).toBe("leader");
  expect(parseMonitor("This ZooKeeper instance is not currently serving requests\n").size).toBe(0);
});
