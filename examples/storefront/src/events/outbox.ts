/**
 * Events on their way: written by the transaction that makes the change, so that they are there if and only if it is;
 * published afterwards by the relay (relay.ts), in the order of their ids.
 *
 * Ids are given when rows are inserted, not when they are committed: of two transactions the later one may be seen
 * first. For one key that cannot happen, because both hold the lock of the order or of the product's stock when they
 * insert. So what is unpublished is read from the start each time; a position to go on from would miss rows.
 */
import type { Database, Session } from "../database.ts";
import { type Draft, eventId, type ShopEvent, type Topic, topicOf } from "./schema.ts";

/** What the search index shows of a product that changes. */
export interface Shelf {
  readonly productId: number;
  /** Counts the changes of all that is shown here. */
  readonly revision: number;
  readonly priceCents: number;
  readonly availableUnits: number;
  readonly soldUnits: number;
}

export interface Outbox {
  /** Within the transaction that makes the change; the caller holds the lock of each key. */
  announce(session: Session, drafts: readonly Draft[]): Promise<void>;
}

/** @param load id of the load whose shop this is */
export const outbox = (load: string): Outbox => ({
  announce: async (session, drafts) => {
    const rows = drafts.map((draft) => {
      const event = { id: eventId(load, draft), load, ...draft };
      return [event.id, topicOf(draft.type), draft.key, draft.version, JSON.stringify(event)];
    });
    if (rows.length === 0) return;
    await session.run("INSERT INTO outbox (event_id, topic, event_key, version, body) VALUES ?", [rows]);
  },
});

/** As this transaction has left them; it holds the lock of their stock. */
export async function shelves(session: Session, productIds: readonly number[]): Promise<readonly Shelf[]> {
  const rows = await session.rows<{
    product_id: number;
    revision: number;
    price_cents: number;
    available_units: number;
    sold_units: number;
  }>(
    `SELECT s.product_id, s.revision, p.price_cents, s.available_units, s.sold_units
     FROM stock s JOIN products p ON p.id = s.product_id WHERE s.product_id IN (?) ORDER BY s.product_id`,
    [productIds],
  );
  return rows.map((row) => ({
    productId: row.product_id,
    revision: row.revision,
    priceCents: row.price_cents,
    availableUnits: row.available_units,
    soldUnits: row.sold_units,
  }));
}

export const productDrafts = (changed: readonly Shelf[], at: Date): readonly Draft[] =>
  changed.map(({ productId, revision, ...figures }) => ({
    type: "product.changed",
    key: String(productId),
    version: revision,
    at: at.toISOString(),
    ...figures,
  }));

/** An event that is not published yet. */
export interface Pending {
  readonly id: number;
  readonly topic: Topic;
  readonly key: string;
  readonly eventId: string;
  /** The event as JSON. */
  readonly body: string;
}

/** What the relay needs of the outbox. */
export interface PendingEvents {
  /** The oldest unpublished ones. */
  unpublished(limit: number): Promise<readonly Pending[]>;
  markPublished(ids: readonly number[]): Promise<void>;
  /** Deletes what was published so long ago that no topic has it any more. @returns how many */
  prune(): Promise<number>;
}

/** As long as the brokers keep a record by default. */
export const keptDays = 7;
const pruneRows = 1_000;

export const pendingEvents = (session: Session): PendingEvents => ({
  unpublished: async (limit) => {
    const rows = await session.rows<{
      id: number;
      topic: Topic;
      event_key: string;
      event_id: string;
      body: ShopEvent;
    }>(
      "SELECT id, topic, event_key, event_id, body FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT ?",
      [limit],
    );
    return rows.map((row) => ({
      id: row.id,
      topic: row.topic,
      key: row.event_key,
      eventId: row.event_id,
      body: JSON.stringify(row.body),
    }));
  },
  markPublished: async (ids) => {
    if (ids.length > 0) await session.run("UPDATE outbox SET published_at = NOW(3) WHERE id IN (?)", [ids]);
  },
  prune: async () =>
    (
      await session.run(
        "DELETE FROM outbox WHERE published_at < NOW(3) - INTERVAL ? DAY ORDER BY published_at LIMIT ?",
        [keptDays, pruneRows],
      )
    ).affected,
});

/** @returns how many events are not published. */
export const unpublishedCount = (db: Database): Promise<number> =>
  db.use(async (session) => {
    const [row] = await session.rows<{ n: number }>(
      "SELECT COUNT(*) AS n FROM outbox WHERE published_at IS NULL",
    );
    return row?.n ?? 0;
  });
