/** Waits until everything that was announced has arrived, so that what is compared afterwards should be equal. */
import type { Database } from "./database.ts";
import { topics } from "./events/schema.ts";

export interface Undelivered {
  /** Events that are not published. */
  readonly unpublished: number;
  /** Events of orders that are not in the sales figures. */
  readonly unapplied: number;
}

const lookMs = 100;

export async function undelivered(primary: Database): Promise<Undelivered> {
  const [row] = await primary.use((session) =>
    session.rows<Undelivered>(
      `SELECT (SELECT COUNT(*) FROM outbox WHERE published_at IS NULL) AS unpublished,
        (SELECT COUNT(*) FROM outbox LEFT JOIN applied_events USING (event_id)
          WHERE topic = ? AND applied_events.event_id IS NULL) AS unapplied`,
      [topics.orders],
    ),
  );
  return row ?? { unpublished: 0, unapplied: 0 };
}

/** @returns what had not arrived when the time was over: nothing, as it should be. */
export async function drain(primary: Database, withinMs: number): Promise<Undelivered> {
  const end = Date.now() + withinMs;
  for (;;) {
    const left = await undelivered(primary);
    if ((left.unpublished === 0 && left.unapplied === 0) || Date.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
