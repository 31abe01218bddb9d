/** Sales figures in MySQL, and what a merchant is shown of them. */
import type { Database } from "../database.ts";
import { certain } from "../products.ts";
import type { RetryOptions } from "../retry.ts";
import type { SalesStore } from "./sales.ts";
import type { SalesDay } from "./sales-day.ts";

export const salesStore = (primary: Database): SalesStore => ({
  transaction: (work) =>
    primary.transaction((session) =>
      work({
        applied: async (ids) => {
          const rows = await session.rows<{ event_id: string }>(
            "SELECT event_id FROM applied_events WHERE event_id IN (?)",
            [ids],
          );
          return new Set(rows.map((row) => row.event_id));
        },
        // Not IGNORE: another consumer that applied one meanwhile must undo all of this.
        markApplied: async (ids) => {
          await session.run("INSERT INTO applied_events (event_id) VALUES ?", [ids.map((id) => [id])]);
        },
        add: async (deltas) => {
          await session.run(
            `INSERT INTO sales_days (merchant_id, day, orders, cancelled_orders, units, sales_cents, commission_cents)
             VALUES ? AS more ON DUPLICATE KEY UPDATE orders = sales_days.orders + more.orders,
               cancelled_orders = sales_days.cancelled_orders + more.cancelled_orders,
               units = sales_days.units + more.units, sales_cents = sales_days.sales_cents + more.sales_cents,
               commission_cents = sales_days.commission_cents + more.commission_cents`,
            [
              deltas.map((delta) => [
                delta.merchantId,
                delta.day,
                delta.orders,
                delta.cancelledOrders,
                delta.units,
                delta.salesCents,
                delta.commissionCents,
              ]),
            ],
          );
        },
      }),
    ),
});

/** A merchant's last days, oldest first; days without an order are left out. @throws STORE_UNAVAILABLE */
export const salesDays = (
  db: Database,
  merchantId: number,
  days: number,
  options: RetryOptions,
): Promise<readonly SalesDay[]> =>
  certain(
    `sales of merchant ${merchantId}`,
    () =>
      db.use(async (session) => {
        const rows = await session.rows<SalesDay>(
          `SELECT DATE_FORMAT(day, '%Y-%m-%d') AS day, orders, cancelled_orders AS cancelledOrders, units,
             sales_cents AS salesCents, commission_cents AS commissionCents
           FROM (SELECT * FROM sales_days WHERE merchant_id = ? ORDER BY day DESC LIMIT ?) AS last ORDER BY day`,
          [merchantId, days],
        );
        return rows;
      }),
    options,
  );
