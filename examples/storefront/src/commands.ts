/** What each command does, what it prints and what it saves. */
import type { CommandName } from "./arguments.ts";
import { ballast } from "./ballast.ts";
import { bench } from "./bench.ts";
import { type Command, shoppingBounds, withShop, workerPorts, writeWithinMs } from "./command.ts";
import { loadCommand } from "./command-load.ts";
import { relevanceCommand } from "./command-relevance.ts";
import { serveCommand } from "./command-serve.ts";
import { drain } from "./drain.ts";
import { ledgerFile, longestSilenceMs, openLedger, readLedgers } from "./ledger.ts";
import { progress } from "./progress.ts";
import { readBack } from "./readback.ts";
import { saveResult } from "./result.ts";
import { type RunSummary, runShoppers } from "./shoppers.ts";
import type { Latency } from "./statistics.ts";
import { startWorkers, type WorkerStats } from "./workers.ts";

const out = process.stderr;

const runCommand: Command = async (given, signal) =>
  await withShop(shoppingBounds(given), signal, async (shop) => {
    const { manifest } = shop;
    const id = new Date().toISOString().replaceAll(/[-:]/g, "").replace(".", "");
    const ledger = await openLedger(ledgerFile(given.folder, id), { ledger: 1, run: id, load: manifest.id });
    const evictedBefore = await shop.redis.evicted();
    const weight = given.ballastMib > 0 ? await ballast(shop.redis, given.ballastMib, signal) : undefined;
    const bar = progress({ label: "shoppers", total: given.seconds * 1_000, unit: "ms", out });
    let shown = 0;
    let summary: RunSummary;
    const workers = await startWorkers(workerPorts(shop));
    try {
      summary = await runShoppers(shop, ledger, {
        size: manifest.size,
        shoppers: given.shoppers,
        merchants: Math.max(2, Math.ceil(given.shoppers / 8)),
        seconds: given.seconds,
        thinkMs: given.thinkMs,
        seed: given.size.seed,
        writeWithinMs,
        signal,
        onStep: (elapsedMs) => {
          bar.add(Math.min(elapsedMs, given.seconds * 1_000) - shown);
          shown = Math.min(elapsedMs, given.seconds * 1_000);
        },
      });
      bar.done();
    } finally {
      await weight?.stop();
      await ledger.close();
      await workers.stop();
    }
    const own = (await readLedgers(given.folder, manifest.id)).filter((entry) => entry.run === id);
    const document = {
      run: id,
      shoppers: given.shoppers,
      ...summary,
      longestSilenceMs: longestSilenceMs(own),
      ballastMib: weight?.written() ?? 0,
      evictedKeys: (await shop.redis.evicted()) - evictedBefore,
      events: workers.stats(),
    };
    await saveResult(given.folder, "run", document);
    return { ok: summary.staleReads === 0, document, text: runText(document) };
  });

function runText(
  run: RunSummary & {
    readonly longestSilenceMs: number;
    readonly ballastMib: number;
    readonly evictedKeys: number;
    readonly events: WorkerStats;
  },
): string {
  const lines = [
    ...Object.entries(run.writes).map(
      ([kind, n]) => `${kind}: ${n.acknowledged} acknowledged, ${n.refused} refused, ${n.open} open`,
    ),
    ...Object.entries(run.latencies).map(([name, latency]) => `${name}: ${latencyText(latency)}`),
    `cache: ${percent(run.cache.hitRate)} hit rate (${run.cache.hits} hits, ${run.cache.misses} misses, ${run.cache.fenced} fenced, ${run.cache.bypassed} bypassed, ${run.cache.refusedFills} late fills refused)`,
    `sessions lost: ${run.sessionsLost}, Redis unavailable: ${run.redisUnavailable}, keys evicted: ${run.evictedKeys}${run.ballastMib > 0 ? ` by ${run.ballastMib} MiB of ballast` : ""}`,
    `longest time without an acknowledged write: ${run.longestSilenceMs} ms`,
    `events published: ${run.events.published}`,
    ...Object.entries(run.events.failures).map(([error, count]) => `begun again: ${count} × ${error}`),
    `stale reads: ${run.staleReads}`,
    ...run.staleExamples,
    ...Object.entries(run.readErrors).map(([error, count]) => `failed reads: ${count} × ${error}`),
  ];
  return lines.join("\n");
}

const latencyText = (l: Latency): string =>
  `${l.count} in p50 ${l.p50Ms} ms, p99 ${l.p99Ms} ms, max ${l.maxMs} ms`;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const catchUpMs = 60_000;

