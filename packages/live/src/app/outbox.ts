/**
 * Events that are not at their consumers yet. Ids are given when rows are inserted, not when they are committed: of two
 * transactions the later one may be seen first. Within a room that cannot happen (see `emit`), so what is unpublished is
 * read from the start each time; a position to go on from would miss rows.
 */
import { checkRoomMadeAt, checkRoomPrefix } from "../check-rooms.ts";
import type { Database } from "./database.ts";
import { eventText } from "./events.ts";
import type { Session } from "./session.ts";

/** An event that is not published yet. */
export interface Pending {
  readonly row: number;
  readonly eventId: string;
  readonly room: string;
  /** The event as JSON. */
  readonly text: string;
}

export interface Outbox {
  /** The oldest unpublished ones. */
  pending(limit: number): Promise<readonly Pending[]>;
  markPublished(rows: readonly number[]): Promise<void>;
  /** Deletes some of what was published a day ago, and what rooms of checks have left. @returns how many of both */
  prune(): Promise<number>;
  /** Deletes some of the oldest, published or not, down to the newest `kept`. @returns how many */
  trim(kept: number): Promise<number>;
}

const prunedAtOnce = 1_000;

interface Row {
  readonly id: number;
  readonly event_id: string;
  readonly room: string;
  readonly sequence: number;
  readonly type: string;
  readonly data: unknown;
  readonly at: Date;
}

export const outboxOver = (session: Session): Outbox => ({
  pending: async (limit) => {
    const rows = await session.rows<Row>(
      `SELECT id, event_id, room, sequence, type, data, at FROM outbox
       WHERE published_at IS NULL ORDER BY id LIMIT ?`,
      [limit],
    );
    return rows.map((row) => ({
      row: row.id,
      eventId: row.event_id,
      room: row.room,
      text: eventText({ ...row, eventId: row.event_id }),
    }));
  },
  markPublished: async (rows) => {
    if (rows.length === 0) return;
    const places = rows.map(() => "?").join(", ");
    await session.run(`UPDATE outbox SET published_at = NOW(3) WHERE id IN (${places})`, rows);
  },
  prune: async () => {
    const told = await session.run(
      "DELETE FROM outbox WHERE published_at < NOW(3) - INTERVAL 1 DAY ORDER BY published_at LIMIT ?",
      [prunedAtOnce],
    );
    return told + (await forgetCheckRooms(session));
  },
  trim: async (kept) => {
    const [newest] = await session.rows<{ readonly id: number | null }>("SELECT MAX(id) AS id FROM outbox");
    return session.run("DELETE FROM outbox WHERE id <= ? ORDER BY id LIMIT ?", [
      (newest?.id ?? 0) - kept,
      prunedAtOnce,
    ]);
  },
});

const dayMs = 86_400_000;

/** Of those that are gone for a day: their names never come again, so nobody asks how far their events were counted. */
async function forgetCheckRooms(session: Session): Promise<number> {
  const rows = await session.rows<{ readonly room: string }>(
    `SELECT s.room FROM room_sequences s
     WHERE s.room LIKE ? AND NOT EXISTS (SELECT 1 FROM rooms r WHERE r.name = s.room) ORDER BY s.room LIMIT ?`,
    [`${checkRoomPrefix}%`, prunedAtOnce],
  );
  const old = rows.filter(({ room }) => Date.now() - (checkRoomMadeAt(room) ?? Date.now()) > dayMs);
  for (const { room } of old) {
    await session.run("DELETE FROM pins WHERE broadcast IN (SELECT id FROM broadcasts WHERE room = ?)", [
      room,
    ]);
    await session.run("DELETE FROM broadcasts WHERE room = ?", [room]);
    await session.run("DELETE FROM room_sequences WHERE room = ?", [room]);
  }
  return old.length;
}

/** More than so many are not counted: it is asked every few seconds. */
const countedAtMost = 100_000;

export interface Backlog {
  /** Events that are not published, counted up to 100,000. */
  readonly depth: number;
  /** Age of the oldest of them, in ms. */
  readonly lagMs: number;
}

export const backlogOf = (database: Database): Promise<Backlog> =>
  database.use(async (session) => {
    const [row] = await session.rows<{
      readonly depth: number;
      readonly now: Date;
      readonly oldest: Date | null;
    }>(
      `SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT ${countedAtMost}) some) AS depth,
         NOW(3) AS now, (SELECT at FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT 1) AS oldest`,
    );
    if (row === undefined || row.oldest === null) return { depth: 0, lagMs: 0 };
    return { depth: row.depth, lagMs: Math.max(0, row.now.getTime() - row.oldest.getTime()) };
  });
