/**
 * The sample shop on a mall that `./mall up` made, by the commands that a user types: loaded, shopped at, read back;
 * with Redis full and evicting, with its primary killed and with its replicas restarted; and a read-back that can
 * fail. Smaller than the shop of the defaults (`./mall storefront load`), in all else the same.
 */
import { randomBytes, randomInt } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BenchResult } from "../../examples/storefront/src/bench.ts";
import type { LoadResult, Manifest } from "../../examples/storefront/src/load.ts";
import type { Readback } from "../../examples/storefront/src/readback.ts";
import type { RunSummary } from "../../examples/storefront/src/shoppers.ts";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import { exitCodes } from "../../packages/platform/src/errors.ts";
import { stateHome } from "../../packages/platform/src/state.ts";
import { containerName } from "../../packages/platform/src/targets/compose/names.ts";
import { servicesOnly } from "../support/left-out.ts";
import { repositoryRoot } from "../support/ready-images.ts";

const name = `shop-${randomBytes(3).toString("hex")}`;
const size = ["--products", "3000", "--orders", "5000", "--consumers", "1000", "--merchants", "50"] as const;
let folder: string;
let file: string;
let engine: Engine;

interface Answer<Document> {
  readonly code: number;
  /** Undefined when the command wrote none. */
  readonly document: Document;
  readonly text: string;
}

/** What a command that did not succeed writes. */
interface Failure {
  readonly error: { readonly code: string };
}
type Load = Manifest & Pick<LoadResult, "already" | "rows">;

/** `./mall -f FILE --json …`, whatever its exit code. */
async function mall<Document>(...words: readonly string[]): Promise<Answer<Document>> {
  const done = await execa(join(repositoryRoot, "mall"), ["-f", file, "--json", ...words], { reject: false });
  const text = `${done.stdout}\n${done.stderr}`;
  return { code: done.exitCode ?? -1, document: parsed(done.stdout) as Document, text };
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

async function succeeds<Document>(...words: readonly string[]): Promise<Document> {
  const { code, document, text } = await mall<Document>(...words);
  expect(code, text).toBe(exitCodes.ok);
  return document;
}

const docker = (...words: readonly string[]) => execa("docker", words, { env: { ...engine.env } });
const container = (instance: string) => containerName(name, instance);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-shop-"));
  file = join(folder, "mall.yaml");
  const head = `name: ${name}\nprofile: small\nportBase: ${40_000 + 1_000 * randomInt(20)}\n`;
  await writeFile(file, head + servicesOnly(["mysql", "redis"]));
  engine = await ensureEngine();
  await succeeds("up");
});
afterAll(async () => {
  await mall("down", "--volumes", "--yes");
  await rm(folder, { recursive: true, force: true });
});

describe("loading", () => {
  test("a check of nothing says what to do first", async () => {
    const { code, document } = await mall<Failure>("storefront", "check");
    expect(code).toBe(exitCodes.input);
    expect(document.error.code).toBe("NOT_LOADED");
  });

  test("the shop is filled, once; another one only on demand", async () => {
    const first = await succeeds<Load>("storefront", "load", ...size);
    expect(first).toMatchObject({ already: false, orders: 5_000, size: { products: 3_000, merchants: 50 } });
    const again = await succeeds<Load>("storefront", "load", ...size);
    expect(again).toMatchObject({ id: first.id, already: true, rows: 0 });
    const other = await mall<Failure>("storefront", "load", ...size, "--seed", "2");
    expect(other.code).toBe(exitCodes.refused);
    expect(other.document.error.code).toBe("OTHER_SHOP");
  });

  test("what was loaded is on the primary and on both replicas", async () => {
    const check = await succeeds<Readback>("storefront", "check");
    expect(check.findings).toEqual([]);
    expect(check.servers.map((s) => s.role).sort()).toEqual(["primary", "replica", "replica"]);
  });
});

/** A run, something that happens to the mall meanwhile, and the read-back. */
async function runAnd(meanwhile: () => Promise<void>, ...options: readonly string[]): Promise<Run> {
  const [run] = await Promise.all([succeeds<Run>("storefront", "run", ...options), meanwhile()]);
  expect(run.staleExamples).toEqual([]);
  const check = await succeeds<Readback>("storefront", "check");
  expect(check.findings).toEqual([]);
  expect(check.open).toBe(0);
  return run;
}
type Run = RunSummary & { readonly evictedKeys: number; readonly longestSilenceMs: number };

