/** What the catalogue counts, and sums of it over the instances of the application. */
export interface CatalogueStats {
  readonly hits: number;
  readonly misses: number;
  /** Reads that found a change going on and asked the database. */
  readonly fenced: number;
  /** Reads without the cache, because Redis did not answer. */
  readonly bypassed: number;
  /** Misses that shared another reader's flight. */
  readonly shared: number;
  /** Fills that came too late and were refused. */
  readonly refusedFills: number;
  /** Changes that had to go on without a fence, because Redis did not answer. */
  readonly unfenced: number;
}

export const totals = (of: readonly { stats(): CatalogueStats }[]): CatalogueStats =>
  of.map((one) => one.stats()).reduce((sum, own) => combine(sum, own, (a, b) => a + b));

export const difference = (now: CatalogueStats, before: CatalogueStats): CatalogueStats =>
  combine(now, before, (a, b) => a - b);

const combine = (
  a: CatalogueStats,
  b: CatalogueStats,
  by: (a: number, b: number) => number,
): CatalogueStats => ({
  hits: by(a.hits, b.hits),
  misses: by(a.misses, b.misses),
  fenced: by(a.fenced, b.fenced),
  bypassed: by(a.bypassed, b.bypassed),
  shared: by(a.shared, b.shared),
  refusedFills: by(a.refusedFills, b.refusedFills),
  unfenced: by(a.unfenced, b.unfenced),
});

/** Share of reads that the database did not see. */
export const hitRate = (stats: CatalogueStats): number => {
  const reads = stats.hits + stats.misses + stats.fenced + stats.bypassed;
  return reads === 0 ? 0 : stats.hits / reads;
};
