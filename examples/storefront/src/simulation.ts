/** What simulated consumers and merchants share: the run, its counts, and how a write and a page are held to account. */
import type { Catalogue, ProductPage } from "./catalogue.ts";
import type { Random } from "./data/random.ts";
import type { ShopSize } from "./data/shop.ts";
import type { Answer, Intent, Ledger } from "./ledger.ts";
import { RedisUnavailable } from "./redis.ts";
import { failureText, type RetryOptions } from "./retry.ts";
import type { Shop } from "./shop.ts";
import { type Samples, samples } from "./statistics.ts";

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

export interface Run {
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

const redisPauseMs = 200;

export const going = (run: Run) => Date.now() < run.until && !run.options.signal.aborted;
export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const timed = <T>(run: Run, name: string, work: () => Promise<T>): Promise<T> => {
  const own = run.latencies[name] ?? samples();
  run.latencies[name] = own;
  return own.time(work);
};

/** What a shop bears: Redis or a read endpoint away for a while. Anything else is a defect and ends the run. */
export async function tolerate(run: Run, error: unknown): Promise<void> {
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

/** Reads a page, and notes when it is from before a change that had been acknowledged. */
export async function readPage(run: Run, catalogue: Catalogue, id: number): Promise<ProductPage | undefined> {
  const atLeast = run.acknowledged.get(id) ?? 1;
  const page = await timed(run, "page", () => catalogue.read(id));
  if (page === undefined || page.version < atLeast)
    run.stale.push(`product ${id}: version ${page?.version} read after ${atLeast} was acknowledged`);
  return page;
}

/** Intent on the disk, then the write, then its answer on the disk. */
export async function write(run: Run, intent: Intent, work: () => Promise<Answer>): Promise<void> {
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
