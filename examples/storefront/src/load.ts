/** Fills the shop: migrations, then everything generated from the seed, in batches on two connections. */
import { randomBytes } from "node:crypto";
import { initialUnits, makeHistory, nothingSold, type PastOrder } from "./data/history.ts";
import { random } from "./data/random.ts";
import { makeConsumers, makeMerchants, makeProducts, type Product, type ShopSize } from "./data/shop.ts";
import type { Database, Value } from "./database.ts";
import { storefrontError } from "./errors.ts";
import { requestDigest } from "./orders.ts";
import { type Progress, progress } from "./progress.ts";
import { dataTables, migrate, salesOfOrders } from "./schema.ts";

/** What was loaded, kept in the database: `check` starts from it. */
export interface Manifest {
  readonly id: string;
  readonly size: ShopSize;
  readonly orders: number;
  readonly cancelledOrders: number;
  readonly lines: number;
  /** Sum of the totals of all orders, cancelled ones included. */
  readonly totalCents: number;
  readonly initialUnits: number;
}

export interface LoadResult {
  readonly manifest: Manifest;
  readonly already: boolean;
  readonly rows: number;
  readonly tookMs: number;
}

interface Out {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

type Row = readonly Value[];

/** Rows per INSERT: some hundred KiB, far below max_allowed_packet, and long enough to make the round trip small. */
const batchRows = 1_000;
const productBatchRows = 400;
const lanes = 2;

/**
 * Loads the shop unless the same one is there. An interrupted load is begun again.
 * @throws OTHER_SHOP when another one is there and `fresh` is not set.
 */
export async function load(
  db: Database,
  size: ShopSize,
  options: { readonly fresh: boolean; readonly out: Out; readonly signal?: AbortSignal },
): Promise<LoadResult> {
  const began = Date.now();
  await migrate(db);
  const found = await loaded(db);
  if (found !== undefined && !options.fresh) {
    if (!sameShop(found.size, size)) throw storefrontError.OTHER_SHOP({ detail: sizeText(found.size) });
    return { manifest: found, already: true, rows: 0, tookMs: Date.now() - began };
  }
  const id = randomBytes(16).toString("hex");
  await db.use(async (session) => {
    await session.run("DELETE FROM loads");
    for (const table of dataTables) await session.run(`TRUNCATE TABLE ${table}`);
    await session.run("INSERT INTO loads (id, manifest) VALUES (?, ?)", [id, JSON.stringify({ size })]);
  });
  let rows = 0;
  const write = (table: string, bar?: Progress) => async (batch: readonly Row[]) => {
    options.signal?.throwIfAborted();
    await db.use((session) => session.run(`INSERT INTO ${table} VALUES ?`, [batch]));
    rows += batch.length;
    bar?.add(batch.length);
  };
  const phase = async (label: string, total: number, work: (bar: Progress) => Promise<void>) => {
    const bar = progress({ label, total, out: options.out });
    await work(bar);
    bar.done();
  };

  const merchants = makeMerchants(size);
  const prices = {
    priceCents: new Uint32Array(size.products),
    merchantId: new Uint32Array(size.products),
    commissionBp: Uint16Array.from(merchants.map((m) => m.commissionBp)),
  };
  await phase("merchants", size.merchants, (bar) =>
    pump(
      map(merchants, (m): Row => [m.id, m.name, m.city, m.commissionBp, time(m.openedAtMs)]),
      batchRows,
      write("merchants", bar),
    ),
  );
  await phase("consumers", size.consumers, (bar) =>
    pump(
      map(makeConsumers(size), (c): Row => [c.id, c.name, c.city, time(c.joinedAtMs)]),
      batchRows,
      write("consumers", bar),
    ),
  );
  await phase("products", size.products, (bar) =>
    pump(
      map(makeProducts(size, merchants), (product) => {
        prices.priceCents[product.id - 1] = product.priceCents;
        prices.merchantId[product.id - 1] = product.merchantId;
        return productRow(product);
      }),
      productBatchRows,
      write("products", bar),
    ),
  );

  const sold = nothingSold(size);
  const sums = { orders: 0, cancelledOrders: 0, lines: 0, totalCents: 0 };
  await phase("orders", size.orders, async (bar) => {
    const writeOrders = write("orders", bar);
    const writeLines = write("order_lines");
    const writePayments = write("payments");
    await pump(makeHistory(size, prices, sold), batchRows, async (orders) => {
      for (const order of orders) {
        sums.orders += 1;
        sums.lines += order.lines.length;
        sums.totalCents += order.totalCents;
        if (order.cancelledAtMs !== undefined) sums.cancelledOrders += 1;
      }
      await writeOrders(orders.map(orderRow));
      await writeLines(orders.flatMap(lineRows));
      await writePayments(orders.flatMap(paymentRows));
    });
  });

  let units = 0;
  await phase("stock", size.products, (bar) =>
    pump(
      map(stockRows(size, sold.unitsByProduct), (row) => {
        units += Number(row[1]);
        return row;
      }),
      batchRows,
      write("stock", bar),
    ),
  );
  await pump(
    map(
      merchants,
      (m): Row => [
        m.id,
        sold.salesCentsByMerchant[m.id - 1] ?? 0,
        sold.commissionCentsByMerchant[m.id - 1] ?? 0,
      ],
    ),
    batchRows,
    write("merchant_accounts"),
  );

  await phase("sales", size.orders, async (bar) => {
    await db.use((session) => session.run(`INSERT INTO sales_days ${salesOfOrders}`));
    bar.add(size.orders);
  });

  const manifest: Manifest = { id, size, ...sums, initialUnits: units };
  await db.use((session) =>
    session.run("UPDATE loads SET manifest = ?, finished_at = ? WHERE id = ?", [
      JSON.stringify(manifest),
      new Date(),
      id,
    ]),
  );
  return { manifest, already: false, rows, tookMs: Date.now() - began };
}

/** The finished load of this database, if there is one. */
export async function loaded(db: Database): Promise<Manifest | undefined> {
  return await db.use(async (session) => {
    const [table] = await session.rows<{ n: number }>(
      "SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'loads'",
    );
    if (table?.n !== 1) return undefined;
    const [row] = await session.rows<{ manifest: Manifest }>(
      "SELECT manifest FROM loads WHERE finished_at IS NOT NULL",
    );
    return row?.manifest;
  });
}

/** The day on which the history ends is not part of it: a shop stays the same overnight. */
const sameShop = (a: ShopSize, b: ShopSize): boolean =>
  a.seed === b.seed &&
  a.merchants === b.merchants &&
  a.consumers === b.consumers &&
  a.products === b.products &&
  a.orders === b.orders;

export const sizeText = (size: ShopSize): string =>
  `${size.products} products, ${size.merchants} merchants, ${size.consumers} consumers, ${size.orders} orders, seed ${size.seed}`;

/** As MySQL reads a DATETIME(3), UTC. */
const time = (ms: number): string => new Date(ms).toISOString().slice(0, 23).replace("T", " ");

const productRow = (p: Product): Row => [
  p.id,
  p.merchantId,
  p.categoryId,
  p.sku,
  p.name,
  p.brand,
  JSON.stringify(p.attributes),
  p.description,
  p.priceCents,
  1,
  p.popularityRank,
];

const orderRow = (order: PastOrder): Row => [
  order.id,
  order.number,
  order.idempotencyKey,
  requestDigest(order.consumerId, order.lines),
  order.consumerId,
  order.cancelledAtMs === undefined ? "paid" : "cancelled",
  order.totalCents,
  time(order.placedAtMs),
  order.cancelledAtMs === undefined ? null : time(order.cancelledAtMs),
];

const lineRows = (order: PastOrder): readonly Row[] =>
  order.lines.map((line) => [
    order.id,
    line.productId,
    line.merchantId,
    line.units,
    line.unitPriceCents,
    line.commissionCents,
  ]);

const paymentRows = (order: PastOrder): readonly Row[] => {
  const charge: Row = [order.id, "charge", order.totalCents, time(order.placedAtMs)];
  return order.cancelledAtMs === undefined
    ? [charge]
    : [charge, [order.id, "refund", -order.totalCents, time(order.cancelledAtMs)]];
};

function* stockRows(size: ShopSize, soldUnits: Uint32Array): Generator<Row> {
  const rng = random(size.seed, "stock");
  for (let id = 1; id <= size.products; id += 1) {
    const sold = soldUnits[id - 1] ?? 0;
    const initial = initialUnits(rng, sold);
    yield [id, initial, initial - sold, sold, 1];
  }
}

function* map<A, B>(items: Iterable<A>, change: (item: A) => B): Generator<B> {
  for (const item of items) yield change(item);
}

/** Cuts rows into batches and keeps so many of them going; the generator runs while the server works. */
async function pump<T>(
  items: Iterable<T>,
  size: number,
  write: (batch: readonly T[]) => Promise<void>,
): Promise<void> {
  const batches = cut(items, size);
  const lane = async () => {
    for (const batch of batches) await write(batch);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function* cut<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
