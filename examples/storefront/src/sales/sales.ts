/** Sales of each merchant and day (in China), from the events of orders. */

import type { Projection } from "../events/projection.ts";
import type { OrderEvent } from "../events/schema.ts";
import { chinaDay } from "../order-number.ts";
import type { SalesDay } from "./sales-day.ts";

/** What some events add to one merchant's day. */
export interface SalesDelta extends SalesDay {
  readonly merchantId: number;
}

const figures = ["orders", "cancelledOrders", "units", "salesCents", "commissionCents"] as const;

/** Pure. By merchant and day, in one order everywhere, so that two transactions do not deadlock. */
export function salesDeltas(events: readonly OrderEvent[]): readonly SalesDelta[] {
  const sums = new Map<string, SalesDelta>();
  for (const event of events)
    for (const delta of deltasOf(event)) {
      const key = `${delta.merchantId} ${delta.day}`;
      const known = sums.get(key);
      sums.set(key, known === undefined ? delta : added(known, delta));
    }
  return [...sums.values()].sort((a, b) => a.merchantId - b.merchantId || a.day.localeCompare(b.day));
}

const added = (a: SalesDelta, b: SalesDelta): SalesDelta => ({
  ...a,
  ...Object.fromEntries(figures.map((figure) => [figure, a[figure] + b[figure]])),
});

function deltasOf(event: OrderEvent): readonly SalesDelta[] {
  const sign = event.type === "order.placed" ? 1 : -1;
  const merchants = new Set(event.lines.map((line) => line.merchantId));
  return [...merchants].map((merchantId) => {
    const own = event.lines.filter((line) => line.merchantId === merchantId);
    const sum = (amount: (line: (typeof own)[number]) => number) =>
      sign * own.reduce((total, line) => total + amount(line), 0);
    return {
      merchantId,
      day: chinaDay(Date.parse(event.placedAt)),
      orders: sign === 1 ? 1 : 0,
      cancelledOrders: sign === 1 ? 0 : 1,
      units: sum((line) => line.units),
      salesCents: sum((line) => line.units * line.unitPriceCents),
      commissionCents: sum((line) => line.commissionCents),
    };
  });
}

export interface SalesTx {
  /** Those of the ids whose events are in the figures already. */
  applied(ids: readonly string[]): Promise<ReadonlySet<string>>;
  markApplied(ids: readonly string[]): Promise<void>;
  add(deltas: readonly SalesDelta[]): Promise<void>;
}

export interface SalesStore {
  transaction<T>(work: (tx: SalesTx) => Promise<T>): Promise<T>;
}

/** Marks and figures change in one transaction: an event counts once, however often it is delivered. */
export const salesProjection = (store: SalesStore): Projection => ({
  apply: async (events) => {
    const orders = events.filter((event): event is OrderEvent => event.type !== "product.changed");
    if (orders.length === 0) return;
    await store.transaction(async (tx) => {
      const known = await tx.applied(orders.map((event) => event.id));
      const fresh = orders.filter((event) => !known.has(event.id));
      if (fresh.length === 0) return;
      await tx.markApplied(fresh.map((event) => event.id));
      await tx.add(salesDeltas(fresh));
    });
  },
});
