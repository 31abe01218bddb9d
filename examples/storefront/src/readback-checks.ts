/** What must hold in the shop's tables: by themselves, by what was loaded, and by what was acknowledged. */
import type { Session } from "./database.ts";
import type { WrittenEntry } from "./ledger.ts";
import type { Manifest } from "./load.ts";

export interface Finding {
  readonly check: string;
  /** The server it was read from. */
  readonly where: string;
  readonly detail: string;
}

export interface Invariant {
  readonly id: string;
  /** What a row of `violations` means. */
  readonly says: string;
  /** A query without rows when all is well. */
  readonly violations: string;
}

/** Sums over all rows, each computed by the server from the rows themselves. */
export const invariants: readonly Invariant[] = [
  {
    id: "order-totals",
    says: "an order's total is not the sum of its lines",
    violations: `SELECT o.id, o.total_cents, l.cents FROM orders o
      LEFT JOIN (SELECT order_id, SUM(units * unit_price_cents) AS cents FROM order_lines GROUP BY order_id) l
      ON l.order_id = o.id WHERE NOT (o.total_cents <=> l.cents)`,
  },
  {
    id: "stock",
    says: "units on the shelf are not initial + moved − sold by standing orders",
    violations: `SELECT s.product_id, s.initial_units, s.available_units, m.units AS moved, l.units AS sold FROM stock s
      LEFT JOIN (SELECT product_id, SUM(units) AS units FROM stock_movements GROUP BY product_id) m
      ON m.product_id = s.product_id
      LEFT JOIN (SELECT order_lines.product_id, SUM(order_lines.units) AS units FROM order_lines
        JOIN orders ON orders.id = order_lines.order_id WHERE orders.status = 'paid' GROUP BY order_lines.product_id) l
      ON l.product_id = s.product_id
      WHERE s.available_units <> s.initial_units + COALESCE(m.units, 0) - COALESCE(l.units, 0)`,
  },
  {
    id: "oversold",
    says: "fewer than no units are on the shelf",
    violations: "SELECT product_id, available_units FROM stock WHERE available_units < 0",
  },
  {
    id: "charges",
    says: "an order's charge is not its total",
    violations: `SELECT o.id, o.total_cents, p.amount_cents FROM orders o
      LEFT JOIN payments p ON p.order_id = o.id AND p.kind = 'charge'
      WHERE NOT (p.amount_cents <=> o.total_cents)`,
  },
  {
    id: "refunds",
    says: "an order's refund does not fit its state",
    violations: `SELECT o.id, o.status, o.total_cents, p.amount_cents FROM orders o
      LEFT JOIN payments p ON p.order_id = o.id AND p.kind = 'refund'
      WHERE NOT (p.amount_cents <=> IF(o.status = 'cancelled', -o.total_cents, NULL))`,
  },
  {
    id: "merchant-sums",
    says: "a merchant's account is not the sum of its standing sales",
    violations: `SELECT a.merchant_id, a.sales_cents, a.commission_cents, l.sales, l.commission FROM merchant_accounts a
      LEFT JOIN (SELECT order_lines.merchant_id, SUM(units * unit_price_cents) AS sales,
        SUM(order_lines.commission_cents) AS commission FROM order_lines
        JOIN orders ON orders.id = order_lines.order_id WHERE orders.status = 'paid' GROUP BY order_lines.merchant_id) l
      ON l.merchant_id = a.merchant_id
      WHERE a.sales_cents <> COALESCE(l.sales, 0) OR a.commission_cents <> COALESCE(l.commission, 0)`,
  },
  {
    id: "orphan-lines",
    says: "a line belongs to no order, or its product is another merchant's",
    violations: `SELECT l.order_id, l.product_id FROM order_lines l LEFT JOIN orders o ON o.id = l.order_id
      LEFT JOIN products p ON p.id = l.product_id
      WHERE o.id IS NULL OR p.id IS NULL OR p.merchant_id <> l.merchant_id`,
  },
  {
    id: "orphan-payments",
    says: "a payment belongs to no order",
    violations:
      "SELECT p.order_id, p.kind FROM payments p LEFT JOIN orders o ON o.id = p.order_id WHERE o.id IS NULL",
  },
  {
    id: "orphan-orders",
    says: "an order belongs to no consumer",
    violations:
      "SELECT o.id, o.consumer_id FROM orders o LEFT JOIN consumers c ON c.id = o.consumer_id WHERE c.id IS NULL",
  },
  {
    id: "orphan-products",
    says: "a product has no merchant or no stock",
    violations: `SELECT p.id, p.merchant_id FROM products p LEFT JOIN merchants m ON m.id = p.merchant_id
      LEFT JOIN stock s ON s.product_id = p.id WHERE m.id IS NULL OR s.product_id IS NULL`,
  },
];

