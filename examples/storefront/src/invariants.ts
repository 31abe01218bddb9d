/** What must hold in the shop's tables by themselves, on every server. */

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
    id: "sold",
    says: "units sold are not those of standing orders",
    violations: `SELECT s.product_id, s.sold_units, l.units AS sold FROM stock s
      LEFT JOIN (SELECT order_lines.product_id, SUM(order_lines.units) AS units FROM order_lines
        JOIN orders ON orders.id = order_lines.order_id WHERE orders.status = 'paid' GROUP BY order_lines.product_id) l
      ON l.product_id = s.product_id WHERE s.sold_units <> COALESCE(l.units, 0)`,
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
