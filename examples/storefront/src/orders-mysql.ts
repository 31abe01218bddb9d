/** The statements behind {@link OrderTx}. */
import type { Database, Session } from "./database.ts";
import { type Outbox, shelves } from "./events/outbox.ts";
import type { Offer, Order, OrderStore, OrderTx, SoldLine } from "./orders.ts";
import { certain } from "./products.ts";
import type { DatabaseFailure, RetryOptions } from "./retry.ts";

interface OrderRow {
  readonly id: number;
  readonly number: string;
  readonly consumer_id: number;
  readonly placed_at: Date;
  readonly total_cents: number;
  readonly status: "paid" | "cancelled";
  readonly request_digest: string;
}

const orderColumns = "id, number, consumer_id, placed_at, total_cents, status, request_digest";
const duplicateEntry = 1062; // ER_DUP_ENTRY

const toOrder = (row: OrderRow): Order => ({
  id: row.id,
  number: row.number,
  consumerId: row.consumer_id,
  placedAt: row.placed_at,
  totalCents: row.total_cents,
  status: row.status,
});

export const orderStore = (primary: Database, events: Outbox): OrderStore => ({
  transaction: (work) => primary.transaction((session) => work(orderTx(session, events))),
});

function orderTx(session: Session, events: Outbox): OrderTx {
  return {
    claim: async (order) => {
      try {
        const { insertId } = await session.run(
          `INSERT INTO orders (number, idempotency_key, request_digest, consumer_id, status, total_cents, placed_at)
           VALUES (?, ?, ?, ?, 'paid', ?, ?)`,
          [order.number, order.key, order.digest, order.consumerId, order.totalCents, order.placedAt],
        );
        return { kind: "claimed", id: insertId };
      } catch (error) {
        if ((error as DatabaseFailure).errno !== duplicateEntry) throw error;
        const [row] = await session.rows<OrderRow>(
          `SELECT ${orderColumns} FROM orders WHERE idempotency_key = ?`,
          [order.key],
        );
        return row === undefined
          ? { kind: "number-taken" }
          : { kind: "known", digest: row.request_digest, order: toOrder(row) };
      }
    },
    offers: async (productIds) => {
      const rows = await session.rows<{
        id: number;
        price_cents: number;
        merchant_id: number;
        commission_bp: number;
      }>(
        `SELECT p.id, p.price_cents, p.merchant_id, m.commission_bp
         FROM products p JOIN merchants m ON m.id = p.merchant_id
         WHERE p.id IN (?) ORDER BY p.id FOR SHARE OF p`,
        [productIds],
      );
      return new Map<number, Offer>(
        rows.map((row) => [
          row.id,
          { priceCents: row.price_cents, merchantId: row.merchant_id, commissionBp: row.commission_bp },
        ]),
      );
    },
    take: async (productId, units) => {
      const { affected } = await session.run(
        `UPDATE stock SET available_units = available_units - ?, sold_units = sold_units + ?, revision = revision + 1
         WHERE product_id = ? AND available_units >= ?`,
        [units, units, productId, units],
      );
      return affected === 1;
    },
    putBack: async (productId, units) => {
      await session.run(
        `UPDATE stock SET available_units = available_units + ?, sold_units = sold_units - ?, revision = revision + 1
         WHERE product_id = ?`,
        [units, units, productId],
      );
    },
    addLines: async (orderId, lines) => {
      await session.run(
        "INSERT INTO order_lines (order_id, product_id, merchant_id, units, unit_price_cents, commission_cents) VALUES ?",
        [
          lines.map((line) => [
            orderId,
            line.productId,
            line.merchantId,
            line.units,
            line.unitPriceCents,
            line.commissionCents,
          ]),
        ],
      );
    },
    linesOf: async (orderId) => {
      const rows = await session.rows<{
        product_id: number;
        merchant_id: number;
        units: number;
        unit_price_cents: number;
        commission_cents: number;
      }>(
        "SELECT product_id, merchant_id, units, unit_price_cents, commission_cents FROM order_lines WHERE order_id = ? ORDER BY product_id",
        [orderId],
      );
      return rows.map(
        (row): SoldLine => ({
          productId: row.product_id,
          merchantId: row.merchant_id,
          units: row.units,
          unitPriceCents: row.unit_price_cents,
          commissionCents: row.commission_cents,
        }),
      );
    },
    pay: async (orderId, kind, amountCents, at) => {
      await session.run("INSERT INTO payments (order_id, kind, amount_cents, paid_at) VALUES (?, ?, ?, ?)", [
        orderId,
        kind,
        amountCents,
        at,
      ]);
    },
    credit: async (merchantId, salesCents, commissionCents) => {
      await session.run(
        "UPDATE merchant_accounts SET sales_cents = sales_cents + ?, commission_cents = commission_cents + ? WHERE merchant_id = ?",
        [salesCents, commissionCents, merchantId],
      );
    },
    find: async (number) => {
      const [row] = await session.rows<OrderRow>(
        `SELECT ${orderColumns} FROM orders WHERE number = ? FOR UPDATE`,
        [number],
      );
      return row === undefined ? undefined : toOrder(row);
    },
    markCancelled: async (orderId, at) => {
      await session.run("UPDATE orders SET status = 'cancelled', cancelled_at = ? WHERE id = ?", [
        at,
        orderId,
      ]);
    },
    shelves: (productIds) => shelves(session, productIds),
    announce: (drafts) => events.announce(session, drafts),
  };
}

/** A consumer's latest orders, by the replicas: may be a moment old. @throws STORE_UNAVAILABLE */
export const latestOrders = (
  replicas: Database,
  consumerId: number,
  count: number,
  options: RetryOptions,
): Promise<readonly Order[]> =>
  certain(
    `orders of consumer ${consumerId}`,
    () =>
      replicas.use(async (session) => {
        const rows = await session.rows<OrderRow>(
          `SELECT ${orderColumns} FROM orders WHERE consumer_id = ? ORDER BY id DESC LIMIT ?`,
          [consumerId, count],
        );
        return rows.map(toOrder);
      }),
    options,
  );
