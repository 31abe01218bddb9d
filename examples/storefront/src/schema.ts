/**
 * The shop's tables, as numbered migrations that are applied in order and never edited once released.
 *
 * No foreign keys: they would lock the parent's row at every insert (a merchant's, at each of its sales), and
 * `check` looks for orphans. What must hold at every moment is a constraint: units on the shelf never fall
 * below zero, an idempotency key and an order number exist once, an order is charged and refunded once.
 */
import type { Database, Session } from "./database.ts";
import { storefrontError } from "./errors.ts";
import type { DatabaseFailure } from "./retry.ts";

export interface Migration {
  readonly version: number;
  readonly title: string;
  readonly statements: readonly string[];
}

const options = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci";
/** Keys and numbers made by programs: compared byte by byte. */
const ascii = "CHARACTER SET ascii COLLATE ascii_bin";

/** The sales of each merchant and day, from the orders themselves: how they begin, and what they must be. */
export const salesOfOrders = `SELECT l.merchant_id, DATE(o.placed_at + INTERVAL 8 HOUR) AS day,
    COUNT(DISTINCT o.id) AS orders, COUNT(DISTINCT IF(o.status = 'cancelled', o.id, NULL)) AS cancelled_orders,
    SUM(IF(o.status = 'paid', l.units, 0)) AS units,
    SUM(IF(o.status = 'paid', l.units * l.unit_price_cents, 0)) AS sales_cents,
    SUM(IF(o.status = 'paid', l.commission_cents, 0)) AS commission_cents
  FROM order_lines l JOIN orders o ON o.id = l.order_id GROUP BY l.merchant_id, day`;

