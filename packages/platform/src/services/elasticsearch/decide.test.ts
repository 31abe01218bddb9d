import { expect, test } from "vitest";
import { assess, decide, restartLimitMs } from "./decide.ts";
import { elasticsearchSpec } from "./spec.ts";
import type { Cluster, ElasticsearchState } from "./state.ts";
import { summary } from "./summary.ts";
import { cluster, instances, nodeUp, well, withCluster } from "./testing/states.ts";

const spec = elasticsearchSpec.parse({});
const kinds = (state: ElasticsearchState): readonly string[] => decide(spec, state).map((a) => a.kind);
const down = (index: number) => ({
  ...well,
  nodes: well.nodes.map((n, i) =>
    i === index - 1
      ? ({ instance: n.instance, up: false, kind: "unreachable", error: "ECONNREFUSED" } as const)
      : n,
  ),
});

test("a cluster that is as planned asks for nothing, and is said to be well", () => {
  expect(assess(spec, well)).toEqual({ actions: [], problems: [] });
  expect(summary(spec, well)).toMatchObject({
    ok: true,
    text: { en: "green, 3 nodes, master elasticsearch-1" },
  });
});

/** Each thing that may be wrong by itself, and what it asks for. */
const faults: readonly (readonly [Partial<Cluster>, readonly string[]])[] = [
  [{ wrongSettings: [{ key: "a", is: "", wanted: "true" }] }, ["put-settings"]],
  [{ wrongRoles: [{ name: "mall-app", difference: "absent" }] }, ["put-role"]],
  [{ wrongTemplates: [{ name: "mall-logs", difference: "other than planned" }] }, ["put-template"]],
  [{ repository: "absent" }, ["put-repository"]],
  [{ repository: "other" }, ["put-repository"]],
  [{ surplus: [{ kind: "role", name: "mall-former" }] }, ["drop-role"]],
  [{ delayed: 2 }, ["allocate-now"]],
  [{ exclusions: ["elasticsearch-2"] }, ["end-restart"]],
  [{ users: { wrong: [{ name: "app", difference: "has other roles" }], passwords: [] } }, ["put-user"]],
  [
    {
      users: {
        wrong: [],
        passwords: [{ user: "app", builtIn: false, present: "none", other: undefined }],
      },
    },
    ["set-password"],
  ],
];

test.each(faults)("%j", (part, wanted) => {
  expect(kinds(withCluster(part))).toEqual(wanted);
  expect(summary(spec, withCluster(part)).ok).toBe(false);
});

test("whatever is wrong at once, each is asked for once, and nothing is asked for what is right", () => {
  for (let mask = 0; mask < 2 ** faults.length; mask += 1) {
    const chosen = faults.filter((_, i) => (mask >> i) & 1);
    const state = withCluster(Object.assign({}, ...chosen.map(([part]) => part)));
    // Two of them are of the same fields.
    const wanted = new Set(chosen.flatMap(([, actions]) => actions));
    const asked = kinds(state);
    expect(new Set(asked).size).toBe(asked.length);
    for (const kind of asked) expect(wanted).toContain(kind);
    if (chosen.length > 0) expect(asked.length).toBeGreaterThan(0);
  }
});

test("what could not be read changes nothing", () => {
  for (const clusterError of [undefined, "elasticsearch-1: it has yet to read its own metadata"]) {
    const state = { ...well, cluster: undefined, clusterError };
    expect(decide(spec, state)).toEqual([]);
    expect(summary(spec, state).ok).toBe(false);
  }
  const unread = withCluster({ users: undefined });
  expect(decide(spec, unread)).toEqual([]);
  expect(summary(spec, unread)).toMatchObject({
    ok: false,
    text: { en: "the index of users cannot be read" },
  });
});

test("users go before their roles when both are planned no more", () => {
  const state = withCluster({
    surplus: [
      { kind: "template", name: "mall-a" },
      { kind: "role", name: "mall-a" },
      { kind: "user", name: "a" },
    ],
  });
  expect(kinds(state)).toEqual(["drop-user", "drop-role", "drop-template"]);
});

