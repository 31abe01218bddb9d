import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeHistory, nothingSold, type PastOrder } from "./history.ts";
import { productAtRank, random, ranks, zipf } from "./random.ts";
import { makeConsumers, makeMerchants, makeProducts, type ShopSize } from "./shop.ts";
import { categories, groups } from "./vocabulary.ts";

const size: ShopSize = {
  seed: 7,
  merchants: 40,
  consumers: 500,
  products: 3_000,
  orders: 2_000,
  untilMs: Date.UTC(2026, 10, 1),
};

function whole(of: ShopSize) {
  const merchants = makeMerchants(of);
  const products = [...makeProducts(of, merchants)];
  const sold = nothingSold(of);
  const prices = {
    priceCents: Uint32Array.from(products.map((p) => p.priceCents)),
    merchantId: Uint32Array.from(products.map((p) => p.merchantId)),
    commissionBp: Uint16Array.from(merchants.map((m) => m.commissionBp)),
  };
  const orders = [...makeHistory(of, prices, sold)];
  return { merchants, products, consumers: [...makeConsumers(of)], orders, sold };
}

const shop = whole(size);
const digest = (value: unknown) => createHash("sha256").update(JSON.stringify(value)).digest("hex");
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

test("the same seed gives the same shop, another one another", () => {
  const { sold: _, ...first } = shop;
  const { sold: __, ...again } = whole(size);
  const { sold: ___, ...other } = whole({ ...size, seed: 8 });
  expect(digest(again)).toBe(digest(first));
  expect(digest(other)).not.toBe(digest(first));
});

test("a table's stream is its own: more orders leave the products as they are", () => {
  expect(digest(whole({ ...size, orders: 10 }).products)).toBe(digest(shop.products));
});

test("products have Chinese names, a merchant and a category that deals in them, a price of theirs", () => {
  const byId = new Map(categories.map((c) => [c.id, c]));
  for (const product of shop.products) {
    expect(product.name).toMatch(/^\p{Script=Han}{2} .*\p{Script=Han}{2,}.* \S+$/u);
    const merchant = shop.merchants[product.merchantId - 1];
    const category = byId.get(product.categoryId);
    expect(category?.group).toBe(merchant?.group);
    expect(merchant?.brands).toContain(product.brand);
    expect(Number.isInteger(product.priceCents)).toBe(true);
    const [low, high] = category?.yuan ?? [0, 0];
    expect(product.priceCents).toBeGreaterThanOrEqual(low * 100 - 100);
    expect(product.priceCents).toBeLessThan(high * 100 + 1_000);
    expect(product.name.length).toBeLessThanOrEqual(100);
    expect(product.description.length).toBeLessThanOrEqual(1_000);
  }
  expect(new Set(shop.products.map((p) => p.sku)).size).toBe(size.products);
  expect(new Set(shop.products.map((p) => p.categoryId)).size).toBe(categories.length);
  expect(new Set(shop.merchants.map((m) => m.group)).size).toBe(groups.length);
});

test("an order's total is the sum of its lines, at the products' prices", () => {
  for (const order of shop.orders) {
    expect(order.totalCents).toBe(sum(order.lines.map((l) => l.units * l.unitPriceCents)));
    for (const line of order.lines) {
      expect(line.unitPriceCents).toBe(shop.products[line.productId - 1]?.priceCents);
      expect(line.merchantId).toBe(shop.products[line.productId - 1]?.merchantId);
    }
    expect(new Set(order.lines.map((l) => l.productId)).size).toBe(order.lines.length);
  }
});

test("what standing orders took is counted, by product and by merchant", () => {
  const standing = shop.orders.filter((o) => o.cancelledAtMs === undefined);
  expect(standing.length).toBeLessThan(shop.orders.length);
  const lines = standing.flatMap((o) => o.lines);
  const units = (id: number) => sum(lines.filter((l) => l.productId === id).map((l) => l.units));
  const sales = (id: number) =>
    sum(lines.filter((l) => l.merchantId === id).map((l) => l.units * l.unitPriceCents));
  for (let id = 1; id <= 200; id += 1) expect(shop.sold.unitsByProduct[id - 1]).toBe(units(id));
  for (const { id } of shop.merchants) expect(shop.sold.salesCentsByMerchant[id - 1]).toBe(sales(id));
});

test("history is in order, before its end, and each order has its own number and key", () => {
  const distinct = (of: (order: PastOrder) => string) => new Set(shop.orders.map(of)).size;
  expect(distinct((o) => o.number)).toBe(size.orders);
  expect(distinct((o) => o.idempotencyKey)).toBe(size.orders);
  for (const [i, order] of shop.orders.entries()) {
    expect(order.placedAtMs).toBeGreaterThanOrEqual(shop.orders[i - 1]?.placedAtMs ?? 0);
    expect(order.placedAtMs).toBeLessThan(size.untilMs);
    if (order.cancelledAtMs !== undefined) {
      expect(order.cancelledAtMs).toBeGreaterThanOrEqual(order.placedAtMs);
      expect(order.cancelledAtMs).toBeLessThanOrEqual(size.untilMs);
    }
  }
});

test("ranks and products are one to one, for every size of shop", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), (count) => {
      const ids = Array.from({ length: count }, (_, rank) => productAtRank(rank, count));
      expect(new Set(ids).size).toBe(count);
      expect(Math.min(...ids)).toBe(1);
      expect(Math.max(...ids)).toBe(count);
      const back = ranks(count);
      expect(ids.map((id) => back[id - 1])).toEqual(ids.map((_, rank) => rank));
    }),
    { numRuns: 50 },
  );
});

test("popularity falls with the rank as the law says", () => {
  const rng = random(3, "zipf");
  const draw = zipf(1_000, 0.99);
  const seen = new Array<number>(1_000).fill(0);
  for (let i = 0; i < 200_000; i += 1) {
    const rank = draw(rng);
    seen[rank] = (seen[rank] ?? 0) + 1;
  }
  // Twice the rank, 2^0.99 times rarer; 5 % is more than three standard deviations here.
  expect((seen[0] ?? 0) / (seen[1] ?? 1)).toBeCloseTo(2 ** 0.99, 0);
  const top = sum(seen.slice(0, 200)) / 200_000;
  expect(top).toBeGreaterThan(0.75);
  expect(top).toBeLessThan(0.82);
});
