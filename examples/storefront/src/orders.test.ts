import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commissionCents } from "./money.ts";
import { cancelOrder, inOrder, type OrderRequest, placeOrder } from "./orders.ts";
import { commissionBp, type Fault, fakeStore, merchantOf } from "./testing/fake-store.ts";

const at = new Date("2026-11-24T04:00:00Z");
const noWait = { withinMs: 60_000, sleep: async () => {}, random: () => 0 };
const key = (n: number) => n.toString(16).padStart(32, "0");
const request = (n: number, lines: OrderRequest["lines"], consumerId = 1): OrderRequest => ({
  key: key(n),
  consumerId,
  lines,
  placedAt: at,
});
const line = (productId: number, units: number, unitPriceCents = 100 * productId) => ({
  productId,
  units,
  unitPriceCents,
});

describe("placing", () => {
  test("an order takes stock, is charged and credits its merchants", async () => {
    const shop = fakeStore();
    const placed = await placeOrder(shop.store, request(1, [line(2, 3), line(1, 1)]), noWait);
    expect(placed).toMatchObject({ kind: "placed", order: { totalCents: 700, status: "paid" }, attempts: 1 });
    expect(shop.now().stock.get(1)).toBe(9);
    expect(shop.now().stock.get(2)).toBe(7);
    expect(shop.violations()).toEqual([]);
  });

  test("sold out, another price and a product that is gone are answers, and leave nothing behind", async () => {
    const shop = fakeStore();
    const before = JSON.stringify(shop.now().orders);
    expect(await placeOrder(shop.store, request(1, [line(1, 1), line(2, 11)]), noWait)).toEqual({
      kind: "sold-out",
      productId: 2,
    });
    expect(await placeOrder(shop.store, request(2, [line(2, 1, 150)]), noWait)).toEqual({
      kind: "price-changed",
      productId: 2,
      priceCents: 200,
    });
    expect(await placeOrder(shop.store, request(3, [line(99, 1)]), noWait)).toEqual({
      kind: "withdrawn",
      productId: 99,
    });
    expect(JSON.stringify(shop.now().orders)).toBe(before);
    expect(shop.now().stock.get(1)).toBe(10);
    expect(shop.violations()).toEqual([]);
  });

  test("its own first attempt is no reason to be sold out, nor is a price that changed after it", async () => {
    const shop = fakeStore();
    shop.faults.push("lost after commit");
    shop.onFault(() => shop.now().prices.set(1, 999));
    const placed = await placeOrder(shop.store, request(1, [line(1, 10)]), noWait);
    expect(placed).toMatchObject({ kind: "placed", attempts: 2, order: { totalCents: 1_000 } });
    expect(shop.now().orders).toHaveLength(1);
  });

  test("asking again with the same key gives the same order; with another content it is refused", async () => {
    const shop = fakeStore();
    const first = await placeOrder(shop.store, request(1, [line(1, 1)]), noWait);
    const again = await placeOrder(shop.store, request(1, [line(1, 1)]), noWait);
    expect(again).toEqual(first);
    await expect(placeOrder(shop.store, request(1, [line(1, 2)]), noWait)).rejects.toMatchObject({
      code: "KEY_REUSED",
    });
    expect(shop.now().orders).toHaveLength(1);
  });

  test("an order number that another order has by chance is replaced", async () => {
    const shop = fakeStore();
    shop.takeNextNumber();
    const placed = await placeOrder(shop.store, request(1, [line(1, 1)]), noWait);
    expect(placed).toMatchObject({ kind: "placed", attempts: 1 });
    expect(shop.violations()).toEqual([]);
  });

  test("when the time is over the outcome is open, and the same request settles it", async () => {
    const shop = fakeStore();
    shop.faults.push("lost after commit");
    let clock = 0;
    const impatient = { ...noWait, withinMs: 10, now: () => (clock += 20) };
    await expect(placeOrder(shop.store, request(1, [line(1, 1)]), impatient)).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    expect(await placeOrder(shop.store, request(1, [line(1, 1)]), noWait)).toMatchObject({ kind: "placed" });
    expect(shop.now().orders).toHaveLength(1);
  });

  test("lines are merged by product and held to sense", () => {
    expect(inOrder([line(2, 1), line(1, 1), line(2, 2)])).toEqual([line(1, 1), line(2, 3)]);
    expect(() => inOrder([])).toThrow(RangeError);
    expect(() => inOrder([line(1, 0)])).toThrow(RangeError);
    expect(() => inOrder([line(1, 1.5)])).toThrow(RangeError);
    expect(() => inOrder([line(1, 1, 5), line(1, 1, 6)])).toThrow(RangeError);
    expect(() => inOrder([line(1, 999), line(1, 1)])).toThrow(RangeError);
  });
});

