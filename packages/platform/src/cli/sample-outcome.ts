/** What the sample's measurement means for MY-6, as a result that `verify` keeps and shows. */
import { join } from "node:path";
import { z } from "zod";
import { digest } from "../plan/config-file.ts";
import { readJson } from "../state.ts";
import { text } from "../text.ts";
import { cacheCheckId, genericChecks, genericName } from "../verify/checks/generic.ts";
import { describe } from "../verify/run-checks.ts";
import { folderStore, type Outcome, stamped } from "../verify/store.ts";
import type { OpenMall } from "./mall.ts";

const latency = z.object({ p50Ms: z.number(), p99Ms: z.number(), meanMs: z.number() });

const benchSchema = z.object({
  at: z.iso.datetime(),
  requests: z.number(),
  readers: z.number(),
  products: z.number(),
  hitRate: z.number(),
  withCache: latency,
  withoutCache: latency,
  differing: z.number(),
});
export type BenchFigures = z.infer<typeof benchSchema>;

/** Where the sample keeps its results, below the mall's folder. */
export const sampleFolder = (opened: OpenMall): string => join(opened.folders.root, "storefront");

/**
 * It deviates when the cache does what a query cache is for: it answers, quicker than the database at the median, and
 * never with another page. The plan's own query cache no longer exists, so it cannot pass.
 */
export function benchOutcome(bench: BenchFigures): Outcome {
  const { hitRate, withCache, withoutCache, differing } = bench;
  const met = hitRate > 0 && differing === 0 && withCache.p50Ms < withoutCache.p50Ms;
  const hits = `${(hitRate * 100).toFixed(1)} %`;
  const times = `p50 ${withCache.p50Ms} / ${withoutCache.p50Ms} ms`;
  return {
    id: cacheCheckId,
    verdict: met ? "deviates" : "fail",
    detail: text(
      `the query cache was removed in MySQL 8.0; Redis instead: hit rate ${hits}, ${times} with and without it`,
      `查询缓存已在 MySQL 8.0 中移除；改用 Redis：命中率 ${hits}，有/无缓存 ${times}`,
    ),
    evidence: [
      {
        from: "storefront bench",
        read: `${bench.requests} pages of ${bench.products} products by ${bench.readers} readers; ${differing} differed`,
      },
      { from: "with the cache", read: figures(withCache) },
      { from: "without", read: figures(withoutCache) },
    ],
    durationMs: 0,
  };
}

const figures = (l: BenchFigures["withCache"]): string =>
  `p50 ${l.p50Ms} ms, p99 ${l.p99Ms} ms, mean ${l.meanMs} ms`;

/** Takes the sample's newest measurement in. @returns false when there is none of its form. */
export async function recordBench(opened: OpenMall): Promise<boolean> {
  const all = z
    .object({ bench: benchSchema })
    .safeParse(await readJson(join(sampleFolder(opened), "result.json")));
  const check = genericChecks.map((make) => make([])).find((c) => c.id === cacheCheckId);
  if (!all.success || check === undefined) return false;
  const report = { ...describe(genericName, check), ...benchOutcome(all.data.bench) };
  await folderStore(join(opened.folders.root, "verify")).write(
    stamped(report, all.data.bench.at, digest(opened.mall)),
  );
  return true;
}
