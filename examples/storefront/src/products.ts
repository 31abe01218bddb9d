/** Products in MySQL: pages from the primary, listings from the replicas, and what merchants change. */
import type { Catalogue, ProductPage, ProductSource } from "./catalogue.ts";
import type { Database, Session } from "./database.ts";
import { storefrontError } from "./errors.ts";
import { type Outbox, productDrafts, shelves } from "./events/outbox.ts";
import { failureText, type RetryOptions, retry } from "./retry.ts";

interface PageRow {
  readonly id: number;
  readonly version: number;
  readonly name: string;
  readonly brand: string;
  readonly price_cents: number;
  readonly category_id: number;
  readonly merchant_id: number;
  readonly merchant_name: string;
  readonly merchant_city: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly description: string;
  readonly ordered_units: number;
}

const pageQuery = `SELECT p.id, p.version, p.name, p.brand, p.price_cents, p.category_id, p.merchant_id,
  m.name AS merchant_name, m.city AS merchant_city, p.attributes, p.description,
  (SELECT COALESCE(SUM(l.units), 0) FROM order_lines l WHERE l.product_id = p.id) AS ordered_units
  FROM products p JOIN merchants m ON m.id = p.merchant_id WHERE p.id = ?`;

const toPage = (row: PageRow): ProductPage => ({
  id: row.id,
  version: row.version,
  name: row.name,
  brand: row.brand,
  priceCents: row.price_cents,
  categoryId: row.category_id,
  merchantId: row.merchant_id,
  merchantName: row.merchant_name,
  merchantCity: row.merchant_city,
  attributes: row.attributes,
  description: row.description,
  orderedUnits: row.ordered_units,
});

/** @param withinMs how long a read may be tried again, for instance while a primary is replaced */
export const productSource = (primary: Database, options: RetryOptions): ProductSource => ({
  product: (id) =>
    certain(
      `product ${id}`,
      () =>
        primary.use(async (session) => {
          const [row] = await session.rows<PageRow>(pageQuery, [id]);
          return row === undefined ? undefined : toPage(row);
        }),
      options,
    ),
});

/** Ids of a category's products, most popular first. May be a moment old: it is asked of the replicas. */
export const listing = (
  replicas: Database,
  categoryId: number,
  page: number,
  options: RetryOptions,
): Promise<readonly number[]> =>
  certain(
    `listing of category ${categoryId}`,
    () =>
      replicas.use(async (session) => {
        const rows = await session.rows<{ id: number }>(
          "SELECT id FROM products WHERE category_id = ? ORDER BY popularity_rank LIMIT ? OFFSET ?",
          [categoryId, listingSize, page * listingSize],
        );
        return rows.map((row) => row.id);
      }),
    options,
  );

const listingSize = 20;

export type PriceChange =
  | { readonly kind: "changed"; readonly version: number }
  | { readonly kind: "conflict"; readonly version: number }
  | { readonly kind: "absent" };

/**
 * Sets a product's price if it still has the version that the merchant saw. A repeated attempt whose first one
 * went through finds exactly its own result one version later, and is done.
 * @throws STORE_UNAVAILABLE when the outcome stays open; readers are kept off the cache until the fence expires.
 */
export async function changePrice(
  primary: Database,
  events: Outbox,
  catalogue: Catalogue,
  change: { readonly productId: number; readonly priceCents: number; readonly version: number },
  options: RetryOptions,
): Promise<PriceChange> {
  const { productId, priceCents, version } = change;
  const outcome = await catalogue.changing(productId, async () => {
    const done = await retry<PriceChange>(
      () =>
        primary.transaction(async (tx) => {
          const { affected } = await tx.run(
            "UPDATE products SET price_cents = ?, version = version + 1 WHERE id = ? AND version = ?",
            [priceCents, productId, version],
          );
          if (affected === 1) {
            await tx.run("UPDATE stock SET revision = revision + 1 WHERE product_id = ?", [productId]);
            await announceProduct(tx, events, productId, new Date());
            return { kind: "changed", version: version + 1 };
          }
          const [now] = await tx.rows<{ version: number; price_cents: number }>(
            "SELECT version, price_cents FROM products WHERE id = ? FOR SHARE",
            [productId],
          );
          if (now === undefined) return { kind: "absent" };
          if (now.version === version + 1 && now.price_cents === priceCents)
            return { kind: "changed", version: version + 1 };
          return { kind: "conflict", version: now.version };
        }),
      options,
    );
    return { certain: done.kind === "done", value: done };
  });
  if (outcome.kind === "open")
    throw unavailable(`the price of product ${productId}`, outcome.waitedMs, outcome.error);
  return outcome.value;
}

/**
 * Puts units on the shelf, once per key.
 * @returns false when there is no such product. @throws STORE_UNAVAILABLE
 */
export async function restock(
  primary: Database,
  events: Outbox,
  movement: { readonly key: string; readonly productId: number; readonly units: number; readonly at: Date },
  options: RetryOptions,
): Promise<boolean> {
  return await certain(
    `restocking product ${movement.productId}`,
    () =>
      primary.transaction(async (tx) => {
        const known = await tx.run(
          "INSERT IGNORE INTO stock_movements (request_key, product_id, units, moved_at) VALUES (?, ?, ?, ?)",
          [movement.key, movement.productId, movement.units, movement.at],
        );
        if (known.affected === 0) return true;
        const { affected } = await tx.run(
          "UPDATE stock SET available_units = available_units + ?, revision = revision + 1 WHERE product_id = ?",
          [movement.units, movement.productId],
        );
        if (affected === 0) await tx.run("DELETE FROM stock_movements WHERE request_key = ?", [movement.key]);
        else await announceProduct(tx, events, movement.productId, movement.at);
        return affected === 1;
      }),
    options,
  );
}

const announceProduct = async (tx: Session, events: Outbox, productId: number, at: Date): Promise<void> =>
  events.announce(tx, productDrafts(await shelves(tx, [productId]), at));

/** Units on the shelf now, by the primary. */
export const unitsOf = (
  primary: Database,
  productId: number,
  options: RetryOptions,
): Promise<number | undefined> =>
  certain(
    `stock of product ${productId}`,
    () =>
      primary.use(async (session) => {
        const [row] = await session.rows<{ available_units: number }>(
          "SELECT available_units FROM stock WHERE product_id = ?",
          [productId],
        );
        return row?.available_units;
      }),
    options,
  );

/** Retries until it succeeds. @throws STORE_UNAVAILABLE when the time is over. */
export async function certain<T>(what: string, work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const outcome = await retry(work, options);
  if (outcome.kind === "done") return outcome.value;
  throw unavailable(what, outcome.waitedMs, outcome.error);
}

export const unavailable = (what: string, waitedMs: number, error: unknown) =>
  storefrontError.STORE_UNAVAILABLE({ what, waitedMs, detail: failureText(error) }, error);