describe("cancelling", () => {
  test("it gives stock and money back, once", async () => {
    const shop = fakeStore();
    const placed = await placeOrder(shop.store, request(1, [line(1, 4)]), noWait);
    if (placed.kind !== "placed") throw new Error(placed.kind);
    shop.faults.push("lost after commit");
    const first = await cancelOrder(shop.store, placed.order.number, at, noWait);
    const again = await cancelOrder(shop.store, placed.order.number, at, noWait);
    expect(first).toMatchObject({ kind: "cancelled", attempts: 2, order: { status: "cancelled" } });
    expect(again).toMatchObject({ kind: "cancelled", order: { status: "cancelled" } });
    expect(shop.now().stock.get(1)).toBe(10);
    expect(shop.now().accounts.get(merchantOf(1))).toEqual({ sales: 0, commission: 0 });
    expect(shop.violations()).toEqual([]);
    expect(await cancelOrder(shop.store, "20261124-00000-00000", at, noWait)).toEqual({ kind: "absent" });
  });
});

test("under any faults: what was acknowledged exists once, what was refused does not, and all sums hold", async () => {
  const fault = fc.constantFrom<Fault>(
    "none",
    "none",
    "deadlock",
    "read-only",
    "lost before commit",
    "lost after commit",
  );
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant("place" as const), key: fc.integer({ min: 1, max: 6 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("cancel" as const), key: fc.integer({ min: 1, max: 6 }) }),
    },
  );
  /** What key n always asks for: a retry has the same content. */
  const asked = (n: number) => request(n, [line(1 + (n % 3), 1 + (n % 4)), line(3 + (n % 2), 2)], n);
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 20 }),
      fc.array(fault, { maxLength: 30 }),
      async (steps, faults) => {
        const shop = fakeStore();
        shop.faults.push(...faults);
        const numbers = new Map<number, string>();
        const cancelled = new Set<number>();
        for (const { do: what, key: n } of steps) {
          if (what === "place") {
            const placed = await placeOrder(shop.store, asked(n), noWait);
            if (placed.kind !== "placed") {
              expect(numbers.has(n)).toBe(false);
              continue;
            }
            expect(placed.order.number).toBe(numbers.get(n) ?? placed.order.number);
            numbers.set(n, placed.order.number);
          } else {
            const number = numbers.get(n);
            if (number === undefined) continue;
            expect((await cancelOrder(shop.store, number, at, noWait)).kind).toBe("cancelled");
            cancelled.add(n);
          }
        }
        const { orders } = shop.now();
        expect(orders.map((o) => o.number).sort()).toEqual([...numbers.values()].sort());
        for (const [n, number] of numbers)
          expect(orders.find((o) => o.number === number)?.status).toBe(
            cancelled.has(n) ? "cancelled" : "paid",
          );
        expect(shop.violations()).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

test("the platform's share is agreed per merchant and taken per line", async () => {
  const shop = fakeStore();
  await placeOrder(shop.store, request(1, [line(1, 3), line(3, 1)]), noWait);
  expect(shop.now().accounts.get(merchantOf(1))?.commission).toBe(
    commissionCents(300, commissionBp(merchantOf(1))) + commissionCents(300, commissionBp(merchantOf(3))),
  );
});
