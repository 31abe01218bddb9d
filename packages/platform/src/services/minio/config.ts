/** minio.env: the variables that each node is started with (docs: MinIO, "Core settings"; cmd/, internal/config). */
import type { Setting } from "../../plan/model.ts";
import { instanceAddress } from "../../plan/names.ts";
import { drivePath, nodeIds, parity, ports, region, workloadName } from "./names.ts";
import { sizesOf } from "./sizing.ts";
import type { MinioSpec } from "./spec.ts";

/** All nodes must have the same, and read them at their start only. */
const restart = (key: string, value: string | number): Setting => ({
  key,
  value: `${value}`,
  apply: "restart",
});

export function minioSettings(spec: MinioSpec): readonly Setting[] {
  const sizes = sizesOf(spec);
  const names = instanceAddress(workloadName, `${workloadName}-{1...${nodeIds.length}}`);
  return [
    restart("MINIO_VOLUMES", `https://${names}:${ports.s3.number}${drivePath}`),
    restart("MINIO_STORAGE_CLASS_STANDARD", `EC:${parity}`),
    // Metadata that is small is kept with the same redundancy: its default of one drive would be the weaker promise.
    restart("MINIO_STORAGE_CLASS_RRS", `EC:${parity}`),
    restart("MINIO_API_REQUESTS_MAX", sizes.requestsMax),
    restart("MINIO_SITE_REGION", region),
    // A browser that meets the S3 port gets S3's answer, not an address of the console that it may not reach.
    restart("MINIO_BROWSER_REDIRECT", "off"),
    restart("MINIO_UPDATE", "off"),
    restart("GOMEMLIMIT", `${Math.floor(sizes.softLimitBytes / 2 ** 20)}MiB`),
    // The runtime would else start a thread for each core of the machine, whatever the container may use.
    restart("GOMAXPROCS", Math.max(2, Math.ceil(spec.cpus))),
  ];
}