export const migrations: readonly Migration[] = [
  {
    version: 1,
    title: "merchants, consumers, products and their stock",
    statements: [
      `CREATE TABLE merchants (
        id INT UNSIGNED NOT NULL PRIMARY KEY,
        name VARCHAR(60) NOT NULL,
        city VARCHAR(20) NOT NULL,
        commission_bp SMALLINT UNSIGNED NOT NULL COMMENT 'share of the platform in 1/10000',
        opened_at DATETIME(3) NOT NULL
      ) ${options}`,
      `CREATE TABLE merchant_accounts (
        merchant_id INT UNSIGNED NOT NULL PRIMARY KEY,
        sales_cents BIGINT NOT NULL DEFAULT 0 COMMENT 'standing orders, commission included',
        commission_cents BIGINT NOT NULL DEFAULT 0
      ) ${options}`,
      `CREATE TABLE consumers (
        id INT UNSIGNED NOT NULL PRIMARY KEY,
        name VARCHAR(40) NOT NULL,
        city VARCHAR(20) NOT NULL,
        joined_at DATETIME(3) NOT NULL
      ) ${options}`,
      `CREATE TABLE products (
        id INT UNSIGNED NOT NULL PRIMARY KEY,
        merchant_id INT UNSIGNED NOT NULL,
        category_id SMALLINT UNSIGNED NOT NULL,
        sku VARCHAR(20) ${ascii} NOT NULL,
        name VARCHAR(100) NOT NULL,
        brand VARCHAR(20) NOT NULL,
        attributes JSON NOT NULL,
        description VARCHAR(1000) NOT NULL,
        price_cents INT UNSIGNED NOT NULL,
        version INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'counts the changes of this row',
        popularity_rank INT UNSIGNED NOT NULL,
        UNIQUE KEY sku (sku),
        KEY merchant (merchant_id),
        KEY listing (category_id, popularity_rank)
      ) ${options}`,
      `CREATE TABLE stock (
        product_id INT UNSIGNED NOT NULL PRIMARY KEY,
        initial_units INT NOT NULL,
        available_units INT NOT NULL,
        CONSTRAINT never_oversold CHECK (available_units >= 0)
      ) ${options}`,
      `CREATE TABLE stock_movements (
        request_key CHAR(32) ${ascii} NOT NULL PRIMARY KEY,
        product_id INT UNSIGNED NOT NULL,
        units INT NOT NULL,
        moved_at DATETIME(3) NOT NULL,
        KEY product (product_id)
      ) ${options}`,
    ],
  },
  {
    version: 2,
    title: "orders, their lines and payments",
    statements: [
      `CREATE TABLE orders (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        number CHAR(20) ${ascii} NOT NULL,
        idempotency_key CHAR(32) ${ascii} NOT NULL,
        request_digest CHAR(32) ${ascii} NOT NULL,
        consumer_id INT UNSIGNED NOT NULL,
        status ENUM('paid','cancelled') NOT NULL,
        total_cents BIGINT NOT NULL,
        placed_at DATETIME(3) NOT NULL,
        cancelled_at DATETIME(3) NULL,
        UNIQUE KEY number (number),
        UNIQUE KEY idempotency (idempotency_key),
        KEY consumer (consumer_id, id)
      ) ${options}`,
      `CREATE TABLE order_lines (
        order_id BIGINT UNSIGNED NOT NULL,
        product_id INT UNSIGNED NOT NULL,
        merchant_id INT UNSIGNED NOT NULL,
        units SMALLINT UNSIGNED NOT NULL,
        unit_price_cents INT UNSIGNED NOT NULL,
        commission_cents INT UNSIGNED NOT NULL,
        PRIMARY KEY (order_id, product_id),
        KEY ordered (product_id, units)
      ) ${options}`,
      `CREATE TABLE payments (
        order_id BIGINT UNSIGNED NOT NULL,
        kind ENUM('charge','refund') NOT NULL,
        amount_cents BIGINT NOT NULL COMMENT 'a refund is negative',
        paid_at DATETIME(3) NOT NULL,
        PRIMARY KEY (order_id, kind)
      ) ${options}`,
    ],
  },
  {
    version: 3,
    title: "which generated shop is loaded",
    statements: [
      `CREATE TABLE loads (
        id CHAR(32) ${ascii} NOT NULL PRIMARY KEY,
        manifest JSON NOT NULL COMMENT 'sizes, seed and the sums that were loaded',
        finished_at DATETIME(3) NULL COMMENT 'null: interrupted, to be loaded again'
      ) ${options}`,
    ],
  },
  {
    version: 4,
    title: "events of what changes, sales of each day, pictures",
    statements: [
      `ALTER TABLE stock ADD COLUMN sold_units INT NOT NULL DEFAULT 0 COMMENT 'by orders that stand'`,
      `ALTER TABLE stock ADD COLUMN revision INT UNSIGNED NOT NULL DEFAULT 1
        COMMENT 'counts the changes of price, stock and sales of this product'`,
      `UPDATE stock LEFT JOIN (SELECT product_id, SUM(units) AS units FROM stock_movements GROUP BY product_id) moved
        ON moved.product_id = stock.product_id
        SET sold_units = initial_units + COALESCE(moved.units, 0) - available_units`,
      `CREATE TABLE outbox (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        event_id CHAR(32) ${ascii} NOT NULL,
        topic VARCHAR(40) ${ascii} NOT NULL,
        event_key VARCHAR(20) ${ascii} NOT NULL,
        version INT UNSIGNED NOT NULL,
        body JSON NOT NULL,
        written_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        published_at DATETIME(3) NULL,
        UNIQUE KEY event (event_id),
        KEY unpublished (published_at, id),
        KEY by_key (topic, event_key, version)
      ) ${options}`,
      `CREATE TABLE sales_days (
        merchant_id INT UNSIGNED NOT NULL,
        day DATE NOT NULL COMMENT 'on which the order was placed, in China',
        orders INT NOT NULL COMMENT 'with a line of this merchant, cancelled ones included',
        cancelled_orders INT NOT NULL,
        units INT NOT NULL COMMENT 'of standing orders, as is what follows',
        sales_cents BIGINT NOT NULL,
        commission_cents BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, day)
      ) ${options}`,
      `INSERT IGNORE INTO sales_days ${salesOfOrders}`,
      `CREATE TABLE applied_events (
        event_id CHAR(32) ${ascii} NOT NULL PRIMARY KEY COMMENT 'is in sales_days',
        applied_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
      ) ${options}`,
      `CREATE TABLE rejected_events (
        topic VARCHAR(40) ${ascii} NOT NULL,
        kafka_partition INT NOT NULL,
        kafka_offset BIGINT NOT NULL,
        reason VARCHAR(400) NOT NULL,
        rejected_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        PRIMARY KEY (topic, kafka_partition, kafka_offset)
      ) ${options}`,
      `CREATE TABLE pictures (
        product_id INT UNSIGNED NOT NULL PRIMARY KEY,
        object_key VARCHAR(100) ${ascii} NOT NULL,
        content_type VARCHAR(40) ${ascii} NOT NULL,
        bytes INT UNSIGNED NOT NULL,
        sha256 CHAR(64) ${ascii} NOT NULL,
        uploaded_at DATETIME(3) NOT NULL
      ) ${options}`,
    ],
  },
];