describe("shopping", () => {
  test("everything acknowledged is found again, on every server, and no page was stale", async () => {
    const run = await runAnd(async () => {}, "--seconds", "8");
    for (const kind of ["order", "cancel", "price", "restock"])
      expect(run.writes[kind]?.acknowledged, kind).toBeGreaterThan(0);
    expect(run.cache.hitRate).toBeGreaterThan(0.3);
    expect(run.readErrors).toEqual({});
  });

  test("with Redis full and evicting, nothing is lost but time", async () => {
    const run = await runAnd(async () => {}, "--seconds", "8", "--ballast", "360", "--seed", "3");
    expect(run.evictedKeys).toBeGreaterThan(1_000);
    expect(run.writes.order?.acknowledged).toBeGreaterThan(0);
  });

  test("with the primary killed under it, every acknowledged order is there, once", async () => {
    const run = await runAnd(
      async () => {
        await sleep(5_000);
        await docker("kill", container("mysql-1"));
        await docker("start", container("mysql-1"));
      },
      "--seconds",
      "20",
      "--seed",
      "4",
    );
    expect(run.writes.order?.acknowledged).toBeGreaterThan(0);
    expect(run.longestSilenceMs).toBeGreaterThan(500);
  });

  /**
   * A node that is killed and back within its time-out is the same master with what its append-only file had: up to a
   * second of it may be missing, the invalidation of a page among it (examples/storefront/src/catalogue.ts says so, and
   * what bounds it). Nothing else may be wrong.
   */
  test("with a node of Redis killed under it, the shop goes on; a page may be as old as its last second", async () => {
    const kill = async () => {
      await sleep(4_000);
      await docker("kill", container("redis-1"));
      await docker("start", container("redis-1"));
    };
    const [{ document: run, text }] = await Promise.all([
      mall<Run>("storefront", "run", "--seconds", "15", "--seed", "5"),
      kill(),
    ]);
    expect(run?.writes.order?.acknowledged, text).toBeGreaterThan(0);
    expect(run.staleReads, text).toBeLessThanOrEqual(20);
    const { document: check } = await mall<Readback>("storefront", "check");
    expect(check.findings.filter((one) => one.check !== "cache-fresh")).toEqual([]);
    expect(check.findings.length).toBeLessThanOrEqual(5);
    expect(check.open).toBe(0);
    // What follows begins with a cache that lost no second.
    for (let n = 1; n <= 6; n += 1)
      await execa("docker", ["exec", container(`redis-${n}`), "mall-shell", "FLUSHALL"], {
        env: { ...engine.env },
        reject: false,
      });
  });
});

test("told to end, the command ends with its shoppers, and what was acknowledged is there", async () => {
  const running = execa(join(repositoryRoot, "mall"), ["-f", file, "storefront", "run", "--seconds", "120"], {
    reject: false,
  });
  const pid = running.pid ?? 0;
  const children = () => readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  await expect.poll(children, { timeout: 20_000 }).toMatch(/\d/);
  const shoppers = Number((await children()).trim());
  await sleep(3_000);
  process.kill(pid, "SIGTERM");
  const { exitCode } = await running;
  expect(exitCode).toBe(exitCodes.interrupted);
  await expect(readFile(`/proc/${shoppers}/stat`, "utf8")).rejects.toThrow("ENOENT");
  expect((await succeeds<Readback>("storefront", "check")).findings).toEqual([]);
}, 90_000);

test("the cache is measured with and without, and every result is kept for verify", async () => {
  const bench = await succeeds<BenchResult>("storefront", "bench", "--requests", "2000");
  expect(bench.differing).toBe(0);
  expect(bench.withCache.count).toBe(2_000);
  expect(bench.withoutCache.count).toBe(2_000);
  expect(bench.hitRate).toBeGreaterThan(0.3);
  const file = join(stateHome(), "malls", name, "storefront/result.json");
  const kept = JSON.parse(await readFile(file, "utf8"));
  expect(Object.keys(kept).sort()).toEqual(["bench", "check", "form", "load", "run"]);
  expect(Date.now() - Date.parse(kept.bench.at)).toBeLessThan(60_000);
});

test("a lost order, a wrong sum and a unit too many are found", async () => {
  const lost = "SELECT MAX(id) FROM shop.orders WHERE status = 'paid'";
  await succeeds(
    "sql",
    "--",
    "-e",
    `SET @lost = (${lost}); DELETE FROM shop.orders WHERE id = @lost; UPDATE shop.merchant_accounts SET sales_cents = sales_cents + 1 WHERE merchant_id = 1; UPDATE shop.stock SET available_units = available_units + 1 WHERE product_id = 7`,
  );
  const { code, document } = await mall<Readback>("storefront", "check");
  expect(code).toBe(exitCodes.unmet);
  const found = new Set(document.findings.map((f) => `${f.check} ${f.where}`));
  for (const check of ["acknowledged-orders", "merchant-sums", "stock", "orphan-lines", "orphan-payments"])
    for (const where of ["primary 1", "replica 2", "replica 3"]) expect(found).toContain(`${check} ${where}`);
});
