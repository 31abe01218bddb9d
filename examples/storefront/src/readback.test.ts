import { describe, expect, test } from "vitest";
import type { Answer, Intent, WrittenEntry } from "./ledger.ts";
import type { Manifest } from "./load.ts";
import { expected } from "./readback-counts.ts";
import { cancelFindings, orderFindings, priceFindings, restockFindings } from "./readback-ledger.ts";

const entry = (intent: Intent, answer?: Answer): WrittenEntry => ({
  run: "r",
  n: 1,
  intendedAtMs: 0,
  intent,
  answer: answer === undefined ? undefined : { ...answer, atMs: 1 },
});
const say = (check: string, detail: string) => ({ check, where: "primary 1", detail });
const acknowledged = { is: "acknowledged" } as const;
const refused = { is: "refused", why: "sold-out" } as const;
const open = { is: "open", why: "ECONNRESET" } as const;

const order = (key: string, answer?: Answer) =>
  entry({ do: "order", key, consumerId: 1, totalCents: 500 }, answer);
const row = (id: number, key: string, status: "paid" | "cancelled" = "paid", cents = 500) => ({
  id,
  number: `N${id}`,
  idempotency_key: key,
  status,
  total_cents: cents,
});

describe("orders", () => {
  const known = order("a", { is: "acknowledged", number: "N11" });
  test("acknowledged and there once: nothing to say", () => {
    expect(orderFindings([row(11, "a")], [known], say)).toEqual([]);
  });
  test.each([
    ["lost", [], [known]],
    ["doubled", [row(11, "a"), row(12, "a")], [known]],
    ["of another total", [row(11, "a", "paid", 501)], [known]],
    ["of another number", [row(12, "a")], [known]],
    ["refused and there", [row(11, "a")], [order("a", refused)]],
    ["asked for by nobody", [row(11, "a"), row(12, "z")], [known]],
  ])("%s: found", (_, rows, entries) => {
    expect(orderFindings(rows, entries, say)).not.toEqual([]);
  });
  test("an open one may be there or not", () => {
    expect(orderFindings([row(11, "a")], [order("a", open)], say)).toEqual([]);
    expect(orderFindings([], [order("a")], say)).toEqual([]);
  });
});

describe("cancelled orders", () => {
  const cancel = (answer?: Answer) => entry({ do: "cancel", number: "N11" }, answer);
  test("acknowledged and cancelled: nothing to say", () => {
    expect(cancelFindings([row(11, "a", "cancelled")], 10, [cancel(acknowledged)], say)).toEqual([]);
  });
  test("still standing, or cancelled by nobody: found", () => {
    expect(cancelFindings([row(11, "a")], 10, [cancel(acknowledged)], say)).toHaveLength(1);
    expect(cancelFindings([row(11, "a", "cancelled")], 10, [], say)).toHaveLength(1);
    expect(cancelFindings([row(11, "a", "cancelled")], 10, [cancel(refused)], say)).toHaveLength(1);
  });
  test("one that was loaded as cancelled needs nobody", () => {
    expect(cancelFindings([row(9, "a", "cancelled")], 10, [], say)).toEqual([]);
  });
});

describe("restocking", () => {
  const restock = (answer?: Answer) => entry({ do: "restock", key: "k", productId: 3, units: 20 }, answer);
  const movement = (units = 20) => ({ request_key: "k", product_id: 3, units });
  test("acknowledged and there: nothing to say; open: either", () => {
    expect(restockFindings([movement()], [restock(acknowledged)], say)).toEqual([]);
    expect(restockFindings([], [restock(open)], say)).toEqual([]);
  });
  test.each([
    ["lost", [], [restock(acknowledged)]],
    ["other units", [movement(21)], [restock(acknowledged)]],
    ["refused and there", [movement()], [restock(refused)]],
    ["by nobody", [movement()], []],
  ])("%s: found", (_, movements, entries) => {
    expect(restockFindings(movements, entries, say)).toHaveLength(1);
  });
});

describe("prices", () => {
  const price = (version: number, priceCents: number, answer?: Answer) =>
    entry({ do: "price", productId: 3, priceCents, version }, answer);
  const product = (version: number, cents: number) => ({ id: 3, version, price_cents: cents });
  test("the last acknowledged, or an open one after it: nothing to say", () => {
    const entries = [price(2, 90, acknowledged), price(3, 95, open)];
    expect(priceFindings([product(2, 90)], entries, say)).toEqual([]);
    expect(priceFindings([product(3, 95)], entries, say)).toEqual([]);
  });
  test.each([
    ["lost", [], [price(2, 90, acknowledged)]],
    ["older than acknowledged", [product(2, 90)], [price(2, 90, acknowledged), price(3, 80, acknowledged)]],
    ["of another price", [product(2, 91)], [price(2, 90, acknowledged)]],
    ["by nobody", [product(2, 90)], []],
    ["refused and there", [product(2, 90)], [price(2, 90, refused)]],
  ])("%s: found", (_, products, entries) => {
    expect(priceFindings(products, entries, say)).not.toEqual([]);
  });
});

test("counts and sums: loaded, and acknowledged since; open writes make a range, a cancel repeated counts once", () => {
  const manifest: Manifest = {
    id: "l",
    size: { seed: 1, merchants: 4, consumers: 5, products: 6, orders: 10, untilMs: 0 },
    orders: 10,
    cancelledOrders: 2,
    lines: 17,
    totalCents: 10_000,
    initialUnits: 600,
  };
  const entries = [
    order("a", acknowledged),
    order("b", open),
    order("c", refused),
    order("d"),
    entry({ do: "cancel", number: "N" }, acknowledged),
    entry({ do: "cancel", number: "N" }, acknowledged),
    entry({ do: "cancel", number: "N" }, open),
    entry({ do: "restock", key: "k", productId: 1, units: 7 }, acknowledged),
  ];
  expect(expected(manifest, entries)).toEqual({
    products: { low: 6, high: 6 },
    merchants: { low: 4, high: 4 },
    consumers: { low: 5, high: 5 },
    orders: { low: 11, high: 13 },
    totalCents: { low: 10_500, high: 11_500 },
    cancelled: { low: 3, high: 3 },
    initialUnits: { low: 600, high: 600 },
    movements: { low: 1, high: 1 },
    movedUnits: { low: 7, high: 7 },
  });
});
