/** Redis Cluster: masters that share the slots, each with its replicas, kept together by the agent. */
import { text } from "../../text.ts";
import { defineService } from "../service.ts";
import { actRedis } from "./act.ts";
import type { RedisAction } from "./actions.ts";
import { redisChecks } from "./checks/index.ts";
import { connectRedis } from "./connect.ts";
import { decide, summary } from "./decide.ts";
import { serviceName } from "./names.ts";
import { observeRedis } from "./observe.ts";
import { planRedis } from "./plan.ts";
import { rolloutRedis } from "./rollout.ts";
import { redisRules } from "./rules.ts";
import { type RedisSpec, redisProfiles, redisSpec } from "./spec.ts";
import type { RedisState } from "./state.ts";

export const redis = defineService<RedisSpec, RedisState, RedisAction>({
  name: serviceName,
  title: text("Redis Cluster", "Redis 集群"),
  spec: redisSpec,
  profiles: redisProfiles,
  needs: [],
  images: ["redis"],
  ruleIds: [
    "RE-EOL",
    "RE-QUORUM",
    "RE-EVEN",
    "RE-SPOF",
    "RE-TIMEOUT",
    "RE-MAXMEMORY-TWICE",
    "RE-MEMORY",
    "RE-MAXMEMORY",
    "RE-HEADROOM",
    "RE-POLICY",
    "RE-NOEVICTION",
    "RE-STORAGE",
  ],
  rules: redisRules,
  plan: planRedis,
  observe: observeRedis,
  decide,
  act: actRedis,
  summary,
  checks: redisChecks,
  rollout: rolloutRedis,
  connect: connectRedis,
});
