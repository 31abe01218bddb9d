/** Holds the tables against the ledgers, write by write. */
import type { Session } from "./database.ts";
import type { Finding } from "./finding.ts";
import type { WrittenEntry } from "./ledger.ts";
import type { Manifest } from "./load.ts";

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
