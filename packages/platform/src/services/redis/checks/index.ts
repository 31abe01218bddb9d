/** The live checks of Redis, in the order of docs/requirements.md. */
import { bus, password } from "./access.ts";
import { topology, version } from "./cluster.ts";
import { eviction, policy } from "./eviction.ts";
import type { RedisCheck } from "./evidence.ts";
import { connections, hugePages, memory } from "./host.ts";
import { persistence } from "./persistence.ts";

export const redisChecks: readonly RedisCheck[] = [
  version,
  topology,
  persistence,
  policy,
  eviction,
  password,
  hugePages,
  connections,
  memory,
  bus,
];
