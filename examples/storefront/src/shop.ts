/** A running shop: its connections and what is built on them. */
import { type CartStore, carts } from "./cart.ts";
import { type Catalogue, catalogue } from "./catalogue.ts";
import { type Cache, redisCache } from "./catalogue-cache.ts";
import type { Connections } from "./connect.ts";
import { type Database, database } from "./database.ts";
import { storefrontError } from "./errors.ts";
import type { Bus } from "./events/bus.ts";
import { kafkaBus } from "./events/kafka.ts";
import { type Outbox, outbox } from "./events/outbox.ts";
import { loaded, type Manifest } from "./load.ts";
import type { OrderStore } from "./orders.ts";
import { orderStore } from "./orders-mysql.ts";
import { type PictureStore, pictureStore } from "./pictures/store.ts";
import { productSource } from "./products.ts";
import { keySpace, openRedis, type Redis } from "./redis.ts";
import { type CatalogueIndex, catalogueIndex } from "./search/catalogue-index.ts";
import { searchCluster } from "./search/elastic.ts";
import { type ProductSearch, productSearch } from "./search/search.ts";
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
  readonly outbox: Outbox;
  readonly bus: Bus;
  readonly index: CatalogueIndex;
  readonly search: ProductSearch;
  readonly pictures: PictureStore;
  close(): Promise<void>;
}

export interface ShopOptions {
  /** Connections to the primary; the replicas get half of it. */
  readonly connections: number;
  readonly instances: number;
  readonly statementTimeoutMs: number;
  /** Of each command to Redis; absent: as long as a page may wait. */
  readonly redisTimeoutMs?: number;
  /** How long a read is tried again. */
  readonly readWithinMs: number;
  readonly signal?: AbortSignal;
}

/** @throws NOT_LOADED */
export async function openShop(to: Connections, options: ShopOptions): Promise<Shop> {
  const { statementTimeoutMs, redisTimeoutMs } = options;
  const primary = database(to.primary, { connections: options.connections, statementTimeoutMs });
  const replicas = database(to.replicas, {
    connections: Math.max(2, Math.ceil(options.connections / 2)),
    statementTimeoutMs,
  });
  const manifest = await loadedShop(primary, to.primary.database);
  const space = keySpace(manifest.id);
  const events = outbox(manifest.id);
  const redis = await openRedis(to.redis, redisTimeoutMs === undefined ? {} : { timeoutMs: redisTimeoutMs });
  const bus = kafkaBus(to.kafka);
  const cluster = searchCluster(to.search);
  const index = catalogueIndex(cluster, manifest.id);
  const pictures = pictureStore(to.pictures, options.readWithinMs);
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
    orders: orderStore(primary, events),
    outbox: events,
    bus,
    index,
    search: productSearch(cluster, index),
    pictures,
    close: async () => {
      for (const one of catalogues) one.close();
      await Promise.all([
        ...[primary.close(), replicas.close(), redis.close()],
        ...[bus.close(), cluster.close(), pictures.close()],
      ]);
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
