/**
 * Placing and cancelling orders: what happens in which order, and why it happens once. The statements are
 * {@link OrderStore}'s business (orders-mysql.ts).
 *
 * Every request carries a key of the buyer's own. The transaction's **first** statement inserts the order under
 * that key, which has a unique index. So a repeated attempt meets an earlier one of the same request wherever
 * that one is: committed (the insert fails, and the order there is the answer), still open on the server after
 * its client lost it (the insert waits for its end), or gone (the insert succeeds). Were prices or stock looked
 * at first, a retry could answer "sold out" for an order that stands: by its own first attempt.
 *
 * Rows are locked in one order everywhere (order, products, stock by product, accounts by merchant), so that two
 * orders wait for each other instead of deadlocking; what deadlocks all the same is tried again.
 */
import { hash } from "node:crypto";
import { storefrontError } from "./errors.ts";
import { productDrafts, type Shelf } from "./events/outbox.ts";
import type { Draft, OrderEvent } from "./events/schema.ts";
import { commissionCents } from "./money.ts";
import { orderNumber } from "./order-number.ts";
import { unavailable } from "./products.ts";
import { type RetryOptions, retry } from "./retry.ts";

export interface WantedLine {
  readonly productId: number;
  readonly units: number;
  /** The price that the buyer saw and agreed to. */
  readonly unitPriceCents: number;
}

export interface OrderRequest {
  /** 32 hex digits, made by the buyer once for this order and kept for every retry. */
  readonly key: string;
  readonly consumerId: number;
  readonly lines: readonly WantedLine[];
  readonly placedAt: Date;
}

export interface Order {
  readonly id: number;
  readonly number: string;
  readonly consumerId: number;
  readonly placedAt: Date;
  readonly totalCents: number;
  readonly status: "paid" | "cancelled";
}

export type Placed = { readonly kind: "placed"; readonly order: Order; readonly attempts: number } | Refused;

export type Refused =
  | { readonly kind: "sold-out"; readonly productId: number }
  | { readonly kind: "price-changed"; readonly productId: number; readonly priceCents: number }
  | { readonly kind: "withdrawn"; readonly productId: number };

export type Cancelled =
  | { readonly kind: "cancelled"; readonly order: Order; readonly attempts: number }
  | { readonly kind: "absent" };

export interface Offer {
  readonly priceCents: number;
  readonly merchantId: number;
  readonly commissionBp: number;
}

export interface SoldLine extends WantedLine {
  readonly merchantId: number;
  readonly commissionCents: number;
}

/** One transaction's statements, in the shop's words. */
export interface OrderTx {
  /** Inserts the order under its key. `number-taken`: another order has this number by chance. */
  claim(order: {
    readonly key: string;
    readonly digest: string;
    readonly number: string;
    readonly consumerId: number;
    readonly totalCents: number;
    readonly placedAt: Date;
  }): Promise<
    | { readonly kind: "claimed"; readonly id: number }
    | { readonly kind: "known"; readonly digest: string; readonly order: Order }
    | { readonly kind: "number-taken" }
  >;
  /** Prices as they are now, held until the transaction ends. */
  offers(productIds: readonly number[]): Promise<ReadonlyMap<number, Offer>>;
  /** @returns false when fewer are on the shelf. */
  take(productId: number, units: number): Promise<boolean>;
  putBack(productId: number, units: number): Promise<void>;
  addLines(orderId: number, lines: readonly SoldLine[]): Promise<void>;
  linesOf(orderId: number): Promise<readonly SoldLine[]>;
  pay(orderId: number, kind: "charge" | "refund", amountCents: number, at: Date): Promise<void>;
  credit(merchantId: number, salesCents: number, commissionCents: number): Promise<void>;
  /** The order of that number, locked. */
  find(number: string): Promise<Order | undefined>;
  markCancelled(orderId: number, at: Date): Promise<void>;
  /** Products whose stock this transaction has locked, as they are now in it. */
  shelves(productIds: readonly number[]): Promise<readonly Shelf[]>;
  /** Events that are published if, and only if, this transaction commits. */
  announce(drafts: readonly Draft[]): Promise<void>;
}

export interface OrderStore {
  transaction<T>(work: (tx: OrderTx) => Promise<T>): Promise<T>;
}

/** Ends a transaction without effect, with an answer. */
class Refusal extends Error {
  constructor(readonly answer: Refused) {
    super(answer.kind);
  }
}

/**
 * @throws KEY_REUSED; STORE_UNAVAILABLE when nobody knows within `withinMs` whether it stands: asking again with
 * the same request settles it.
 */
export async function placeOrder(
  store: OrderStore,
  request: OrderRequest,
  options: RetryOptions,
): Promise<Placed> {
  const lines = inOrder(request.lines);
  const digest = requestDigest(request.consumerId, lines);
  const totalCents = lines.reduce((sum, line) => sum + line.units * line.unitPriceCents, 0);
  let salt = 0;
  const outcome = await retry(
    () =>
      store.transaction(async (tx): Promise<Order> => {
        for (;;) {
          const number = orderNumber(request.key, request.placedAt.getTime(), salt);
          const { key, consumerId, placedAt } = request;
          const claim = await tx.claim({ key, digest, number, consumerId, totalCents, placedAt });
          if (claim.kind === "number-taken") {
            salt += 1;
            continue;
          }
          if (claim.kind === "known") {
            if (claim.digest !== digest) throw storefrontError.KEY_REUSED({ key });
            return claim.order;
          }
          const sold = await sell(tx, claim.id, lines);
          await tx.pay(claim.id, "charge", totalCents, placedAt);
          const order: Order = { id: claim.id, number, consumerId, placedAt, totalCents, status: "paid" };
          await announce(tx, "order.placed", order, sold, placedAt);
          return order;
        }
      }),
    options,
  ).catch((error: unknown) => {
    if (error instanceof Refusal) return error;
    throw error;
  });
  if (outcome instanceof Refusal) return outcome.answer;
  if (outcome.kind === "open") throw unavailable(`order ${request.key}`, outcome.waitedMs, outcome.error);
  return { kind: "placed", order: outcome.value, attempts: outcome.attempts };
}

