/** Holds what stands in the cache against the rows. */
import { decode } from "./catalogue.ts";
import type { Cache } from "./catalogue-cache.ts";
import { productAtRank } from "./data/random.ts";
import type { Database } from "./database.ts";
import type { Finding } from "./finding.ts";
import type { WrittenEntry } from "./ledger.ts";
import type { Manifest } from "./load.ts";

export interface CacheReadback {
  /** Products looked up. */
  readonly lookedUp: number;
  /** Pages that stood in the cache. */
  readonly pages: number;
  /** Pages that differ from their row. */
  readonly stale: number;
}

const lookUpsAtOnce = 64;

/** Looks up every product whose price was changed and the most popular others. */
export async function cacheFindings(
  cache: Cache,
  primary: Database,
  manifest: Manifest,
  entries: readonly WrittenEntry[],
  sample: number,
): Promise<{ readonly readback: CacheReadback; readonly findings: readonly Finding[] }> {
  const products = manifest.size.products;
  const wanted = new Set<number>();
  for (const { intent } of entries) if (intent.do === "price") wanted.add(intent.productId);
  for (let rank = 0; rank < Math.min(sample, products); rank += 1) wanted.add(productAtRank(rank, products));
  const ids = [...wanted];
  const findings: Finding[] = [];
  let pages = 0;
  for (let start = 0; start < ids.length; start += lookUpsAtOnce) {
    const slice = ids.slice(start, start + lookUpsAtOnce);
    // Nothing writes during the read-back: cache before rows or after makes no difference.
    const found = await Promise.all(slice.map((id) => cache.get(id)));
    const rows = await primary.use((session) =>
      session.rows<{ id: number; version: number; price_cents: number; name: string }>(
        "SELECT id, version, price_cents, name FROM products WHERE id IN (?)",
        [slice],
      ),
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const [i, id] of slice.entries()) {
      const entry = decode(found[i] ?? null);
      if (entry.kind !== "page") continue;
      pages += 1;
      const row = byId.get(id);
      const { page } = entry;
      if (page?.version !== row?.version || page?.priceCents !== row?.price_cents || page?.name !== row?.name)
        findings.push({
          check: "cache-fresh",
          where: "Redis",
          detail: `product ${id}: version ${page?.version} at ${page?.priceCents} is cached, ${row?.version} at ${row?.price_cents} is stored`,
        });
    }
  }
  return { readback: { lookedUp: ids.length, pages, stale: findings.length }, findings };
}