test("a copy is waited for as long as a node is away", () => {
  const away = { ...down(2), cluster: { ...cluster, delayed: 3, members: [instances[0], instances[2]] } };
  expect(decide(spec, away)).toEqual([]);
  const other = withCluster({ delayed: 3, members: [instances[0], instances[2]] });
  expect(decide(spec, other)).toEqual([]);
});

test("a restart ends when its node is back, or did not come; not before", () => {
  const restart = { instance: "elasticsearch-2", since: 5_000 };
  const state = (startedAt: number, at: number) => ({
    ...withCluster({ restart, exclusions: ["elasticsearch-2"] }),
    at,
    nodes: [nodeUp(1), { ...nodeUp(2), startedAt }, nodeUp(3)],
  });
  expect(kinds(state(1_000, 6_000))).toEqual([]);
  expect(kinds(state(6_000, 8_000))).toEqual(["end-restart"]);
  expect(kinds(state(1_000, 5_001 + restartLimitMs))).toEqual(["end-restart"]);
});

test.each([
  ["a node away", down(3), "elasticsearch-3 does not answer: ECONNREFUSED"],
  ["no master", { ...down(1), cluster: undefined }, "elasticsearch-1 does not answer: ECONNREFUSED"],
  [
    "data of another cluster",
    { ...well, nodes: [nodeUp(1), { ...nodeUp(2), clusterUuid: "two" }, nodeUp(3)] },
    "elasticsearch-2 holds the data of another cluster (two); nothing is deleted: look at its volume",
  ],
  [
    "a node alone",
    { ...well, nodes: [nodeUp(1), nodeUp(2), { ...nodeUp(3), master: undefined }] },
    "elasticsearch-3 knows no master",
  ],
  [
    "an old certificate",
    {
      ...well,
      nodes: [
        nodeUp(1),
        nodeUp(2),
        { ...nodeUp(3), certificate: { served: { fingerprint: "bb" }, wanted: "aa" } },
      ],
    },
    "elasticsearch-3 serves another certificate than the newest; it takes it up within seconds",
  ],
  [
    "a node outside",
    withCluster({ members: [instances[0], instances[1]] }),
    "elasticsearch-3 have not joined",
  ],
  [
    "shards without a place",
    withCluster({ status: "yellow", unassigned: 2, notGreen: ["products"] }),
    "yellow: 2 shards are not assigned (products)",
  ],
] as const)("%s is said", (_what, state, said) => {
  expect(decide(spec, state)).toEqual([]);
  expect(summary(spec, state)).toMatchObject({ ok: false, text: { en: said } });
});

test("nodes that all answer and elect nobody have lost their volumes, which is said", () => {
  const nodes = well.nodes.map((n) => ({ ...n, master: undefined, clusterUuid: undefined }));
  expect(assess(spec, { ...well, nodes, cluster: undefined }).problems.at(-1)?.en).toContain(
    "no second cluster is begun by itself",
  );
});

test("how many votes are there is said when there is no master", () => {
  const alone = {
    ...well,
    cluster: undefined,
    nodes: [
      { ...nodeUp(1), master: undefined },
      ...[2, 3].map((i) => ({
        instance: `elasticsearch-${i}`,
        up: false as const,
        kind: "unreachable" as const,
        error: "gone",
      })),
    ],
  };
  expect(assess(spec, alone).problems.map((p) => p.en)).toContain(
    "no master is elected: 1 of 3 nodes that vote answer, 2 are needed",
  );
});

test("an index that asks for more copies than there are nodes is no fault of the cluster", () => {
  const state = withCluster({ status: "yellow", unassigned: 3, wantTooMany: ["app-x"] });
  expect(summary(spec, state)).toMatchObject({ ok: true });
  expect(summary(spec, state).text.en).toContain("more copies wanted than there are nodes for: app-x");
});
