/**
 * Product pages, read through a cache in Redis (the plan's "query cache": MySQL's own was removed in 8.0).
 *
 * The promise: once a change of a product is acknowledged, no reader sees its row from before. Three things could break it.
 *
 * 1. *A stale fill.* A reader misses, reads the old row, is delayed, and writes it into the cache after a writer
 *    has committed and invalidated. Comparing row versions does not settle it here: the version to compare with
 *    must be kept in Redis, and a full Redis evicts it (allkeys-lru) exactly when it is needed. So a fill needs
 *    a **lease**: the reader puts a token of its own under the key before it reads the row, and its fill is
 *    accepted only while that token still stands there. Whatever removes the token (an invalidation, an expiry,
 *    an eviction, a lost node) makes the fill fail. Losing data in Redis can only cost a fill, never let a
 *    stale one win. (Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, use the same idea.)
 * 2. *A writer that dies* between its commit and its invalidation. So it puts a **fence** under the key before it
 *    commits; readers that find one go to the database and fill nothing. A dead writer's fence expires into a
 *    miss, not into the old page.
 * 3. *A lagging replica.* Fills read the primary only. Listings, which need no such promise, read the replicas.
 *
 * Within a process one flight per product runs at a time. A reader never joins a running one: its row may have
 * been read before a change that was acknowledged before this reader came. It joins the next one.
 *
 * What is left: Redis fails over and its new master had not received an invalidation, or Redis is away while a
 * row changes and comes back with the old page. Both are bounded by the time to live, and the second by the
 * repeated lifting as well.
 */
import { randomBytes } from "node:crypto";
import type { Cache } from "./catalogue-cache.ts";
import type { CatalogueStats } from "./catalogue-stats.ts";
import { RedisUnavailable } from "./redis.ts";

/**
 * A product as its page shows it. Units on the shelf are not part of it: they change with every sale.
 * `orderedUnits` does too, and is shown as what it was when the page was read from the database (at most the
 * time to live ago): the promise above is about the product's own row.
 */
export interface ProductPage {
  readonly id: number;
  readonly version: number;
  readonly name: string;
  readonly brand: string;
  readonly priceCents: number;
  readonly categoryId: number;
  readonly merchantId: number;
  readonly merchantName: string;
  readonly merchantCity: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly description: string;
  /** Ever ordered, by orders that were cancelled too. */
  readonly orderedUnits: number;
}

/** Reads the row itself, from the primary. */
export interface ProductSource {
  product(id: number): Promise<ProductPage | undefined>;
}

export interface CatalogueOptions {
  /** Life of a page in ms, spread by ±15 % so that pages filled together do not expire together. */
  readonly ttlMs?: number;
  /** Life of the knowledge that there is no such product. */
  readonly absentTtlMs?: number;
  /** Longest time a reader may take between lease and fill. */
  readonly leaseMs?: number;
  /** Life of a fence; renewed at a third of it while the change goes on. */
  readonly fenceMs?: number;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly token?: () => string;
}

export interface Catalogue {
  /** @returns the page, or undefined when there is no such product. */
  read(id: number): Promise<ProductPage | undefined>;
  /**
   * Runs a change of one product between fence and lift. `change` says whether its outcome is certain; an open
   * one leaves the fence to expire, because the change may still be committed.
   */
  changing<T>(
    id: number,
    change: () => Promise<{ readonly certain: boolean; readonly value: T }>,
  ): Promise<T>;
  stats(): CatalogueStats;
  /** Waits for invalidations that Redis has not taken yet. */
  settle(): Promise<void>;
  close(): void;
}

type Entry =
  | { readonly kind: "page"; readonly page: ProductPage | undefined }
  | { readonly kind: "fence" }
  | { readonly kind: "none" };

/** How long a reader waits in all for another process's fill before it asks the database itself. */
const leaseWaits = 5;
const leaseWaitMs = 8;
const liftRetryMs = 200;

