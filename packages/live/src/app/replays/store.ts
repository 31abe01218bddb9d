/** Replays in MySQL: which there are, and which instance works on which. */
import type { Database } from "../database.ts";
import { LiveError } from "../errors.ts";
import { emit } from "../events.ts";
import type { Session } from "../session.ts";
import { isDue } from "./due.ts";
import type { Replay } from "./playlist.ts";

export interface ReplayRow {
  readonly broadcast: string;
  readonly room: string;
  readonly title: string;
  readonly merchant: string;
  readonly visibility: "public" | "members";
  readonly startedAt: Date;
  readonly readyAt: Date;
  readonly seconds: number;
  readonly segments: number;
  readonly bytes: number;
  readonly dropped: number;
  readonly poster: boolean;
}

export interface Heard {
  readonly stream: string;
  readonly broadcast: string;
  readonly instance: string;
  readonly waiting: number;
  readonly uploaded: number;
  readonly dropped: number;
}

export interface Claimed {
  readonly broadcast: string;
  readonly room: string;
  readonly whole: boolean;
}

/** All of these rooms', and these. */
export interface ReplaysOf {
  readonly rooms: readonly string[];
  readonly broadcasts?: readonly string[];
}

export interface Replays {
  /** What an ingest says of a recording. One that grew after its replay was made is made anew. */
  heard(told: Heard): Promise<void>;
  /** The newest first, those before the broadcast `before`; of `which`, or of all. */
  list(which: ReplaysOf | undefined, before: string | undefined): Promise<readonly ReplayRow[]>;
  /** @throws NO_SUCH_REPLAY */
  get(broadcast: string): Promise<ReplayRow>;
  /** It is no longer there for anybody; its objects follow. @throws NO_SUCH_REPLAY */
  remove(broadcast: string): Promise<void>;
  /** Those that became too old. @returns how many */
  expire(keepDays: number): Promise<number>;
  /** One that is to be made or deleted, for `owner` alone for a minute. */
  claim(state: "waiting" | "deleting", owner: string): Promise<Claimed | undefined>;
  /** @returns false where it must be looked at once more: the ingest has said meanwhile that there is more */
  made(claimed: Claimed, owner: string, replay: Replay): Promise<boolean>;
  /** Its objects are gone. */
  removed(broadcast: string, owner: string): Promise<void>;
  /** Not now: others may try after a moment. */
  putBack(broadcast: string, owner: string): Promise<void>;
}

export const replaysPage = 48;
const claimSeconds = 60;
const againSeconds = 3;

const select = `SELECT p.broadcast, p.room, r.title, r.merchant, r.visibility, p.started_at, p.ready_at, p.seconds,
  p.segments, p.bytes, p.dropped, p.poster FROM replays p JOIN rooms r ON r.name = p.room WHERE p.state = 'ready'`;

interface Row {
  readonly broadcast: string;
  readonly room: string;
  readonly title: string;
  readonly merchant: string;
  readonly visibility: "public" | "members";
  readonly started_at: Date;
  readonly ready_at: Date;
  /** DECIMAL comes as text. */
  readonly seconds: string;
  readonly segments: number;
  readonly bytes: number;
  readonly dropped: number;
  readonly poster: number;
}

const shown = ({ started_at, ready_at, seconds, poster, ...row }: Row): ReplayRow => ({
  ...row,
  startedAt: started_at,
  readyAt: ready_at,
  seconds: Number(seconds),
  poster: poster === 1,
});

/** With the broadcast, in its transaction. */
export const beginReplay = (session: Session, broadcast: string, room: string, at: Date): Promise<number> =>
  session.run("INSERT INTO replays (broadcast, room, started_at) VALUES (?, ?, ?)", [broadcast, room, at]);

/** With the room, in its transaction. */
export const endReplays = (session: Session, room: string): Promise<number> =>
  session.run("UPDATE replays SET state = 'deleting', claim = NULL, claimed_until = NULL WHERE room = ?", [
    room,
  ]);

