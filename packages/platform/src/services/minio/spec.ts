/** `services.minio` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, MI). */
import { z } from "zod";
import { described } from "../../spec/described.ts";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores } from "../../spec/units.ts";
import { appAccount, reservedAccounts } from "./names.ts";

/** docs.aws.amazon.com, "Bucket naming rules", without dots: those break a certificate's wildcard. */
const bucketName = z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "3 to 63 of a-z, 0-9 and -");

/** With a dash and the eight digits that follow it, no longer than an access key may be (20 characters). */
const accountName = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,10}$/, "a lower-case name of a-z and 0-9, at most 11 characters")
  .refine((name) => !reservedAccounts.has(name), "a name that mallstack itself uses");

const account = z.strictObject({
  writes: described(
    z.array(bucketName).default([]),
    "Buckets that it may read and write; the application's user only reads those",
    "可读写的存储桶；应用用户对其只能读取",
  ),
  reads: described(z.array(bucketName).default([]), "Buckets that it may only read", "只能读取的存储桶"),
});

const bucket = z.strictObject({
  quota: described(
    bytes().optional(),
    "Most that the bucket may hold, all versions counted. Left out: no limit",
    "存储桶的容量上限，所有版本均计入。不设置时：不限",
  ),
  keepVersions: described(
    z.number().int().min(1).max(36_500).default(30),
    "Days for which a replaced or deleted object can be brought back",
    "被覆盖或删除的对象可以恢复的天数",
  ),
});

export const minioSpec = z.strictObject({
  memory: described(
    bytes().prefault("2Gi"),
    "Memory limit of each of the four nodes; the number of requests at once follows from it",
    "四个节点各自的内存上限；并发请求数由此得出",
  ),
  cpus: described(cores().default(2), "Limit in cores of each node", "每个节点的 CPU 核数上限"),
  storage: described(
    bytes().prefault("100Gi"),
    "Size of each node's volume claim (Kubernetes); half of all four holds data",
    "每个节点的 PVC 大小（Kubernetes）；四个合计的一半用于存放数据",
  ),
  requestsMax: described(
    z.number().int().min(4).max(100_000).optional(),
    "Requests at once over all nodes; more wait. Left out: as many as fit the memory (docs: sizing)",
    "所有节点合计的并发请求数，超出的请求排队等待。不设置时：取内存所能容纳的数量",
  ),
  buckets: described(
    z.record(bucketName, bucket).prefault({ products: { quota: "40Gi" }, replays: { quota: "120Gi" } }),
    "Buckets that are created, versioned, and given to the application's user",
    "自动创建、启用版本控制并授权给应用用户的存储桶",
  ),
  accounts: described(
    z.record(accountName, account).default({}),
    "Further applications: an account each, with keys of its own and only the buckets named here",
    "其他应用的账号：各有自己的密钥，且只能使用此处列出的存储桶",
  ),
});

export type MinioSpec = z.output<typeof minioSpec>;
export type BucketSpec = z.output<typeof bucket>;

/** Who may use which buckets. */
export interface Account {
  readonly name: string;
  /** Written and read. */
  readonly writes: readonly string[];
  /** Only read. */
  readonly reads: readonly string[];
}

/** Pure. The application, which writes whatever no account writes and reads all; then the accounts of the spec. */
export function accountsOf(spec: Pick<MinioSpec, "buckets" | "accounts">): readonly Account[] {
  const accounts = Object.entries(spec.accounts).map(([name, { writes, reads }]) => ({
    name,
    writes,
    reads: reads.filter((bucket) => !writes.includes(bucket)),
  }));
  const taken = new Set(accounts.flatMap(({ writes }) => writes));
  const buckets = Object.keys(spec.buckets).sort();
  const app = {
    name: appAccount,
    writes: buckets.filter((bucket) => !taken.has(bucket)),
    reads: buckets.filter((bucket) => taken.has(bucket)),
  };
  return [app, ...accounts];
}

/** What a profile sets where the user says nothing. */
export const minioProfiles: Readonly<Record<ProfileName, z.input<typeof minioSpec>>> = {
  small: {
    memory: "384Mi",
    cpus: 1,
    storage: "10Gi",
    buckets: { products: { quota: "5Gi" }, replays: { quota: "10Gi" } },
  },
  standard: {},
  production: { memory: "8Gi", cpus: 4, storage: "1Ti" },
};
