import { expect, test } from "vitest";
import type { Site } from "../../spec/site.ts";
import { deviceOf } from "./checks/cluster.ts";
import { accessKeyOf } from "./names.ts";
import { planMinio } from "./plan.ts";
import { normalisedPolicy, policyOf } from "./policy.ts";
import { rolloutMinio } from "./rollout.ts";
import { minioRules } from "./rules.ts";
import { sizesOf } from "./sizing.ts";
import { accountsOf, type MinioSpec, minioProfiles, minioSpec } from "./spec.ts";

const MiB = 2 ** 20;
const site: Site = {
  name: "mall",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 13_000,
  accept: [],
  images: {},
  mirrors: {},
};
const small = minioSpec.parse(minioProfiles.small);
const rules = (over: object): readonly string[] =>
  minioRules(minioSpec.parse({ ...minioProfiles.small, ...over }), site).map((f) => f.id);

test("four nodes, each told of all four and of nothing that differs between them", () => {
  const plan = planMinio(small, site);
  const [workload] = plan.workloads;
  expect(workload?.instances.map((i) => i.name)).toEqual(["minio-1", "minio-2", "minio-3", "minio-4"]);
  const files = workload?.instances.map((i) => JSON.stringify(i.files));
  expect(new Set(files).size).toBe(1);
  expect(files?.[0]).toContain("https://minio-{1...4}.minio:9000/data/drive");
  expect(JSON.stringify(workload?.instances.map((i) => i.environment))).toBe("[{},{},{},{}]");
  expect(plan.routes.map((r) => [r.name, r.hostPort, r.select.kind])).toEqual([
    ["minio", 13_900, "any"],
    ["minio-console", 13_909, "any"],
  ]);
});

test("requests follow from memory, and in every profile the worst moment fits", () => {
  expect(sizesOf(small).requestsMax).toBe(4 * Math.floor((224 * MiB) / (6 * MiB + 128 * 1024)));
  for (const profile of Object.values(minioProfiles)) {
    const spec = minioSpec.parse(profile);
    expect(sizesOf(spec).worstCaseBytes).toBeLessThanOrEqual(spec.memory);
    expect(minioRules(spec, site).map((f) => f.id)).toEqual(["MI-EOL"]);
  }
});

test("each rule has a spec that meets it", () => {
  expect(rules({ memory: "180Mi" })).toContain("MI-MEMORY");
  expect(rules({ requestsMax: 1_000 })).toContain("MI-REQUESTS");
  expect(rules({ storage: "1Gi" })).toContain("MI-QUOTAS");
  expect(rules({ buckets: { open: {} } })).toContain("MI-NO-QUOTA");
  expect(minioRules(small, { ...site, images: { minio: "minio/minio:x" } })).toEqual([]);
});

test("names of buckets are S3's", () => {
  const named = (name: string) => minioSpec.safeParse({ buckets: { [name]: {} } }).success;
  expect(["a-b", "abc", "x".repeat(63)].map(named)).toEqual([true, true, true]);
  expect(["ab", "A-b", "a_b", "-ab", "ab-", "a.b", "x".repeat(64)].map(named)).toEqual(Array(7).fill(false));
});

test("the application may use its buckets, and neither erase versions nor administer", () => {
  const [app] = accountsOf(small);
  if (app === undefined) throw new Error("no application");
  const policy = policyOf(app);
  const actions = policy.Statement.flatMap((s) => s.Action);
  expect(actions).not.toContain("s3:DeleteObjectVersion");
  expect(actions.filter((a) => a.includes("*") || a.startsWith("admin:"))).toEqual([]);
  expect(policy.Statement.flatMap((s) => s.Resource).filter((r) => r === "arn:aws:s3:::*")).toEqual([]);
  const shuffled = { ...policy, Statement: [...policy.Statement].reverse() };
  expect(normalisedPolicy(shuffled)).toBe(normalisedPolicy(policy));
  const wider = { ...policy, Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::*" }] };
  expect(normalisedPolicy(wider)).not.toBe(normalisedPolicy(policy));
});

test("an account has its own buckets only; those that it writes the application reads", () => {
  const spec = minioSpec.parse({
    ...minioProfiles.small,
    accounts: { live: { writes: ["replays"] }, report: { reads: ["products", "replays"] } },
  });
  expect(accountsOf(spec)).toEqual([
    { name: "app", writes: ["products"], reads: ["replays"] },
    { name: "live", writes: ["replays"], reads: [] },
    { name: "report", writes: [], reads: ["products", "replays"] },
  ]);
  const resources = (name: string, action: string): readonly string[] =>
    accountsOf(spec)
      .filter((account) => account.name === name)
      .flatMap((account) => policyOf(account).Statement)
      .filter(({ Action }) => Action.includes(action))
      .flatMap(({ Resource }) => Resource);
  expect(resources("app", "s3:PutObject")).toEqual(["arn:aws:s3:::products/*"]);
  expect(resources("app", "s3:GetObject")).toEqual(["arn:aws:s3:::products/*", "arn:aws:s3:::replays/*"]);
  expect(resources("live", "s3:DeleteObject")).toEqual(["arn:aws:s3:::replays/*"]);
  expect(resources("live", "s3:ListBucket")).toEqual(["arn:aws:s3:::replays"]);
  expect(resources("report", "s3:PutObject")).toEqual([]);
  expect(rules({ accounts: { live: { writes: ["absent"] } } })).toContain("MI-ACCOUNT-BUCKET");
  for (const name of ["app", "root", "Live", "live-1", "x".repeat(12)])
    expect(minioSpec.safeParse({ accounts: { [name]: {} } }).success, name).toBe(false);
});

test("a secret has one access key, and another secret another", () => {
  expect(accessKeyOf("app", "a".repeat(32))).toMatch(/^app-[0-9a-f]{8}$/);
  expect(accessKeyOf("app", "a".repeat(32))).not.toBe(accessKeyOf("app", "b".repeat(32)));
});

test("a rollout changes one node at a time; with another program the first waits for the second", () => {
  const changes = (what: string) =>
    [1, 2, 3, 4].map((n) => ({ instance: `minio-${n}`, apply: "restart" as const, what: [what] }));
  const until = (what: string) =>
    rolloutMinio(small as MinioSpec, undefined, changes(what)).map((s) => s.until);
  expect(until("certificate")).toEqual(Array(4).fill("converged"));
  expect(until("minio.env")).toEqual(["healthy", "converged", "converged", "converged"]);
  const down = {
    at: 0,
    cluster: { error: "" },
    nodes: [{ instance: "minio-3", up: false as const, error: "" }],
  };
  expect(rolloutMinio(small, down, changes("certificate"))[0]?.instance).toBe("minio-3");
});

test("the device below a path is that of the longest mount", () => {
  const mounts = `22 1 0:20 / / rw - overlay overlay rw
30 22 8:1 /volumes/x /data rw - ext4 /dev/sda1 rw
31 22 0:30 / /data2 rw - tmpfs tmpfs rw`;
  expect(deviceOf(mounts, "/data")).toBe("8:1");
  expect(deviceOf(mounts, "/data/drive")).toBe("8:1");
  expect(deviceOf(mounts, "/database")).toBe("0:20");
});
