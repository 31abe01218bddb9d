/** A running shop: its connections and what is built on them. */
import { type CartStore, carts } from "./cart.ts";
import { type Catalogue, catalogue } from "./catalogue.ts";
import { type Cache, redisCache } from "./catalogue-cache.ts";
import type { Connections } from "./connect.ts";
import { type Database, database } from "./database.ts";
import { storefrontError } from "./errors.ts";
import { loaded, type Manifest } from "./load.ts";
import type { OrderStore } from "./orders.ts";
import { orderStore } from "./orders-mysql.ts";
import { productSource } from "./products.ts";
import { keySpace, openRedis, type Redis } from "./redis.ts";
import { type SessionStore, sessions } from "./session.ts";

export interface Shop {
  readonly manifest: Manifest;
  readonly primary: Database;
  readonly replicas: Database;
  readonly redis: Redis;
  readonly cache: Cache;
  /** As many as there are application instances: each has its own flights, all share one Redis. */
  readonly catalogues: readonly Catalogue[];
  readonly carts: CartStore;
  readonly sessions: SessionStore;
  readonly orders: OrderStore;
  close(): Promise<void>;
}

export interface ShopOptions {
  /** Connections to the primary; the replicas get half of it. */
  readonly connections: number;
  readonly instances: number;
  readonly statementTimeoutMs: number;
  /** How long a read is tried again. */
  readonly readWithinMs: number;
  readonly signal?: AbortSignal;
}

/** @throws NOT_LOADED */
export async function openShop(to: Connections, options: ShopOptions): Promise<Shop> {
  const { statementTimeoutMs } = options;
  const primary = database(to.primary, { connections: options.connections, statementTimeoutMs });
  const replicas = database(to.replicas, {
    connections: Math.max(2, Math.ceil(options.connections / 2)),
    statementTimeoutMs,
  });
  const manifest = await loadedShop(primary, to.primary.database);
  const space = keySpace(manifest.id);
  const redis = await openRedis(to.redis);
  const cache = redisCache(redis, space);
  const source = productSource(primary, {
    withinMs: options.readWithinMs,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const catalogues = Array.from({ length: options.instances }, () => catalogue(cache, source));
  return {
    manifest,
    primary,
    replicas,
    redis,
    cache,
    catalogues,
    carts: carts(redis, space),
    sessions: sessions(redis, space),
    orders: orderStore(primary),
    close: async () => {
      for (const one of catalogues) one.close();
      await Promise.all([primary.close(), replicas.close(), redis.close()]);
    },
  };
}

/** @throws NOT_LOADED */
async function loadedShop(primary: Database, name: string): Promise<Manifest> {
  const manifest = await loaded(primary);
  if (manifest !== undefined) return manifest;
  await primary.close();
  throw storefrontError.NOT_LOADED({ database: name });
}