const checkCommand: Command = async (given, signal) => {
  // A check reads whole tables, and nobody waits for its pages: it is more patient than a shopper would be.
  const bounds = {
    connections: Math.max(6, given.replicas * 3),
    statementTimeoutMs: 120_000,
    redisTimeoutMs: 10_000,
  };
  return await withShop(bounds, signal, async (shop) => {
    out.write("waiting for events on their way …\n");
    const workers = await startWorkers(workerPorts(shop));
    try {
      await drain(shop.primary, catchUpMs);
      const entries = await readLedgers(given.folder, shop.manifest.id);
      const found = await readBack({
        ...shop,
        entries,
        expectedReplicas: given.replicas,
        cacheSample: 5_000,
        pictureSample: given.pictures,
        catchUpMs,
        note: (text) => out.write(`${text} …\n`),
      });
      await saveResult(given.folder, "check", found);
      return { ok: found.ok, document: found, text: checkText(found) };
    } finally {
      await workers.stop();
    }
  });
};

function checkText(found: Awaited<ReturnType<typeof readBack>>): string {
  const shown = 20;
  const acknowledged = Object.entries(found.acknowledged)
    .map(([kind, n]) => `${n} ${kind}`)
    .join(", ");
  return [
    ...found.findings.slice(0, shown).map((f) => `✗ ${f.check} (${f.where}): ${f.detail}`),
    ...(found.findings.length > shown ? [`… and ${found.findings.length - shown} more`] : []),
    ...found.servers.map(
      (s) =>
        `${s.role} ${s.serverId}: ${s.counts.orders} orders, ${s.counts.order_lines} lines, ${s.counts.payments} payments, ${s.counts.products} products${s.role === "replica" ? `, had all transactions after ${s.caughtUpMs} ms` : ""}`,
    ),
    `acknowledged writes found again: ${acknowledged === "" ? "none yet" : acknowledged}; open: ${found.open}`,
    `cache: ${found.cache.pages} pages of ${found.cache.lookedUp} looked up stood in it, ${found.cache.stale} stale`,
    `events: ${found.events.events} announced, ${found.events.records} records in the topics, ${found.events.repeated} of them repetitions`,
    `search: ${found.search.documents} documents compared, up to date after ${found.search.waitedMs} ms`,
    `pictures: ${found.pictures.read} of ${found.pictures.pictures} read back, ${Math.round(found.pictures.bytes / 1024)} KiB`,
    `${found.ok ? "Everything matches" : `${found.findings.length} findings`}: ${found.checks} checks on ${found.servers.length} servers in ${(found.tookMs / 1_000).toFixed(1)} s.`,
  ].join("\n");
}

const benchCommand: Command = async (given, signal) =>
  await withShop(shoppingBounds(given), signal, async (shop) => {
    const { manifest } = shop;
    const bar = progress({ label: "bench", total: given.requests, out });
    const result = await bench(shop, {
      size: manifest.size,
      requests: given.requests,
      readers: given.readers,
      seed: given.size.seed,
      signal,
      onBlock: (count) => bar.add(count),
    });
    bar.done();
    await saveResult(given.folder, "bench", result);
    const arm = (name: string, l: Latency & { readonly perSecond: number }) =>
      `${name}: p50 ${l.p50Ms} ms, p99 ${l.p99Ms} ms, mean ${l.meanMs} ms, ${l.perSecond.toLocaleString("en")} pages a second`;
    const text = [
      `${result.requests.toLocaleString("en")} product pages by ${result.readers} readers, drawn by popularity from ${result.products.toLocaleString("en")} products, after as many to warm the cache (hit rate meanwhile ${percent(result.warmingHitRate)})`,
      arm("with the cache", result.withCache),
      arm("without", result.withoutCache),
      `a hit: p50 ${result.hits.p50Ms} ms, p99 ${result.hits.p99Ms} ms; a miss: p50 ${result.misses.p50Ms} ms, p99 ${result.misses.p99Ms} ms`,
      `hit rate: ${percent(result.hitRate)}; pages that differed: ${result.differing}`,
    ].join("\n");
    return { ok: result.differing === 0, document: result, text };
  });

export const commands: Readonly<Record<CommandName, Command>> = {
  load: loadCommand,
  run: runCommand,
  check: checkCommand,
  bench: benchCommand,
  relevance: relevanceCommand,
  serve: serveCommand,
};