/** Counts and sums: what was loaded, and what was acknowledged since; open writes may have happened or not. */
export async function loadFindings(
  session: Session,
  manifest: Manifest,
  entries: readonly WrittenEntry[],
  where: string,
): Promise<readonly Finding[]> {
  const [found] = await session.rows<Record<Figure, number>>(
    `SELECT (SELECT COUNT(*) FROM products) AS products, (SELECT COUNT(*) FROM merchants) AS merchants,
      (SELECT COUNT(*) FROM consumers) AS consumers, (SELECT COUNT(*) FROM orders) AS orders,
      (SELECT COALESCE(SUM(total_cents), 0) FROM orders) AS totalCents,
      (SELECT COUNT(*) FROM orders WHERE status = 'cancelled') AS cancelled,
      (SELECT COALESCE(SUM(initial_units), 0) FROM stock) AS initialUnits,
      (SELECT COUNT(*) FROM stock_movements) AS movements,
      (SELECT COALESCE(SUM(units), 0) FROM stock_movements) AS movedUnits`,
  );
  const bounds = expected(manifest, entries);
  return figures
    .filter((figure) => {
      const value = found?.[figure] ?? -1;
      return value < bounds[figure].low || value > bounds[figure].high;
    })
    .map((figure) => ({
      check: "counts-and-sums",
      where,
      detail: `${figure} is ${found?.[figure]}, expected ${range(bounds[figure])}`,
    }));
}

const figures = [
  "products",
  "merchants",
  "consumers",
  "orders",
  "totalCents",
  "cancelled",
  "initialUnits",
  "movements",
  "movedUnits",
] as const;
type Figure = (typeof figures)[number];
interface Range {
  readonly low: number;
  readonly high: number;
}

const range = ({ low, high }: Range) => (low === high ? `${low}` : `${low} to ${high}`);

/** Exported for its test. */
export function expected(
  manifest: Manifest,
  entries: readonly WrittenEntry[],
): Readonly<Record<Figure, Range>> {
  const sum = (kind: WrittenEntry["intent"]["do"], amount: (entry: WrittenEntry) => number): Range => {
    const of = entries.filter((entry) => entry.intent.do === kind && entry.answer?.is !== "refused");
    const known = of.filter((entry) => entry.answer?.is === "acknowledged");
    const low = known.reduce((total, entry) => total + amount(entry), 0);
    return { low, high: low + of.filter((e) => !known.includes(e)).reduce((t, e) => t + amount(e), 0) };
  };
  const above = (base: number, { low, high }: Range): Range => ({ low: base + low, high: base + high });
  const exactly = (value: number): Range => ({ low: value, high: value });
  const cents = (entry: WrittenEntry) => (entry.intent.do === "order" ? entry.intent.totalCents : 0);
  const units = (entry: WrittenEntry) => (entry.intent.do === "restock" ? entry.intent.units : 0);
  return {
    products: exactly(manifest.size.products),
    merchants: exactly(manifest.size.merchants),
    consumers: exactly(manifest.size.consumers),
    orders: above(
      manifest.orders,
      sum("order", () => 1),
    ),
    totalCents: above(manifest.totalCents, sum("order", cents)),
    cancelled: above(
      manifest.cancelledOrders,
      sum("cancel", () => 1),
    ),
    initialUnits: exactly(manifest.initialUnits),
    movements: sum("restock", () => 1),
    movedUnits: sum("restock", units),
  };
}

interface OrderRow {
  readonly id: number;
  readonly number: string;
  readonly idempotency_key: string;
  readonly status: "paid" | "cancelled";
  readonly total_cents: number;
}

/** Each acknowledged write exists exactly once as acknowledged, no refused one does, and nothing else is there. */
export async function ledgerFindings(
  session: Session,
  manifest: Manifest,
  entries: readonly WrittenEntry[],
  where: string,
): Promise<readonly Finding[]> {
  const orders = await session.rows<OrderRow>(
    "SELECT id, number, idempotency_key, status, total_cents FROM orders WHERE id > ? OR status = 'cancelled'",
    [manifest.orders],
  );
  const movements = await session.rows<{ request_key: string; product_id: number; units: number }>(
    "SELECT request_key, product_id, units FROM stock_movements",
  );
  const products = await session.rows<{ id: number; version: number; price_cents: number }>(
    "SELECT id, version, price_cents FROM products WHERE version > 1",
  );
  const say = (check: string, detail: string): Finding => ({ check, where, detail });
  return [
    ...orderFindings(
      orders.filter((order) => order.id > manifest.orders),
      entries,
      say,
    ),
    ...cancelFindings(orders, manifest.orders, entries, say),
    ...restockFindings(movements, entries, say),
    ...priceFindings(products, entries, say),
  ];
}

type Say = (check: string, detail: string) => Finding;

