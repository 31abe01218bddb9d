/**
 * Simulated consumers and merchants on a running shop. Every write goes through the ledger; every page read is
 * held against the last price change that was acknowledged before the read began.
 */
import { type CatalogueStats, difference, hitRate, totals } from "./catalogue-stats.ts";
import { popularityExponent } from "./data/random.ts";
import { popularProduct } from "./data/shop.ts";
import type { Answer, Ledger } from "./ledger.ts";
import { merchant } from "./merchant.ts";
import type { Shop } from "./shop.ts";
import { shopper } from "./shopper.ts";
import type { Run, RunOptions } from "./simulation.ts";
import type { Latency } from "./statistics.ts";

export interface RunSummary {
  readonly seconds: number;
  readonly writes: Readonly<Record<string, Readonly<Record<Answer["is"], number>>>>;
  readonly latencies: Readonly<Record<string, Latency>>;
  readonly cache: CatalogueStats & { readonly hitRate: number };
  /** Pages older than a change acknowledged before they were asked for. Must be none. */
  readonly staleReads: number;
  readonly staleExamples: readonly string[];
  /** Sessions and carts that Redis no longer had. */
  readonly sessionsLost: number;
  readonly redisUnavailable: number;
  /** Failures of reads, by text. */
  readonly readErrors: Readonly<Record<string, number>>;
}

export async function runShoppers(shop: Shop, ledger: Ledger, options: RunOptions): Promise<RunSummary> {
  const began = Date.now();
  const before = totals(shop.catalogues);
  const run: Run = {
    shop,
    ledger,
    options,
    product: popularProduct(options.size.products, popularityExponent),
    until: began + options.seconds * 1_000,
    retrying: { withinMs: options.writeWithinMs, signal: options.signal },
    writes: {},
    latencies: {},
    acknowledged: new Map(),
    stale: [],
    readErrors: {},
    lost: { sessions: 0, redis: 0 },
  };
  const tick = setInterval(() => options.onStep?.(Date.now() - began), 250);
  try {
    await Promise.all([
      ...Array.from({ length: options.shoppers }, (_, i) => shopper(run, i)),
      ...Array.from({ length: options.merchants }, (_, i) => merchant(run, i)),
    ]);
    await Promise.all(shop.catalogues.map((catalogue) => catalogue.settle()));
  } finally {
    clearInterval(tick);
  }
  const cache = difference(totals(shop.catalogues), before);
  return {
    seconds: (Date.now() - began) / 1_000,
    writes: run.writes,
    latencies: Object.fromEntries(Object.entries(run.latencies).map(([name, s]) => [name, s.latency()])),
    cache: { ...cache, hitRate: hitRate(cache) },
    staleReads: run.stale.length,
    staleExamples: run.stale.slice(0, 5),
    sessionsLost: run.lost.sessions,
    redisUnavailable: run.lost.redis,
    readErrors: run.readErrors,
  };
}
