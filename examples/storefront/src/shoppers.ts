/**
 * Simulated consumers and merchants on a running shop. Every write goes through the ledger; every page read is
 * held against the last price change that was acknowledged before the read began.
 */
import { randomBytes } from "node:crypto";
import type { CartLine } from "./cart.ts";
import type { Catalogue, ProductPage } from "./catalogue.ts";
import { type CatalogueStats, difference, hitRate, totals } from "./catalogue-stats.ts";
import { popularityExponent, type Random, random } from "./data/random.ts";
import { popularProduct, type ShopSize } from "./data/shop.ts";
import { categories } from "./data/vocabulary.ts";
import type { Answer, Intent, Ledger } from "./ledger.ts";
import { cancelOrder, type Order, type OrderRequest, placeOrder } from "./orders.ts";
import { latestOrders } from "./orders-mysql.ts";
import { changePrice, listing, restock, unitsOf } from "./products.ts";
import { RedisUnavailable } from "./redis.ts";
import { failureText, type RetryOptions } from "./retry.ts";
import type { Shop } from "./shop.ts";
import { type Latency, type Samples, samples } from "./statistics.ts";

export interface RunOptions {
  readonly size: ShopSize;
  readonly shoppers: number;
  /** Merchants at work; each changes products of its own. */
  readonly merchants: number;
  readonly seconds: number;
  /** Mean pause between two steps of a shopper, in ms. */
  readonly thinkMs: number;
  readonly seed: number;
  /** How long a write is tried again until its outcome counts as open. */
  readonly writeWithinMs: number;
  readonly signal: AbortSignal;
  readonly onStep?: (elapsedMs: number) => void;
}

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

interface Run {
  readonly shop: Shop;
  readonly ledger: Ledger;
  readonly options: RunOptions;
  readonly product: (rng: Random) => number;
  readonly until: number;
  readonly retrying: RetryOptions;
  readonly writes: Record<string, Record<Answer["is"], number>>;
  readonly latencies: Record<string, Samples>;
  /** Version of a product whose change was acknowledged last. */
  readonly acknowledged: Map<number, number>;
  readonly stale: string[];
  readonly readErrors: Record<string, number>;
  readonly lost: { sessions: number; redis: number };
}

const merchantPauseMs = 40;
const redisPauseMs = 200;

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

const going = (run: Run) => Date.now() < run.until && !run.options.signal.aborted;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const timed = <T>(run: Run, name: string, work: () => Promise<T>): Promise<T> => {
  const own = run.latencies[name] ?? samples();
  run.latencies[name] = own;
  return own.time(work);
};

/** A consumer's life: log in, look around, fill the cart, buy, sometimes think better of it. */
async function shopper(run: Run, index: number): Promise<void> {
  const { shop, options } = run;
  const rng = random(options.seed, `shopper ${index}`);
  const catalogue = shop.catalogues[index % shop.catalogues.length];
  if (catalogue === undefined) return;
  const consumerId = 1 + (index % options.size.consumers);
  let token: string | undefined;
  while (going(run)) {
    try {
      token = await loggedIn(run, token, consumerId);
      const page = await browse(run, catalogue, rng);
      if (page !== undefined && rng.chance(0.5))
        await shop.carts.add(consumerId, page.id, 1 + (rng.chance(0.25) ? rng.between(1, 3) : 0));
      if (rng.chance(0.2)) await checkOut(run, catalogue, consumerId);
      if (rng.chance(0.02)) await cancelOne(run, consumerId, rng);
    } catch (error) {
      await tolerate(run, error);
    }
    await pause(rng.exponential(options.thinkMs));
  }
}

/** What a shop bears: Redis or a read endpoint away for a while. Anything else is a defect and ends the run. */
async function tolerate(run: Run, error: unknown): Promise<void> {
  if (error instanceof RedisUnavailable) {
    run.lost.redis += 1;
    await pause(redisPauseMs);
    return;
  }
  if (error instanceof Error && error.name === "MallError" && "code" in error) {
    const text = error.code === "STORE_UNAVAILABLE" ? failureText(error.cause) : String(error.code);
    run.readErrors[text] = (run.readErrors[text] ?? 0) + 1;
    return;
  }
  throw error;
}

async function loggedIn(run: Run, token: string | undefined, consumerId: number): Promise<string> {
  const { sessions } = run.shop;
  if (token !== undefined) {
    if ((await timed(run, "session", () => sessions.find(token))) === consumerId) return token;
    run.lost.sessions += 1;
  }
  return await sessions.begin(consumerId);
}

async function browse(run: Run, catalogue: Catalogue, rng: Random): Promise<ProductPage | undefined> {
  if (rng.chance(0.2)) {
    const category = rng.pick(categories);
    const ids = await timed(run, "listing", () =>
      listing(run.shop.replicas, category.id, Math.floor(rng.exponential(0.7)), run.retrying),
    );
    const pages = await Promise.all(ids.map((id) => readPage(run, catalogue, id)));
    return pages.length === 0 ? undefined : rng.pick(pages);
  }
  return await readPage(run, catalogue, run.product(rng));
}