/** @param orders those placed since the load. Exported for its test. */
export function orderFindings(
  orders: readonly OrderRow[],
  entries: readonly WrittenEntry[],
  say: Say,
): readonly Finding[] {
  const findings: Finding[] = [];
  const wrong = (detail: string) => findings.push(say("acknowledged-orders", detail));
  const byKey = new Map<string, OrderRow[]>();
  for (const order of orders)
    byKey.set(order.idempotency_key, [...(byKey.get(order.idempotency_key) ?? []), order]);
  const intended = new Set<string>();
  for (const { intent, answer, run, n } of entries) {
    if (intent.do !== "order") continue;
    intended.add(intent.key);
    const found = byKey.get(intent.key) ?? [];
    const write = `write ${n} of run ${run}`;
    if (answer?.is === "acknowledged" && found.length === 0)
      wrong(`${write}: order ${answer.number} is lost`);
    if (answer?.is === "refused" && found.length > 0) wrong(`${write}: refused (${answer.why}), and there`);
    if (found.length > 1) wrong(`${write}: it is there ${found.length} times`);
    for (const order of found) {
      if (order.total_cents !== intent.totalCents)
        wrong(`${write}: total ${order.total_cents} ≠ ${intent.totalCents}`);
      if (answer?.is === "acknowledged" && answer.number !== order.number)
        wrong(`${write}: number ${order.number} ≠ ${answer.number}`);
    }
  }
  for (const order of orders)
    if (!intended.has(order.idempotency_key)) wrong(`order ${order.number} was asked for by nobody`);
  return findings;
}

/** @param orders those placed since the load, and all cancelled ones. Exported for its test. */
export function cancelFindings(
  orders: readonly OrderRow[],
  loadedOrders: number,
  entries: readonly WrittenEntry[],
  say: Say,
): readonly Finding[] {
  const findings: Finding[] = [];
  const wrong = (detail: string) => findings.push(say("acknowledged-cancels", detail));
  const status = new Map(orders.map((order) => [order.number, order.status]));
  const asked = new Set<string>();
  for (const { intent, answer, run, n } of entries) {
    if (intent.do !== "cancel") continue;
    if (answer?.is !== "refused") asked.add(intent.number);
    if (answer?.is === "acknowledged" && status.get(intent.number) !== "cancelled")
      wrong(`write ${n} of run ${run}: order ${intent.number} is not cancelled`);
  }
  for (const order of orders)
    if (order.id > loadedOrders && order.status === "cancelled" && !asked.has(order.number))
      wrong(`order ${order.number} was cancelled by nobody`);
  return findings;
}

/** Exported for its test. */
export function restockFindings(
  movements: readonly { readonly request_key: string; readonly product_id: number; readonly units: number }[],
  entries: readonly WrittenEntry[],
  say: Say,
): readonly Finding[] {
  const findings: Finding[] = [];
  const byKey = new Map(movements.map((movement) => [movement.request_key, movement]));
  const intended = new Set<string>();
  for (const { intent, answer, run, n } of entries) {
    if (intent.do !== "restock") continue;
    intended.add(intent.key);
    const found = byKey.get(intent.key);
    const write = `write ${n} of run ${run}`;
    if (answer?.is === "acknowledged" && found === undefined)
      findings.push(say("acknowledged-restocks", `${write}: lost`));
    if (answer?.is === "refused" && found !== undefined)
      findings.push(say("acknowledged-restocks", `${write}: refused, and it is there`));
    if (found !== undefined && (found.units !== intent.units || found.product_id !== intent.productId))
      findings.push(say("acknowledged-restocks", `${write}: other units or product`));
  }
  for (const movement of movements)
    if (!intended.has(movement.request_key))
      findings.push(say("acknowledged-restocks", `movement ${movement.request_key} was asked for by nobody`));
  return findings;
}

/**
 * A product's row shows its last change: the version is one that was asked for, not older than the last
 * acknowledged, and the price is that version's. Exported for its test.
 */
export function priceFindings(
  products: readonly { readonly id: number; readonly version: number; readonly price_cents: number }[],
  entries: readonly WrittenEntry[],
  say: Say,
): readonly Finding[] {
  const findings: Finding[] = [];
  const asked = new Map<number, Map<number, Set<number>>>();
  const acknowledged = new Map<number, number>();
  for (const { intent, answer } of entries) {
    if (intent.do !== "price" || answer?.is === "refused") continue;
    const versions = asked.get(intent.productId) ?? new Map<number, Set<number>>();
    const prices = versions.get(intent.version) ?? new Set<number>();
    versions.set(intent.version, prices.add(intent.priceCents));
    asked.set(intent.productId, versions);
    if (answer?.is === "acknowledged")
      acknowledged.set(intent.productId, Math.max(acknowledged.get(intent.productId) ?? 1, intent.version));
  }
  const rows = new Map(products.map((product) => [product.id, product]));
  for (const [id, version] of acknowledged) {
    const now = rows.get(id)?.version ?? 1;
    if (now < version)
      findings.push(
        say("acknowledged-prices", `product ${id} is at version ${now}, ${version} was acknowledged`),
      );
  }
  for (const row of products)
    if (asked.get(row.id)?.get(row.version)?.has(row.price_cents) !== true)
      findings.push(
        say(
          "acknowledged-prices",
          `product ${row.id}: nobody set version ${row.version} to ${row.price_cents}`,
        ),
      );
  return findings;
}