export function replaysIn(database: Database): Replays {
  return {
    heard: async ({ stream, broadcast, instance, waiting, uploaded, dropped }) => {
      await database.use((session) =>
        session.run(
          `UPDATE replays p JOIN broadcasts b ON b.id = p.broadcast
           SET p.heard_at = NOW(3), p.whole = ?, p.dropped = ?,
             p.state = IF(p.state IN ('ready', 'empty') AND p.segments < ?, 'waiting', p.state)
           WHERE p.broadcast = ? AND p.room = ? AND b.instance = ?`,
          [Number(waiting === 0), dropped, uploaded, broadcast, stream, instance],
        ),
      );
    },
    list: async (which, before) => {
      const named = { room: which?.rooms ?? [], broadcast: which?.broadcasts ?? [] };
      const those = Object.entries(named)
        .filter(([, values]) => values.length > 0)
        .map(([column, values]) => `p.${column} IN (${values.map(() => "?").join(", ")})`);
      if (which !== undefined && those.length === 0) return [];
      const conditions = [
        ...(which === undefined ? [] : [`(${those.join(" OR ")})`]),
        ...(before === undefined ? [] : ["p.broadcast < ?"]),
      ];
      return database.use(async (session) => {
        const found = await session.rows<Row>(
          `${[select, ...conditions].join(" AND ")} ORDER BY p.broadcast DESC LIMIT ${replaysPage}`,
          [...named.room, ...named.broadcast, ...(before === undefined ? [] : [before])],
        );
        return found.map(shown);
      });
    },
    get: (broadcast) =>
      database.use(async (session) => {
        const [row] = await session.rows<Row>(`${select} AND p.broadcast = ?`, [broadcast]);
        if (row === undefined) throw new LiveError("NO_SUCH_REPLAY");
        return shown(row);
      }),
    remove: (broadcast) =>
      database.transaction(async (session) => {
        const [found] = await session.rows<Ending>(
          "SELECT broadcast, room, state FROM replays WHERE broadcast = ? AND state = 'ready' FOR UPDATE",
          [broadcast],
        );
        if (found === undefined) throw new LiveError("NO_SUCH_REPLAY");
        await end(session, found, "deleted");
      }),
    expire: (keepDays) =>
      database.transaction(async (session) => {
        const old = await session.rows<Ending>(
          `SELECT broadcast, room, state FROM replays
           WHERE state IN ('ready', 'empty') AND started_at < NOW(3) - INTERVAL ? DAY
           ORDER BY room, broadcast LIMIT 20 FOR UPDATE SKIP LOCKED`,
          [keepDays],
        );
        for (const one of old) await end(session, one, "expired");
        return old.length;
      }),
    claim: (state, owner) =>
      database.transaction(async (session) => {
        // Those that are live are waiting as well, but no more than there are rooms on the air.
        const rows = await session.rows<ClaimRow>(
          `SELECT p.broadcast, p.room, p.whole, p.heard_at, b.ended_at, NOW(3) AS now
           FROM replays p JOIN broadcasts b ON b.id = p.broadcast
           WHERE p.state = ? AND (p.claimed_until IS NULL OR p.claimed_until < NOW(3))
             AND (p.state = 'deleting' OR b.ended_at IS NOT NULL)
           ORDER BY b.ended_at LIMIT 100 FOR UPDATE OF p SKIP LOCKED`,
          [state],
        );
        const row = rows.find((each) => state === "deleting" || isDue(recordingOf(each), each.now.getTime()));
        if (row === undefined) return undefined;
        await session.run(
          "UPDATE replays SET claim = ?, claimed_until = NOW(3) + INTERVAL ? SECOND WHERE broadcast = ?",
          [owner, claimSeconds, row.broadcast],
        );
        return { broadcast: row.broadcast, room: row.room, whole: row.whole === 1 };
      }),
    made: (claimed, owner, replay) =>
      database.transaction(async (session) => {
        const { broadcast, room } = claimed;
        const { segments, seconds, bytes, hasPoster } = replay;
        const isEmpty = segments.length === 0;
        const found = await session.run(
          `UPDATE replays SET state = ?, seconds = ?, segments = ?, bytes = ?, poster = ?, ready_at = NOW(3),
             claim = NULL, claimed_until = NULL
           WHERE broadcast = ? AND claim = ? AND state = 'waiting' AND whole = ?`,
          [
            ...[isEmpty ? "empty" : "ready", seconds, segments.length, bytes, Number(hasPoster)],
            ...[broadcast, owner, Number(claimed.whole)],
          ],
        );
        if (found === 0) return false;
        if (!isEmpty) await emit(session, { type: "replay.ready", room, data: { broadcast, seconds } });
        return true;
      }),
    removed: async (broadcast, owner) => {
      await database.use((session) =>
        session.run("DELETE FROM replays WHERE broadcast = ? AND claim = ? AND state = 'deleting'", [
          broadcast,
          owner,
        ]),
      );
    },
    putBack: async (broadcast, owner) => {
      await database.use((session) =>
        session.run(
          "UPDATE replays SET claim = NULL, claimed_until = NOW(3) + INTERVAL ? SECOND WHERE broadcast = ? AND claim = ?",
          [againSeconds, broadcast, owner],
        ),
      );
    },
  };
}

interface Ending {
  readonly broadcast: string;
  readonly room: string;
  readonly state: "ready" | "empty";
}

/** Nobody was told of an empty one. */
async function end(
  session: Session,
  { broadcast, room, state }: Ending,
  reason: "deleted" | "expired",
): Promise<void> {
  await session.run(
    "UPDATE replays SET state = 'deleting', claim = NULL, claimed_until = NULL WHERE broadcast = ?",
    [broadcast],
  );
  if (state === "ready") await emit(session, { type: "replay.deleted", room, data: { broadcast, reason } });
}

interface ClaimRow {
  readonly broadcast: string;
  readonly room: string;
  readonly whole: number;
  readonly heard_at: Date | null;
  readonly ended_at: Date | null;
  readonly now: Date;
}

const recordingOf = ({ ended_at, heard_at, whole }: ClaimRow): Parameters<typeof isDue>[0] => ({
  endedAt: ended_at?.getTime(),
  heardAt: heard_at?.getTime(),
  whole: whole === 1,
});
