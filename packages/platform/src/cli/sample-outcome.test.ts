import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mallOf } from "../agent/testing/fake.ts";
import { digest } from "../plan/config-file.ts";
import { folderStore } from "../verify/store.ts";
import type { OpenMall } from "./mall.ts";
import { type BenchFigures, benchOutcome, recordBench } from "./sample-outcome.ts";

const bench: BenchFigures = {
  at: "2026-11-24T09:00:00.000Z",
  requests: 20_000,
  readers: 8,
  products: 50_000,
  hitRate: 0.934,
  withCache: { p50Ms: 0.6, p99Ms: 4, meanMs: 0.9 },
  withoutCache: { p50Ms: 2.1, p99Ms: 9, meanMs: 2.4 },
  differing: 0,
};

test("a cache that answers quicker and never otherwise deviates; anything else fails", () => {
  expect(benchOutcome(bench)).toMatchObject({ verdict: "deviates", detail: { en: /hit rate 93\.4 %/ } });
  expect(benchOutcome({ ...bench, differing: 1 }).verdict).toBe("fail");
  expect(benchOutcome({ ...bench, hitRate: 0 }).verdict).toBe("fail");
  expect(benchOutcome({ ...bench, withCache: bench.withoutCache }).verdict).toBe("fail");
});

test("the newest measurement is kept for verify, with its own time and the mall it was made on", async () => {
  const root = await mkdtemp(join(tmpdir(), "mall-sample-"));
  try {
    const mall = mallOf("x");
    const opened = { mall, folders: { root } } as OpenMall;
    expect(await recordBench(opened)).toBe(false);
    await mkdir(join(root, "storefront"));
    await writeFile(join(root, "storefront/result.json"), JSON.stringify({ form: 1, bench }));
    expect(await recordBench(opened)).toBe(true);
    expect(await folderStore(join(root, "verify")).read("mall.read-through-cache")).toMatchObject({
      configuration: digest(mall),
      report: { verdict: "deviates", ranAt: bench.at, requirements: ["MY-6"] },
    });
  } finally {
    await rm(root, { recursive: true });
  }
});
