import { expect, test } from "vitest";
import { decide, summary } from "./decide.ts";
import type { Slots } from "./slots.ts";
import { redisProfiles, redisSpec } from "./spec.ts";
import type { NodeUp, RedisState } from "./state.ts";
import type { TableEntry } from "./topology.ts";

const spec = redisSpec.parse(redisProfiles.small);
const at = Date.parse("2026-11-24T12:00:00Z");
const shares: readonly Slots[] = [
  [{ from: 0, to: 5460 }],
  [{ from: 5461, to: 10_922 }],
  [{ from: 10_923, to: 16_383 }],
];
const ids = Array.from({ length: 6 }, (_, i) => String(i + 1).repeat(40));

/** Three masters and three replicas, all well; `known` slots of each master as one node believes them. */
function node(index: number, known: readonly Slots[]): NodeUp {
  const table = ids.map(
    (id, i): TableEntry => ({
      id,
      host: `10.0.0.${i + 1}`,
      port: 6379,
      self: i === index,
      role: i < 3 ? "master" : "replica",
      failing: "no",
      handshake: false,
      noAddress: false,
      masterId: i < 3 ? undefined : ids[i - 3],
      epoch: (i % 3) + 1,
      linked: true,
      lastAnswerAt: at,
      slots: known[i] ?? [],
      moving: 0,
    }),
  );
  const self = table[index];
  if (self === undefined) throw new RangeError(String(index));
  return {
    instance: `redis-${index + 1}`,
    up: true,
    addresses: [self.host],
    id: self.id,
    table,
    self,
    clusterOk: true,
    currentEpoch: 3,
    keys: 0,
    version: "6.0.16",
    runId: self.id,
    uptimeSeconds: 60,
    offset: 100,
    masterLink: index < 3 ? undefined : "up",
    masterHost: undefined,
    memory: { usedBytes: 1, maxBytes: 2, evictedKeys: 0 },
    clients: 1,
    persistence: {
      aofEnabled: true,
      lastRdbOk: true,
      lastRdbAt: at / 1000,
      changesSinceRdb: 0,
      lastAofRewriteOk: true,
      lastAofWriteOk: true,
      saving: false,
    },
    wrongUsers: [],
    drift: [],
    replicationPasswordCurrent: true,
    certificate: { served: { fingerprint: "aa" }, wanted: "aa" },
    host: undefined,
  };
}

const state = (fourth: readonly Slots[]): RedisState => ({
  at,
  nodes: ids.map((_, index) => node(index, index === 3 ? fourth : shares)),
});

test("a cluster is well only when every node can tell a client who serves each slot", () => {
  expect(decide(spec, state(shares))).toEqual([]);
  expect(summary(spec, state(shares)).ok).toBe(true);
  const seen = summary(spec, state(shares.slice(0, 2)));
  expect(seen).toMatchObject({ ok: false, text: { en: "redis-4 have yet to hear who serves which slots" } });
  expect(decide(spec, state(shares.slice(0, 2)))).toEqual([]);
});

test("a node that is not as planned is put right by itself, the replica user only once it is a member", () => {
  const whole = state(shares);
  const [first, ...others] = whole.nodes;
  if (first === undefined || !first.up) throw new Error("six nodes that are up");
  const wrong: NodeUp = {
    ...first,
    wrongUsers: [
      { user: "replica", difference: "switched off" },
      { user: "exporter", difference: "absent" },
    ],
    drift: [{ key: "maxmemory", is: "0", wanted: "75497472" }],
    replicationPasswordCurrent: false,
    certificate: { served: { fingerprint: "bb" }, wanted: "aa" },
  };
  const kinds = (node: NodeUp) =>
    decide(spec, { at, nodes: [node, ...others] }).flatMap((a) =>
      a.target === "redis-1" ? [a.kind === "set-user" ? `${a.kind} ${a.user}` : a.kind] : [],
    );
  expect(kinds(wrong)).toEqual([
    "set-user replica",
    "set-user exporter",
    "set-config",
    "set-replication-password",
    "reload-certificate",
  ]);
  expect(kinds({ ...wrong, self: { ...wrong.self, slots: [] } })).not.toContain("set-user replica");
});

test.each([
  ["loading", "loading its data"],
  ["refused", "restart it"],
  ["expired", "mall up"],
  ["unreachable", "does not answer: timeout"],
] as const)("a node that is %s is said with what to do, and nothing is done to it", (kind, words) => {
  const nodes = state(shares).nodes.map((n) =>
    n.instance === "redis-6"
      ? { instance: n.instance, up: false as const, addresses: [], kind, error: "timeout" }
      : n,
  );
  const seen = summary(spec, { at, nodes });
  expect(seen.ok).toBe(false);
  expect(seen.text.en).toContain(words);
  expect(seen.text.zh).not.toBe(seen.text.en);
  expect(decide(spec, { at, nodes })).toEqual([]);
});

test("two nodes with one identity stop every decision about the cluster", () => {
  const nodes = state(shares).nodes.map((n) =>
    n.instance === "redis-6" && n.up ? { ...n, id: ids[0] ?? "" } : n,
  );
  expect(decide(spec, { at, nodes })).toEqual([]);
  expect(summary(spec, { at, nodes }).text.en).toContain("redis-1, redis-6 have the same identity");
});
