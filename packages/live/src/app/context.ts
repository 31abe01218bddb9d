/** What the routes work with. */
import type { FastifyRequest } from "fastify";
import type { Bucket } from "../bucket/bucket.ts";
import type { Act, RoomAccess, Who } from "./access.ts";
import type { Addresses } from "./addresses.ts";
import type { Feed } from "./auctions/feed.ts";
import type { Auctions } from "./auctions/store.ts";
import type { Broadcasts } from "./broadcasts.ts";
import type { Cache } from "./cache.ts";
import type { Config } from "./config.ts";
import type { Health } from "./health.ts";
import type { Keys } from "./keys.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Pins } from "./pins.ts";
import type { Presence } from "./presence.ts";
import type { Readiness } from "./readiness.ts";
import type { Replays } from "./replays/store.ts";
import type { Rooms } from "./rooms.ts";
import type { RoomIndex } from "./search-index.ts";
import type { Secrets } from "./secrets.ts";
import type { LiveKit } from "./stage/livekit.ts";

export interface Context {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly rooms: Rooms;
  readonly keys: Keys;
  readonly broadcasts: Broadcasts;
  readonly pins: Pins;
  /** undefined: the mall has no search. */
  readonly search: Pick<RoomIndex, "search" | "searchReplays"> | undefined;
  readonly health: Health;
  readonly addresses: Addresses;
  readonly cache: Cache;
  /** undefined: nobody counts viewers. */
  readonly presence: Pick<Presence, "viewers"> | undefined;
  readonly auctions: Auctions;
  readonly feed: Feed;
  /** Sound and picture of auctions; undefined: the mall has none. */
  readonly stage: LiveKit | undefined;
  readonly replays: Replays;
  /** Where replays lie; undefined: nothing is recorded. */
  readonly bucket: Bucket | undefined;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now: () => number;
  /** @throws TOKEN_WRONG */
  readonly who: (request: FastifyRequest) => Who;
  /** @throws FORBIDDEN, LOGIN_REQUIRED */
  readonly demand: (request: FastifyRequest, act: Act, room?: RoomAccess) => void;
}