export const schemaVersion = Math.max(...migrations.map((m) => m.version));

/** Every table of the shop's data, emptied before a load and compared between servers by `check`. */
export const dataTables = [
  "merchants",
  "merchant_accounts",
  "consumers",
  "products",
  "stock",
  "stock_movements",
  "orders",
  "order_lines",
  "payments",
  "outbox",
  "sales_days",
  "applied_events",
  "rejected_events",
  "pictures",
] as const;

/** @returns the schema's version in this database; 0 when there is none. */
export async function currentVersion(session: Session): Promise<number> {
  const [found] = await session.rows<{ n: number }>(
    "SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'schema_migrations'",
  );
  if (found?.n !== 1) return 0;
  const [row] = await session.rows<{ version: number | null }>(
    "SELECT MAX(version) AS version FROM schema_migrations",
  );
  return row?.version ?? 0;
}

/**
 * Brings the database to {@link schemaVersion}. DDL commits by itself, so that a migration interrupted between
 * two statements is taken up where it stopped: each CREATE TABLE tolerates a table that exists, each added column one
 * that is there, and the version is written last. A lock by name keeps two programs from migrating at once.
 * @returns the titles of what was applied. @throws SCHEMA_NEWER
 */
export async function migrate(db: Database): Promise<readonly string[]> {
  return await db.use(async (session) => {
    await session.rows("SELECT GET_LOCK(CONCAT(DATABASE(), '.storefront.schema'), 30)");
    try {
      const found = await currentVersion(session);
      if (found > schemaVersion) throw storefrontError.SCHEMA_NEWER({ found, known: schemaVersion });
      const missing = migrations.filter((m) => m.version > found);
      if (found === 0)
        await session.run(
          `CREATE TABLE IF NOT EXISTS schema_migrations (
            version INT NOT NULL PRIMARY KEY, title VARCHAR(100) NOT NULL, applied_at DATETIME(3) NOT NULL
          ) ${options}`,
        );
      for (const migration of missing) {
        for (const statement of migration.statements) await once(session, statement);
        await session.run("INSERT INTO schema_migrations VALUES (?, ?, ?)", [
          migration.version,
          migration.title,
          new Date(),
        ]);
      }
      return missing.map((m) => m.title);
    } finally {
      await session.rows("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.storefront.schema'))");
    }
  });
}

/** MySQL has no `ADD COLUMN IF NOT EXISTS`: a column that an interrupted migration added is refused as a duplicate. */
async function once(session: Session, statement: string): Promise<void> {
  try {
    await session.run(statement.replace(/^CREATE TABLE /, "CREATE TABLE IF NOT EXISTS "));
  } catch (error) {
    const duplicateColumn = 1060;
    if ((error as DatabaseFailure).errno !== duplicateColumn) throw error;
  }
}