/** Reads a page, and notes when it is from before a change that had been acknowledged. */
async function readPage(run: Run, catalogue: Catalogue, id: number): Promise<ProductPage | undefined> {
  const atLeast = run.acknowledged.get(id) ?? 1;
  const page = await timed(run, "page", () => catalogue.read(id));
  if (page === undefined || page.version < atLeast)
    run.stale.push(`product ${id}: version ${page?.version} read after ${atLeast} was acknowledged`);
  return page;
}

async function checkOut(run: Run, catalogue: Catalogue, consumerId: number): Promise<void> {
  const cart = await run.shop.carts.read(consumerId);
  if (cart.length === 0) return;
  const bought = cart.slice(0, 6);
  const pages = await Promise.all(bought.map((line) => readPage(run, catalogue, line.productId)));
  const lines = bought.flatMap((line, i) => {
    const page = pages[i];
    return page === undefined ? [] : [{ ...line, unitPriceCents: page.priceCents }];
  });
  const request: OrderRequest = {
    key: randomBytes(16).toString("hex"),
    consumerId,
    lines,
    placedAt: new Date(),
  };
  const totalCents = lines.reduce((sum, line) => sum + line.units * line.unitPriceCents, 0);
  const gone: CartLine[] = [];
  await write(run, { do: "order", key: request.key, consumerId, totalCents }, async () => {
    const placed = await timed(run, "order", () => placeOrder(run.shop.orders, request, run.retrying));
    if (placed.kind === "placed") {
      gone.push(...bought);
      return { is: "acknowledged", number: placed.order.number, attempts: placed.attempts };
    }
    // Sold out: out of the cart. A changed price is seen, and agreed to or not, at the next checkout.
    if (placed.kind !== "price-changed") gone.push(...bought.filter((l) => l.productId === placed.productId));
    return { is: "refused", why: placed.kind };
  });
  if (gone.length > 0) await run.shop.carts.take(consumerId, gone);
}

async function cancelOne(run: Run, consumerId: number, rng: Random): Promise<void> {
  const orders = await latestOrders(run.shop.replicas, consumerId, 5);
  const own = orders.filter((order: Order) => order.status === "paid" && order.id > run.options.size.orders);
  if (own.length === 0) return;
  const { number } = rng.pick(own);
  await write(run, { do: "cancel", number }, async () => {
    const done = await timed(run, "cancel", () =>
      cancelOrder(run.shop.orders, number, new Date(), run.retrying),
    );
    return done.kind === "cancelled"
      ? { is: "acknowledged", number, attempts: done.attempts }
      : { is: "refused", why: done.kind };
  });
}

/** A merchant's life: look at a product of its own, change its price, fill the shelf. */
async function merchant(run: Run, index: number): Promise<void> {
  const { shop, options } = run;
  const rng = random(options.seed, `merchant ${index}`);
  const catalogue = shop.catalogues[index % shop.catalogues.length];
  if (catalogue === undefined) return;
  while (going(run)) {
    // The next product of its own at or after a popular one: hot pages are the ones that change under readers.
    const near = run.product(rng);
    const id = near - (near % options.merchants) + index;
    try {
      if (id >= 1 && id <= options.size.products) {
        if (rng.chance(0.6)) await reprice(run, catalogue, id, rng);
        else await refill(run, id, rng);
      }
    } catch (error) {
      await tolerate(run, error);
    }
    await pause(rng.exponential(merchantPauseMs + options.thinkMs));
  }
}

async function reprice(run: Run, catalogue: Catalogue, id: number, rng: Random): Promise<void> {
  const page = await readPage(run, catalogue, id);
  if (page === undefined) return;
  const change = {
    productId: id,
    priceCents: Math.max(100, Math.round(page.priceCents * (0.9 + 0.2 * rng.next()))),
    version: page.version,
  };
  await write(run, { do: "price", ...change, version: page.version + 1 }, async () => {
    const done = await timed(run, "price", () =>
      changePrice(run.shop.primary, catalogue, change, run.retrying),
    );
    if (done.kind !== "changed") return { is: "refused", why: done.kind };
    run.acknowledged.set(id, done.version);
    return { is: "acknowledged" };
  });
}

async function refill(run: Run, productId: number, rng: Random): Promise<void> {
  const left = await unitsOf(run.shop.primary, productId, run.retrying);
  if (left === undefined || left > 500) return;
  const movement = {
    key: randomBytes(16).toString("hex"),
    productId,
    units: rng.between(10, 100),
    at: new Date(),
  };
  await write(run, { do: "restock", key: movement.key, productId, units: movement.units }, async () =>
    (await timed(run, "restock", () => restock(run.shop.primary, movement, run.retrying)))
      ? { is: "acknowledged" }
      : { is: "refused", why: "no such product" },
  );
}

/** Intent on the disk, then the write, then its answer on the disk. */
async function write(run: Run, intent: Intent, work: () => Promise<Answer>): Promise<void> {
  const n = await run.ledger.intend(intent);
  let answer: Answer;
  try {
    answer = await work();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "STORE_UNAVAILABLE")) throw error;
    answer = { is: "open", why: failureText(error.cause) };
  }
  const counts = run.writes[intent.do] ?? { acknowledged: 0, refused: 0, open: 0 };
  counts[answer.is] += 1;
  run.writes[intent.do] = counts;
  await run.ledger.answer(n, answer);
}
