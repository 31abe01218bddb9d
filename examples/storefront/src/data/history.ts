/** The orders that the shop has behind it, oldest first, with what they leave in stock and accounts. Pure. */
import { commissionCents } from "../money.ts";
import { orderNumber } from "../order-number.ts";
import { hexKey, popularityExponent, type Random, random } from "./random.ts";
import { popularProduct, type ShopSize } from "./shop.ts";

export interface PastLine {
  readonly productId: number;
  readonly merchantId: number;
  readonly units: number;
  readonly unitPriceCents: number;
  readonly commissionCents: number;
}

export interface PastOrder {
  readonly id: number;
  readonly number: string;
  readonly idempotencyKey: string;
  readonly consumerId: number;
  readonly placedAtMs: number;
  /** Undefined: it stands. */
  readonly cancelledAtMs: number | undefined;
  readonly totalCents: number;
  readonly lines: readonly PastLine[];
}

/** What the history needs of the catalogue, by product id − 1 and merchant id − 1. */
export interface Prices {
  readonly priceCents: Uint32Array;
  readonly merchantId: Uint32Array;
  readonly commissionBp: Uint16Array;
}

/** What standing orders took, filled while the history is generated. */
export interface Sold {
  readonly unitsByProduct: Uint32Array;
  readonly salesCentsByMerchant: Float64Array;
  readonly commissionCentsByMerchant: Float64Array;
}

export const nothingSold = (size: ShopSize): Sold => ({
  unitsByProduct: new Uint32Array(size.products),
  salesCentsByMerchant: new Float64Array(size.merchants),
  commissionCentsByMerchant: new Float64Array(size.merchants),
});

const dayMs = 86_400_000;
const historyDays = 180;
/** Share of orders that were cancelled. */
const cancelledShare = 0.04;

export function* makeHistory(size: ShopSize, prices: Prices, sold: Sold): Generator<PastOrder> {
  const rng = random(size.seed, "orders");
  const product = popularProduct(size.products, popularityExponent);
  const times = placedTimes(rng, size);
  for (let id = 1; id <= size.orders; id += 1) {
    const placedAtMs = times[id - 1] ?? size.untilMs - 1;
    const key = hexKey(rng);
    const lines = makeLines(rng, product, prices);
    const cancelled = rng.chance(cancelledShare);
    // A minute to an hour later, and never after the end of the history.
    const cancelledAtMs = cancelled
      ? Math.min(size.untilMs, placedAtMs + rng.between(60_000, 3_600_000))
      : undefined;
    if (!cancelled) count(sold, lines);
    yield {
      id,
      number: orderNumber(key, placedAtMs),
      idempotencyKey: key,
      consumerId: rng.between(1, size.consumers),
      placedAtMs,
      cancelledAtMs,
      totalCents: lines.reduce((sum, line) => sum + line.units * line.unitPriceCents, 0),
      lines,
    };
  }
}

function makeLines(rng: Random, product: (rng: Random) => number, prices: Prices): readonly PastLine[] {
  const wanted = 1 + Math.min(5, Math.floor(rng.exponential(1.2)));
  const ids = new Set<number>();
  for (let i = 0; i < wanted; i += 1) ids.add(product(rng));
  return [...ids]
    .sort((a, b) => a - b)
    .map((productId) => {
      const units = 1 + Math.min(4, Math.floor(rng.exponential(0.6)));
      const unitPriceCents = prices.priceCents[productId - 1] ?? 0;
      const merchantId = prices.merchantId[productId - 1] ?? 0;
      const bp = prices.commissionBp[merchantId - 1] ?? 0;
      return {
        productId,
        merchantId,
        units,
        unitPriceCents,
        commissionCents: commissionCents(units * unitPriceCents, bp),
      };
    });
}

function count(sold: Sold, lines: readonly PastLine[]): void {
  const add = (to: Uint32Array | Float64Array, index: number, amount: number) => {
    to[index] = (to[index] ?? 0) + amount;
  };
  for (const line of lines) {
    add(sold.unitsByProduct, line.productId - 1, line.units);
    add(sold.salesCentsByMerchant, line.merchantId - 1, line.units * line.unitPriceCents);
    add(sold.commissionCentsByMerchant, line.merchantId - 1, line.commissionCents);
  }
}

/** Ascending times over the last half year; the shop sleeps at night and is busiest in the evening (UTC+8). */
function placedTimes(rng: Random, size: ShopSize): Float64Array {
  const times = new Float64Array(size.orders);
  const start = size.untilMs - historyDays * dayMs;
  for (let i = 0; i < times.length; i += 1) {
    const day = start + rng.below(historyDays) * dayMs;
    times[i] = day + Math.floor(((((busyHour(rng) - 8 + 24) % 24) + rng.next()) / 24) * dayMs);
  }
  return times.sort();
}

/** Relative number of orders in each hour of the day in China. */
const hours = [3, 2, 1, 1, 1, 1, 2, 4, 6, 8, 10, 9, 9, 8, 7, 7, 7, 8, 9, 12, 14, 14, 11, 6];
const hoursTotal = hours.reduce((sum, weight) => sum + weight, 0);

function busyHour(rng: Random): number {
  let left = rng.below(hoursTotal);
  for (const [hour, weight] of hours.entries()) {
    left -= weight;
    if (left < 0) return hour;
  }
  return 0;
}

/** Units on the shelf when the shop opens: what was sold since, and a reserve, less for what nobody wants. */
export function initialUnits(rng: Random, soldUnits: number): number {
  return soldUnits + rng.between(20, 200) + Math.ceil(soldUnits * 0.5);
}
