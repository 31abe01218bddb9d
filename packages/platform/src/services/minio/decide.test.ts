/** Every small world of four nodes and one thing that is wrong: what is asked for, and when nothing is. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { MinioAction } from "./action.ts";
import { decideMinio, summary } from "./decide.ts";
import { wantedLifecycle } from "./lifecycle.ts";
import { nodeNames, policyName } from "./names.ts";
import { normalisedPolicy, policyOf } from "./policy.ts";
import { accountsOf, minioProfiles, minioSpec } from "./spec.ts";
import { type AccountState, type Cluster, isRead, type MinioState, type Server } from "./state.ts";

const spec = minioSpec.parse({ ...minioProfiles.small, accounts: { live: { writes: ["replays"] } } });
const keyOf = (account: string): string => `${account}-0123abcd`;
const key = keyOf("app");
const appPolicy = policyName("app");
const planned = accountsOf(spec).map((account) => ({
  name: account.name,
  policy: normalisedPolicy(policyOf(account)),
}));
const policyFor = (account: string): string | undefined =>
  planned.find(({ name }) => name === account)?.policy;

const server = (instance: string, over: Partial<Server> = {}): Server => ({
  instance,
  online: true,
  drive: "ok",
  healing: false,
  totalBytes: 1,
  usedBytes: 0,
  ...over,
});

const whole: Cluster = {
  servers: nodeNames.map((name) => server(name)),
  parity: 2,
  drivesPerSet: 4,
  sets: 1,
  buckets: Object.entries(spec.buckets).map(([name, wanted]) => ({
    name,
    versioning: "Enabled",
    quotaBytes: wanted.quota,
    lifecycle: wantedLifecycle(wanted),
  })),
  accounts: planned.map(({ name, policy }) => ({
    name,
    policy,
    group: { members: [keyOf(name)], enabled: true, policy: policyName(name) },
    keys: [{ accessKey: keyOf(name), is: "accepted", read: "200" }],
  })),
  rootCurrent: true,
};

const state = (cluster: MinioState["cluster"], down: readonly string[] = []): MinioState => ({
  at: 0,
  nodes: nodeNames.map((instance) =>
    down.includes(instance)
      ? { instance, up: false, error: "refused" }
      : { instance, up: true, certificate: { served: { fingerprint: "f" }, wanted: "f" }, drives: 4 },
  ),
  cluster,
});

const kinds = (cluster: Partial<Cluster>): readonly string[] =>
  decideMinio(spec, state({ ...whole, ...cluster })).map((a) => a.kind);

/** The whole cluster but for the application's account, or all accounts. */
const withApp = (over: Partial<AccountState>): Partial<Cluster> => ({
  accounts: whole.accounts.map((one) => (one.name === "app" ? { ...one, ...over } : one)),
});
const withAccounts = (over: Partial<AccountState>): Partial<Cluster> => ({
  accounts: whole.accounts.map((one) => ({ ...one, ...over })),
});

test("a whole cluster asks for nothing and is content", () => {
  expect(decideMinio(spec, state(whole))).toEqual([]);
  expect(summary(spec, state(whole))).toMatchObject({ ok: true });
});

test("each thing that is wrong asks for what mends it", () => {
  const [first, ...rest] = whole.buckets;
  if (first === undefined) throw new Error("no bucket");
  const bucket = (over: object) => kinds({ buckets: [{ ...first, ...over }, ...rest] });
  expect(bucket({ versioning: undefined })).toEqual(["create-bucket"]);
  expect(bucket({ versioning: "Suspended" })).toEqual(["enable-versioning"]);
  expect(bucket({ quotaBytes: undefined })).toEqual(["set-quota"]);
  expect(bucket({ lifecycle: "[]" })).toEqual(["set-lifecycle"]);
  const app = (over: Partial<AccountState>) => kinds(withApp(over));
  expect(app({ policy: undefined })).toEqual(["set-policy"]);
  expect(app({ policy: "[]" })).toEqual(["set-policy"]);
  expect(app({ policy: policyFor("live") })).toEqual(["set-policy"]);
  expect(app({ group: { members: [key], enabled: false, policy: appPolicy } })).toEqual(["enable-group"]);
  expect(app({ group: { members: [key], enabled: true, policy: "" } })).toEqual(["set-group-policy"]);
  expect(app({ group: { members: [key, "app-old"], enabled: true, policy: appPolicy } })).toEqual([
    "remove-key",
  ]);
  expect(app({ keys: [{ accessKey: key, is: "refused", read: "SignatureDoesNotMatch" }] })).toEqual([
    "set-key",
  ]);
  expect(kinds({ rootCurrent: false })).toEqual(["restart-servers"]);
});

test("an empty cluster is filled in an order in which each step stands on the one before", () => {
  expect(
    kinds({
      buckets: [],
      ...withApp({
        policy: undefined,
        group: undefined,
        keys: [{ accessKey: key, is: "absent", read: "InvalidAccessKeyId" }],
      }),
    }),
  ).toEqual(["create-bucket", "create-bucket", "set-key", "join-group", "set-policy", "set-group-policy"]);
});

test("what cannot be read, or has no quorum to write, asks for nothing and is not content", () => {
  const broken = { ...whole, buckets: [], ...withAccounts({ policy: undefined, group: undefined }) };
  expect(decideMinio(spec, state({ error: "no node answers" }, nodeNames))).toEqual([]);
  for (let lost = 0; lost <= nodeNames.length; lost += 1) {
    const down = nodeNames.slice(0, lost);
    const servers = nodeNames.map((name) => server(name, { online: !down.includes(name) }));
    const at = state({ ...broken, servers }, down);
    expect(decideMinio(spec, at).length > 0, `${lost} lost`).toBe(lost <= 1);
    expect(summary(spec, at).ok).toBe(false);
    expect(summary(spec, state({ ...whole, servers }, down)).ok, `${lost} lost`).toBe(lost === 0);
  }
  const noDrive = nodeNames.map((name, i) => server(name, i < 2 ? { drive: "offline" } : {}));
  expect(decideMinio(spec, state({ ...broken, servers: noDrive }))).toEqual([]);
});

