/**
 * Keeps the index of rooms as MySQL has them. Each event of a room raises its number, and the number up to which it is
 * indexed follows: what is between the two is written anew, whoever dies and however long the cluster is away. An index
 * that is gone is made and filled again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "./database.ts";
import { causeOf } from "./errors.ts";
import { exclusively } from "./lock.ts";
import { type Log, onChange } from "./log.ts";
import type { Revision, RoomDocument, RoomIndex } from "./search-index.ts";
import type { Session } from "./session.ts";

export interface Unindexed {
  /** Some rooms that are not in the index as they are. */
  due(): Promise<readonly Revision[]>;
  indexed(revisions: readonly Revision[]): Promise<void>;
  /** The index is new: nothing is in it. */
  none(): Promise<void>;
}

const roundMs = 1_000;
/** Between two looks whether the index is there while nothing changes. */
const lookMs = 30_000;
const atOnce = 200;

/** One round. @returns how many rooms were written */
export async function indexOnce(index: RoomIndex, unindexed: Unindexed, look: boolean): Promise<number> {
  let due = await unindexed.due();
  if (!look && due.length === 0) return 0;
  if (await index.ensure()) {
    await unindexed.none();
    due = await unindexed.due();
  }
  await index.put(due);
  await unindexed.indexed(due);
  return due.length;
}

export interface IndexingDeps {
  readonly database: Database;
  readonly index: RoomIndex;
  readonly log: Log;
}

/** Until told to end; one instance at a time. */
export async function keepIndex({ database, index, log }: IndexingDeps, signal: AbortSignal): Promise<void> {
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  const failed = onChange(log, "the index of rooms is not kept");
  let lookedAt = Number.NEGATIVE_INFINITY;
  const round = async (unindexed: Unindexed): Promise<number> => {
    const look = Date.now() - lookedAt > lookMs;
    const written = await indexOnce(index, unindexed, look);
    if (look) lookedAt = Date.now();
    return written;
  };
  while (!signal.aborted) {
    try {
      await exclusively(database, "search", async (session) => {
        const unindexed = unindexedOver(session);
        while (!signal.aborted) if ((await round(unindexed)) < atOnce) await pause(roundMs);
      });
    } catch (error) {
      lookedAt = Number.NEGATIVE_INFINITY;
      failed(causeOf(error));
    }
    await pause(2 * roundMs);
  }
}

interface Row {
  readonly room: string;
  readonly last: number;
  /** null: the room is gone. */
  readonly title: string | null;
  readonly merchant: string;
  readonly state: RoomDocument["state"];
  readonly products: readonly string[] | null;
  readonly replays: readonly { readonly broadcast: string; readonly product: string }[] | null;
}

const select = `SELECT s.room, s.last, r.title, r.merchant,
    CASE WHEN b.id IS NULL THEN 'idle' WHEN b.ended_at IS NULL THEN 'live' ELSE 'ended' END AS state,
    (SELECT JSON_ARRAYAGG(p.title) FROM pins p WHERE p.broadcast = b.id) AS products,
    (SELECT JSON_ARRAYAGG(JSON_OBJECT('broadcast', p.broadcast, 'product', p.title))
      FROM replays y JOIN pins p ON p.broadcast = y.broadcast WHERE y.room = s.room AND y.state = 'ready') AS replays
  FROM room_sequences s LEFT JOIN rooms r ON r.name = s.room LEFT JOIN broadcasts b ON b.id = (
    SELECT l.id FROM broadcasts l WHERE l.room = s.room ORDER BY l.started_at DESC, l.id DESC LIMIT 1)
  WHERE s.last > s.indexed ORDER BY s.room LIMIT ${atOnce}`;

export const unindexedOver = (session: Session): Unindexed => ({
  due: async () => {
    const rows = await session.rows<Row>(select);
    return rows.map(({ room, last, title, merchant, state, products, replays }) => ({
      room,
      sequence: last,
      document:
        title === null
          ? undefined
          : {
              ...{ name: room, title, merchant, state },
              products: [...new Set(products ?? [])],
              replays: shownIn(replays ?? []),
            },
    }));
  },
  // A room that went on meanwhile stays due.
  indexed: async (revisions) => {
    for (const { room, sequence } of revisions)
      await session.run("UPDATE room_sequences SET indexed = ? WHERE room = ? AND indexed < ?", [
        sequence,
        room,
        sequence,
      ]);
  },
  none: async () => {
    await session.run("UPDATE room_sequences SET indexed = -1");
  },
});

/** Pure. By broadcast, each product once. */
export function shownIn(
  shown: readonly { readonly broadcast: string; readonly product: string }[],
): RoomDocument["replays"] {
  const found = new Map<string, Set<string>>();
  for (const { broadcast, product } of shown)
    found.set(broadcast, (found.get(broadcast) ?? new Set()).add(product));
  return [...found].map(([broadcast, products]) => ({ broadcast, products: [...products] }));
}
