/**
 * MY-6: what the read-through cache gives. The same product pages, drawn by popularity, are read with and
 * without it in alternating blocks, so that whatever else the machine does falls on both alike. As many reads
 * again warm the empty cache first; their hit rate is said apart. Misses are part of the measured figures, with
 * what they cost more than a read without a cache.
 */
import { catalogue, type ProductPage, type ProductSource } from "./catalogue.ts";
import { redisCache } from "./catalogue-cache.ts";
import { difference, hitRate } from "./catalogue-stats.ts";
import { popularityExponent, random } from "./data/random.ts";
import { popularProduct, type ShopSize } from "./data/shop.ts";
import { productSource } from "./products.ts";
import type { Shop } from "./shop.ts";
import { type Latency, samples } from "./statistics.ts";

export interface BenchOptions {
  readonly size: ShopSize;
  readonly requests: number;
  /** Readers at once. */
  readonly readers: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onBlock?: (requests: number) => void;
}

export interface BenchResult {
  readonly requests: number;
  readonly readers: number;
  readonly products: number;
  /** While the cache filled. */
  readonly warmingHitRate: number;
  readonly hitRate: number;
  readonly hits: Latency;
  readonly misses: Latency;
  readonly withCache: Latency & { readonly perSecond: number };
  readonly withoutCache: Latency & { readonly perSecond: number };
  /** Pages that were not the same both ways. Must be none: nothing writes during the bench. */
  readonly differing: number;
}

const blockRequests = 1_000;

export async function bench(shop: Shop, options: BenchOptions): Promise<BenchResult> {
  const reading = { withinMs: 5_000, signal: options.signal };
  const source = productSource(shop.primary, reading);
  const asked = new Map<number, number>();
  const counting: ProductSource = {
    product: (id) => {
      asked.set(id, (asked.get(id) ?? 0) + 1);
      return source.product(id);
    },
  };
  const cached = catalogue(redisCache(shop.redis, `shop:bench-${Date.now().toString(36)}`), counting);
  const rng = random(options.seed, "bench");
  const product = popularProduct(options.size.products, popularityExponent);
  const hits = samples();
  const misses = samples();
  /** A miss is a read during which the catalogue asked the database for this product. */
  const readCached = async (id: number) => {
    const before = asked.get(id) ?? 0;
    const began = performance.now();
    const page = await cached.read(id);
    (before === (asked.get(id) ?? 0) ? hits : misses).add(performance.now() - began);
    return page;
  };
  const arms = {
    with: { samples: samples(), ms: 0, read: readCached },
    without: { samples: samples(), ms: 0, read: source.product },
  };
  let differing = 0;
  // Connections are opened before anything is measured.
  await Promise.all(Array.from({ length: options.readers }, () => source.product(1)));
  const warming = Array.from({ length: options.requests }, () => product(rng));
  await atOnce(warming, options.readers, async (id) => {
    options.signal.throwIfAborted();
    await cached.read(id);
  });
  const warm = cached.stats();
  for (let done = 0; done < options.requests; done += blockRequests) {
    options.signal.throwIfAborted();
    const count = Math.min(blockRequests, options.requests - done);
    const ids = Array.from({ length: count }, () => product(rng));
    const block = async (arm: (typeof arms)["with"]): Promise<readonly (ProductPage | undefined)[]> => {
      const began = performance.now();
      const pages = await atOnce(ids, options.readers, (id) => arm.samples.time(() => arm.read(id)));
      arm.ms += performance.now() - began;
      return pages;
    };
    // Who goes first changes each time: the second finds the rows in the buffer pool.
    const first = (done / blockRequests) % 2 === 0;
    const one = await block(first ? arms.with : arms.without);
    const two = await block(first ? arms.without : arms.with);
    for (const [i, page] of one.entries())
      if (JSON.stringify(page) !== JSON.stringify(two[i])) differing += 1;
    options.onBlock?.(count);
  }
  cached.close();
  const figures = (arm: (typeof arms)["with"]) => ({
    ...arm.samples.latency(),
    perSecond: Math.round((options.requests / arm.ms) * 1_000),
  });
  return {
    requests: options.requests,
    readers: options.readers,
    products: options.size.products,
    warmingHitRate: hitRate(warm),
    hitRate: hitRate(difference(cached.stats(), warm)),
    hits: hits.latency(),
    misses: misses.latency(),
    withCache: figures(arms.with),
    withoutCache: figures(arms.without),
    differing,
  };
}

async function atOnce<A, B>(
  items: readonly A[],
  workers: number,
  work: (item: A) => Promise<B>,
): Promise<readonly B[]> {
  const results: B[] = new Array(items.length);
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (const [i, item] of queue) results[i] = await work(item);
    }),
  );
  return results;
}
