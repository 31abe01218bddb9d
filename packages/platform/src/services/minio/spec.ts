/** `services.minio` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, MI). */
import { z } from "zod";
import { described } from "../../spec/described.ts";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores } from "../../spec/units.ts";

/** docs.aws.amazon.com, "Bucket naming rules", without dots: those break a certificate's wildcard. */
const bucketName = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

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
    z
      .record(z.string().regex(bucketName, "3 to 63 of a-z, 0-9 and -"), bucket)
      .prefault({ products: { quota: "40Gi" }, replays: { quota: "120Gi" } }),
    "Buckets that are created, versioned, and given to the application's user",
    "自动创建、启用版本控制并授权给应用用户的存储桶",
  ),
});

export type MinioSpec = z.output<typeof minioSpec>;
export type BucketSpec = z.output<typeof bucket>;

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
