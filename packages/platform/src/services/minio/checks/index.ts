import { keys } from "./access.ts";
import { quotas, versions } from "./buckets.ts";
import { encrypted, erasureSet, limits } from "./cluster.ts";
import type { MinioCheck } from "./evidence.ts";
import { nodesLost } from "./nodes-lost.ts";

export const minioChecks: readonly MinioCheck[] = [
  erasureSet,
  nodesLost,
  encrypted,
  keys,
  versions,
  quotas,
  limits,
];
