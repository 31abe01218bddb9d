/** MinIO: four drives on four nodes as one erasure set, with the buckets, keys and rights that mall.yaml declares. */
import { text } from "../../text.ts";
import { defineService } from "../service.ts";
import { actMinio } from "./act.ts";
import type { MinioAction } from "./action.ts";
import { minioChecks } from "./checks/index.ts";
import { connectMinio } from "./connect.ts";
import { decideMinio, summary } from "./decide.ts";
import { serviceName } from "./names.ts";
import { observeMinio } from "./observe.ts";
import { planMinio } from "./plan.ts";
import { rolloutMinio } from "./rollout.ts";
import { minioRules } from "./rules.ts";
import { type MinioSpec, minioProfiles, minioSpec } from "./spec.ts";
import type { MinioState } from "./state.ts";

export const minio = defineService<MinioSpec, MinioState, MinioAction>({
  name: serviceName,
  title: text("MinIO", "MinIO"),
  spec: minioSpec,
  profiles: minioProfiles,
  failsOverItself: true,
  needs: [],
  images: ["minio"],
  ruleIds: ["MI-EOL", "MI-MEMORY", "MI-REQUESTS", "MI-QUOTAS", "MI-NO-QUOTA", "MI-ACCOUNT-BUCKET"],
  rules: minioRules,
  plan: planMinio,
  observe: observeMinio,
  decide: decideMinio,
  act: actMinio,
  summary,
  checks: minioChecks,
  rollout: rolloutMinio,
  connect: connectMinio,
});
