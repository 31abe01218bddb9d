/** What the application works with beside MySQL, opened as far as the mall has it. Nothing is connected before it is used. */
import type { Bucket } from "../bucket/bucket.ts";
import { type Cache, cacheIn } from "./cache.ts";
import type { Config } from "./config.ts";
import { elasticAt } from "./elastic.ts";
import { causeOf } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { type Part, type Parts, partsOf } from "./parts.ts";
import { type Presence, presenceIn } from "./presence.ts";
import { openRedis } from "./redis.ts";
import { bucketOf } from "./replays/bucket.ts";
import { type RoomIndex, roomIndexIn } from "./search-index.ts";
import type { Secrets } from "./secrets.ts";
import { type LiveKit, livekitAt } from "./stage/livekit.ts";

export interface Stores {
  readonly parts: Parts;
  readonly cache: Cache;
  /** undefined: nobody counts viewers. */
  readonly presence: Presence | undefined;
  /** undefined: the mall has no search. */
  readonly search: RoomIndex | undefined;
  /** Where replays lie; undefined: nothing is recorded. */
  readonly bucket: Bucket | undefined;
  /** Sound and picture of auctions; undefined: the mall has none. */
  readonly stage: LiveKit | undefined;
  close(): Promise<void>;
}

/** @throws when the password of a part is not there */
export function openStores(config: Config, secrets: Secrets, metrics: Metrics, log: Log): Stores {
  const has: Readonly<Record<Part, boolean>> = {
    kafka: config.kafka !== undefined,
    redis: config.redis !== undefined,
    edges: config.redis !== undefined && config.edges.length > 0,
    elasticsearch: config.elasticsearch !== undefined,
    minio: config.minio !== undefined,
    livekit: config.livekit !== undefined,
  };
  for (const part of ["kafka", "redis", "elasticsearch", "minio"] as const)
    if (has[part]) secrets.read(`${part}.password`);
  if (has.livekit) secrets.read("livekit.key");
  const parts = partsOf(has, log);
  const redis =
    config.redis === undefined
      ? undefined
      : openRedis(config.redis, secrets, (state, cause) => parts.report("redis", state, cause));
  const prefix = config.redis?.prefix ?? "";
  const elastic = config.elasticsearch === undefined ? undefined : elasticAt(config.elasticsearch, secrets);
  const bucket = config.minio === undefined ? undefined : bucketOf(config.minio, secrets, parts);
  const stage =
    config.livekit === undefined ? undefined : livekitAt(config.livekit, secrets, parts, Date.now);
  return {
    parts,
    bucket,
    stage,
    cache: cacheIn(redis, prefix, metrics.cached),
    presence: redis !== undefined && has.edges ? presenceIn(redis, prefix) : undefined,
    search:
      elastic === undefined
        ? undefined
        : telling(roomIndexIn(elastic, config.elasticsearch?.index ?? ""), parts),
    close: async () => {
      redis?.close();
      bucket?.close();
      await stage?.end();
      await elastic?.close();
    },
  };
}

/** Whoever asks the index learns whether it answers. */
function telling(index: RoomIndex, parts: Parts): RoomIndex {
  const told = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      const value = await answer;
      parts.report("elasticsearch", "ok");
      return value;
    } catch (error) {
      parts.report("elasticsearch", "away", causeOf(error));
      throw error;
    }
  };
  return {
    ensure: () => told(index.ensure()),
    put: (revisions) => told(index.put(revisions)),
    search: (wish) => told(index.search(wish)),
    searchReplays: (wanted) => told(index.searchReplays(wanted)),
  };
}
