/** `services.minio` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, MI). */
import { z } from "zod";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores } from "../../spec/units.ts";

/** docs.aws.amazon.com, "Bucket naming rules", without dots: those break a certificate's wildcard. */
const bucketName = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

const bucket = z.strictObject({
  quota: bytes()
    .optional()
    .describe("Most that the bucket may hold, all versions counted. Left out: no limit"),
  keepVersions: z
    .number()
    .int()
    .min(1)
    .max(36_500)
    .default(30)
    .describe("Days for which a replaced or deleted object can be brought back"),
});

export const minioSpec = z.strictObject({
  memory: bytes()
    .prefault("2Gi")
    .describe("Memory limit of each of the four nodes; the number of requests at once follows from it"),
  cpus: cores().default(2).describe("Limit in cores of each node"),
  storage: bytes()
    .prefault("100Gi")
    .describe("Size of each node's volume claim (Kubernetes); half of all four holds data"),
  requestsMax: z
    .number()
    .int()
    .min(4)
    .max(100_000)
    .optional()
    .describe(
      "Requests at once over all nodes; more wait. Left out: as many as fit the memory (docs: sizing)",
    ),
  buckets: z
    .record(z.string().regex(bucketName, "3 to 63 of a-z, 0-9 and -"), bucket)
    .prefault({ products: { quota: "40Gi" }, replays: { quota: "120Gi" } })
    .describe("Buckets that are created, versioned, and given to the application's user"),
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