export function catalogue(cache: Cache, source: ProductSource, options: CatalogueOptions = {}): Catalogue {
  const { ttlMs = 600_000, absentTtlMs = 10_000, leaseMs = 5_000, fenceMs = 30_000 } = options;
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  const random = options.random ?? Math.random;
  const token = options.token ?? (() => randomBytes(12).toString("base64url"));
  const count = { hits: 0, misses: 0, fenced: 0, bypassed: 0, shared: 0, refusedFills: 0, unfenced: 0 };
  const running = new Map<number, Promise<void>>();
  const next = new Map<number, Promise<ProductPage | undefined>>();
  const lifting = new Set<Promise<void>>();
  let closed = false;

  const jittered = (ms: number) => Math.round(ms * (0.85 + 0.3 * random()));

  const read: Catalogue["read"] = async (id) => {
    try {
      const entry = decode(await cache.get(id));
      if (entry.kind === "page") {
        count.hits += 1;
        return entry.page;
      }
      if (entry.kind === "fence") {
        count.fenced += 1;
        return await source.product(id);
      }
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) throw error;
      count.bypassed += 1;
      return await source.product(id);
    }
    return await flight(id);
  };

  /** One flight at a time per product; who comes during one waits for the next, which begins after it came. */
  const flight = (id: number): Promise<ProductPage | undefined> => {
    const waiting = next.get(id);
    if (waiting !== undefined) {
      count.shared += 1;
      return waiting;
    }
    const before = running.get(id);
    if (before === undefined) return start(id);
    const queued = before.then(() => {
      next.delete(id);
      return start(id);
    });
    next.set(id, queued);
    return queued;
  };

  const start = (id: number): Promise<ProductPage | undefined> => {
    const { page, ended } = fetch(id);
    running.set(id, ended);
    void ended.then(() => {
      if (running.get(id) === ended) running.delete(id);
    });
    return page;
  };

  /** `page` is there as soon as the row is; `ended` once it stands in the cache, and never fails. */
  const fetch = (id: number) => {
    let filling: Promise<void> = Promise.resolve();
    const page = (async () => {
      const own = token();
      for (let waits = 0; waits <= leaseWaits; waits += 1) {
        const got = await quietly(() => cache.lease(id, own, leaseMs));
        if (got === undefined) {
          count.bypassed += 1;
          return await source.product(id);
        }
        if (got.leased) {
          const read = await readLeased(id, own);
          filling = fill(id, own, read);
          return read;
        }
        const entry = decode(got.found);
        if (entry.kind === "page") {
          count.hits += 1;
          return entry.page;
        }
        if (entry.kind === "fence") {
          count.fenced += 1;
          return await source.product(id);
        }
        await sleep(leaseWaitMs * (0.5 + random()));
      }
      count.misses += 1;
      return await source.product(id);
    })();
    const ended = page.then(
      () => filling,
      () => {},
    );
    return { page, ended };
  };

  const readLeased = async (id: number, own: string): Promise<ProductPage | undefined> => {
    count.misses += 1;
    try {
      return await source.product(id);
    } catch (error) {
      await quietly(() => cache.release(id, own));
      throw error;
    }
  };

  /** Beside the reader, who has its page already. A defect here must not end the shop: the lease expires. */
  const fill = async (id: number, own: string, page: ProductPage | undefined): Promise<void> => {
    const life = jittered(page === undefined ? absentTtlMs : ttlMs);
    const accepted = await cache.fill(id, own, encode(page), life).catch(() => undefined);
    if (accepted === false) count.refusedFills += 1;
  };

  const changing: Catalogue["changing"] = async (id, change) => {
    const own = token();
    const fenced = await quietly(() => cache.fence(id, own, fenceMs).then(() => true));
    if (fenced === undefined) count.unfenced += 1;
    const renew = setInterval(() => void quietly(() => cache.fence(id, own, fenceMs)), fenceMs / 3);
    renew.unref();
    let certain = false;
    try {
      const outcome = await change();
      certain = outcome.certain;
      return outcome.value;
    } finally {
      clearInterval(renew);
      if (certain) await lift(id, own);
    }
  };

  /** Tries at once; when Redis does not answer, goes on trying beside the caller until it does. */
  const lift = async (id: number, own: string): Promise<void> => {
    const once = () => quietly(() => cache.lift(id, own).then(() => true));
    if ((await once()) !== undefined) return;
    const going = (async () => {
      do await sleep(liftRetryMs);
      while (!closed && (await once()) === undefined);
    })();
    lifting.add(going);
    void going.then(() => lifting.delete(going));
  };

  return {
    read,
    changing,
    stats: () => ({ ...count }),
    settle: async () => {
      await Promise.all(lifting);
    },
    close: () => {
      closed = true;
    },
  };
}

/** undefined when Redis does not answer; other errors are defects and go up. */
async function quietly<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof RedisUnavailable) return undefined;
    throw error;
  }
}

const encode = (page: ProductPage | undefined): string =>
  page === undefined ? "N" : `V${JSON.stringify(page)}`;

/** What stands under a key: a page, no such product, a fence; a lease and the unreadable count as nothing. */
export function decode(found: string | null): Entry {
  if (found === null) return { kind: "none" };
  if (found === "N") return { kind: "page", page: undefined };
  if (found.startsWith("F")) return { kind: "fence" };
  if (!found.startsWith("V")) return { kind: "none" };
  try {
    return { kind: "page", page: JSON.parse(found.slice(1)) as ProductPage };
  } catch {
    return { kind: "none" };
  }
}