async function sell(
  tx: OrderTx,
  orderId: number,
  lines: readonly WantedLine[],
): Promise<readonly SoldLine[]> {
  const offers = await tx.offers(lines.map((line) => line.productId));
  const sold = lines.map((line): SoldLine => {
    const offer = offers.get(line.productId);
    if (offer === undefined) throw new Refusal({ kind: "withdrawn", productId: line.productId });
    if (offer.priceCents !== line.unitPriceCents)
      throw new Refusal({
        kind: "price-changed",
        productId: line.productId,
        priceCents: offer.priceCents,
      });
    return {
      ...line,
      merchantId: offer.merchantId,
      commissionCents: commissionCents(line.units * line.unitPriceCents, offer.commissionBp),
    };
  });
  for (const line of sold) {
    if (!(await tx.take(line.productId, line.units)))
      throw new Refusal({ kind: "sold-out", productId: line.productId });
  }
  await tx.addLines(orderId, sold);
  await creditAll(tx, sold, 1);
  return sold;
}

/** The order's event, and one for each product whose figures it changed. */
async function announce(
  tx: OrderTx,
  type: OrderEvent["type"],
  { number, consumerId, placedAt, totalCents }: Order,
  lines: readonly SoldLine[],
  at: Date,
): Promise<void> {
  const changed = await tx.shelves(lines.map((line) => line.productId));
  const order: Draft = {
    type,
    key: number,
    version: type === "order.placed" ? 1 : 2,
    at: at.toISOString(),
    consumerId,
    totalCents,
    placedAt: placedAt.toISOString(),
    lines: [...lines],
  };
  await tx.announce([order, ...productDrafts(changed, at)]);
}

/** Cancels a paid order: units back on the shelf, money back, once. @throws STORE_UNAVAILABLE */
export async function cancelOrder(
  store: OrderStore,
  number: string,
  at: Date,
  options: RetryOptions,
): Promise<Cancelled> {
  const outcome = await retry(
    () =>
      store.transaction(async (tx): Promise<Order | undefined> => {
        const order = await tx.find(number);
        if (order === undefined || order.status === "cancelled") return order;
        const lines = await tx.linesOf(order.id);
        await tx.markCancelled(order.id, at);
        for (const line of lines) await tx.putBack(line.productId, line.units);
        await tx.pay(order.id, "refund", -order.totalCents, at);
        await creditAll(tx, lines, -1);
        await announce(tx, "order.cancelled", order, lines, at);
        return { ...order, status: "cancelled" };
      }),
    options,
  );
  if (outcome.kind === "open")
    throw unavailable(`cancelling order ${number}`, outcome.waitedMs, outcome.error);
  return outcome.value === undefined
    ? { kind: "absent" }
    : { kind: "cancelled", order: outcome.value, attempts: outcome.attempts };
}

async function creditAll(tx: OrderTx, lines: readonly SoldLine[], sign: 1 | -1): Promise<void> {
  const byMerchant = new Map<number, { sales: number; commission: number }>();
  for (const line of lines) {
    const sums = byMerchant.get(line.merchantId) ?? { sales: 0, commission: 0 };
    sums.sales += line.units * line.unitPriceCents;
    sums.commission += line.commissionCents;
    byMerchant.set(line.merchantId, sums);
  }
  for (const [merchantId, sums] of [...byMerchant].sort(([a], [b]) => a - b))
    await tx.credit(merchantId, sign * sums.sales, sign * sums.commission);
}

/** By product, each once. @throws RangeError on no lines, units out of 1 … 999, or one product at two prices */
export function inOrder(lines: readonly WantedLine[]): readonly WantedLine[] {
  if (lines.length === 0) throw new RangeError("an order needs a line");
  const byProduct = new Map<number, WantedLine>();
  for (const line of lines) {
    const known = byProduct.get(line.productId);
    if (known !== undefined && known.unitPriceCents !== line.unitPriceCents)
      throw new RangeError(`product ${line.productId} stands at two prices`);
    const units = line.units + (known?.units ?? 0);
    if (!Number.isInteger(line.units) || line.units < 1 || units > 999)
      throw new RangeError(`${line.units} units of product ${line.productId}`);
    byProduct.set(line.productId, { ...line, units });
  }
  return [...byProduct.values()].sort((a, b) => a.productId - b.productId);
}

/** Stands for what was ordered by whom, so that a key cannot answer for another order. */
export const requestDigest = (consumerId: number, lines: readonly WantedLine[]): string =>
  hash(
    "sha256",
    JSON.stringify([consumerId, lines.map((line) => [line.productId, line.units, line.unitPriceCents])]),
    "hex",
  ).slice(0, 32);
