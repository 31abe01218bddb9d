/** Live checks, by the ids of docs/requirements.md. */
import type { Check } from "../service.ts";
import type { RedisSpec } from "./spec.ts";

export const redisChecks: readonly Check<RedisSpec>[] = [];