test("a node that does not reach all drives itself is not whole", () => {
  const at = state(whole);
  const nodes = at.nodes.map((node, i) => (node.up && i === 1 ? { ...node, drives: 3 } : node));
  expect(summary(spec, { ...at, nodes }).ok).toBe(false);
});

test("a node that heals keeps the next step of a rollout waiting; one with an old certificate is only said", () => {
  const healing = whole.servers.map((s, i) => (i === 2 ? { ...s, healing: true } : s));
  expect(summary(spec, state({ ...whole, servers: healing }))).toMatchObject({ ok: false });
  const at = state(whole);
  const stale = at.nodes.map((node) =>
    node.up ? { ...node, certificate: { served: { fingerprint: "old" }, wanted: "f" } } : node,
  );
  const said = summary(spec, { ...at, nodes: stale });
  expect(said.ok).toBe(true);
  expect(said.text.en).toContain("minio-1, minio-2, minio-3, minio-4 has yet to serve");
});

/** What an action does to a cluster that carries it out. */
function after(cluster: Cluster, action: MinioAction): Cluster {
  const bucket = (over: object) =>
    "bucket" in action
      ? {
          buckets: [
            ...cluster.buckets.filter((b) => b.name !== action.bucket),
            {
              ...(cluster.buckets.find((b) => b.name === action.bucket) ?? {
                name: action.bucket,
                versioning: "off" as const,
                quotaBytes: undefined,
                lifecycle: "[]",
              }),
              ...over,
            },
          ],
        }
      : {};
  const account = (
    change: (one: AccountState, group: NonNullable<AccountState["group"]>) => object,
  ): Cluster => ({
    ...cluster,
    accounts: cluster.accounts.map((one) =>
      "account" in action && one.name === action.account
        ? { ...one, ...change(one, one.group ?? { members: [], enabled: true, policy: "" }) }
        : one,
    ),
  });
  const wanted = "bucket" in action ? spec.buckets[action.bucket] : undefined;
  switch (action.kind) {
    case "create-bucket":
      return { ...cluster, ...bucket({ versioning: "off" }) };
    case "enable-versioning":
      return { ...cluster, ...bucket({ versioning: "Enabled" }) };
    case "set-quota":
      return { ...cluster, ...bucket({ quotaBytes: wanted?.quota }) };
    case "set-lifecycle":
      return wanted === undefined
        ? cluster
        : { ...cluster, ...bucket({ lifecycle: wantedLifecycle(wanted) }) };
    case "set-key":
      return account(({ keys }) => ({
        keys: keys.map((k) => (k.accessKey === action.accessKey ? { ...k, is: "accepted", read: "200" } : k)),
      }));
    case "join-group":
      return account((_, group) => ({ group: { ...group, members: [...group.members, action.accessKey] } }));
    case "remove-key":
      return account((_, group) => ({
        group: { ...group, members: group.members.filter((m) => m !== action.accessKey) },
      }));
    case "set-policy":
      return account(() => ({ policy: policyFor(action.account) }));
    case "enable-group":
      return account((_, group) => ({ group: { ...group, enabled: true } }));
    case "set-group-policy":
      return account((_, group) => ({ group: { ...group, policy: policyName(action.account) } }));
    case "restart-servers":
      return { ...cluster, rootCurrent: true };
  }
}

const anyAccount = ({ name, policy, group, keys }: AccountState): fc.Arbitrary<AccountState> =>
  fc.record({
    name: fc.constant(name),
    policy: fc.constantFrom(undefined, "[]", policy),
    group: fc.constantFrom(undefined, group, {
      members: [`${name}-old`],
      enabled: false,
      policy: "readwrite",
    }),
    keys: fc.constantFrom(
      keys,
      [{ accessKey: keyOf(name), is: "absent" as const, read: "InvalidAccessKeyId" }],
      [...keys, { accessKey: `${name}-previous`, is: "refused" as const, read: "SignatureDoesNotMatch" }],
    ),
  });

test("from any beginning it ends with nothing to do, and never asks for the same twice", () => {
  const anyBucket = fc.record({
    versioning: fc.constantFrom("Enabled", "Suspended", "off", undefined),
    quotaBytes: fc.constantFrom(undefined, 1, spec.buckets.products?.quota),
    lifecycle: fc.constantFrom("[]", "[[30,true]]"),
  });
  const anyCluster = fc.record({
    buckets: fc
      .tuple(anyBucket, anyBucket)
      .map((all) => Object.keys(spec.buckets).map((name, i) => ({ name, ...(all[i] ?? whole.buckets[0]) }))),
    accounts: fc.tuple(...whole.accounts.map(anyAccount)),
    rootCurrent: fc.boolean(),
  });
  fc.assert(
    fc.property(anyCluster, (over) => {
      let cluster = { ...whole, ...over } as Cluster;
      const done = new Set<string>();
      for (let round = 0; round < 12; round += 1) {
        const asked = decideMinio(spec, state(cluster));
        if (asked.length === 0) break;
        for (const action of asked) {
          const name = JSON.stringify({ ...action, why: "" });
          expect(done.has(name), name).toBe(false);
          done.add(name);
          cluster = after(cluster, action);
        }
      }
      expect(decideMinio(spec, state(cluster))).toEqual([]);
      expect(isRead(cluster)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
