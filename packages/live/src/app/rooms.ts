/** Rooms in MySQL. */
import type { BroadcastInfo, LadderInfo, RoomDetail, RoomInfo, RoomState } from "./api.ts";
import { type Database, isDuplicate } from "./database.ts";
import { LiveError } from "./errors.ts";
import { emit } from "./events.ts";
import { endReplays } from "./replays/store.ts";
import type { Session } from "./session.ts";

export interface NewRoom {
  readonly name: string;
  readonly title: string;
  readonly merchant: string;
  readonly visibility: "public" | "members";
}

interface RoomRow extends NewRoom {
  readonly now: Date;
  readonly created_at: Date;
  readonly banned_until: Date | null;
  readonly starts_at: Date | null;
  readonly broadcast: string | null;
  readonly key_id: string;
  readonly instance: string;
  readonly address: string;
  readonly started_at: Date;
  readonly seen_at: Date;
  readonly ended_at: Date | null;
  readonly kicked_at: Date | null;
  /** As the ingest last reported it. */
  readonly ladder: LadderInfo | null;
}

/** An ended broadcast is worth telling for this long. */
const recentMs = 3_600_000;
/** Who is late by more does not come. */
const lateMs = 3_600_000;
export const pageSize = 100;

/** Each room with its last broadcast, and what was reported of that. */
const select = `SELECT NOW(3) AS now, r.name, r.title, r.merchant, r.visibility, r.created_at, r.banned_until, p.starts_at,
  b.id AS broadcast, b.key_id, b.instance, b.address, b.started_at, b.seen_at, b.ended_at, b.kicked_at,
  s.report->'$.ladder' AS ladder
  FROM rooms r LEFT JOIN planned_starts p ON p.room = r.name LEFT JOIN broadcasts b ON b.id = (
    SELECT l.id FROM broadcasts l WHERE l.room = r.name ORDER BY l.started_at DESC, l.id DESC LIMIT 1)
  LEFT JOIN stream_reports s ON s.room = r.name AND s.broadcast = b.id AND b.ended_at IS NULL`;

export interface Rooms {
  /** @throws ROOM_EXISTS */
  create(room: NewRoom): Promise<RoomDetail>;
  /** @throws NO_SUCH_ROOM */
  get(name: string): Promise<RoomDetail>;
  /** By name, those after `after`; if asked for, those alone that are live, or have a planned start. */
  list(
    after: string,
    only: { readonly live: boolean; readonly planned: boolean },
  ): Promise<readonly RoomInfo[]>;
  /** Those of these that there are, in this order. */
  named(names: readonly string[]): Promise<readonly RoomInfo[]>;
  /** With its keys and replays. @throws NO_SUCH_ROOM, ROOM_LIVE, AUCTION_OPEN */
  remove(name: string): Promise<void>;
  /** The broadcast that must end now. @throws NO_SUCH_ROOM, NOT_LIVE */
  kick(name: string): Promise<string>;
  /** @param until undefined lifts the ban. @throws NO_SUCH_ROOM */
  ban(name: string, until: Date | undefined): Promise<void>;
  /** When it is to be live. @param startsAt undefined takes it back. @throws NO_SUCH_ROOM */
  plan(name: string, startsAt: Date | undefined): Promise<void>;
}

export function roomsIn(database: Database): Rooms {
  const get = (name: string) =>
    database.use(async (session) => {
      const [row] = await session.rows<RoomRow>(`${select} WHERE r.name = ?`, [name]);
      if (row === undefined) throw new LiveError("NO_SUCH_ROOM");
      return detailOf(row);
    });
  return {
    get,
    create: async ({ name, title, merchant, visibility }) => {
      try {
        await database.transaction(async (session) => {
          await session.run(
            "INSERT INTO rooms (name, title, merchant, visibility, created_at) VALUES (?, ?, ?, ?, NOW(3))",
            [name, title, merchant, visibility],
          );
          await emit(session, { type: "room.created", room: name, data: { title, merchant, visibility } });
        });
      } catch (error) {
        if (isDuplicate(error)) throw new LiveError("ROOM_EXISTS");
        throw error;
      }
      return get(name);
    },
    list: (after, only) =>
      database.use(async (session) => {
        const live = only.live ? "AND b.ended_at IS NULL AND b.id IS NOT NULL" : "";
        const planned = only.planned ? `AND p.starts_at > NOW(3) - INTERVAL ${lateMs / 1_000} SECOND` : "";
        const rows = await session.rows<RoomRow>(
          `${select} WHERE r.name > ? ${live} ${planned} ORDER BY r.name LIMIT ${pageSize}`,
          [after],
        );
        return rows.map(infoOf);
      }),
    named: async (names) => {
      if (names.length === 0) return [];
      return database.use(async (session) => {
        const places = names.map(() => "?").join(", ");
        const rows = await session.rows<RoomRow>(`${select} WHERE r.name IN (${places})`, names);
        const found = new Map(rows.map((row) => [row.name, infoOf(row)]));
        return names.flatMap((name) => found.get(name) ?? []);
      });
    },
    remove: (name) =>
      database.transaction(async (session) => {
        await held(session, name);
        const live = await session.rows("SELECT id FROM broadcasts WHERE live_room = ?", [name]);
        if (live.length > 0) throw new LiveError("ROOM_LIVE");
        const auctioned = await session.rows("SELECT id FROM auctions WHERE open_room = ?", [name]);
        if (auctioned.length > 0) throw new LiveError("AUCTION_OPEN");
        await session.run("DELETE FROM rooms WHERE name = ?", [name]);
        await endReplays(session, name);
        await emit(session, { type: "room.deleted", room: name, data: {} });
      }),
    kick: (name) =>
      database.transaction(async (session) => {
        await held(session, name);
        const [live] = await session.rows<{ readonly id: string }>(
          "SELECT id FROM broadcasts WHERE live_room = ?",
          [name],
        );
        if (live === undefined) throw new LiveError("NOT_LIVE");
        await session.run("UPDATE broadcasts SET kicked_at = COALESCE(kicked_at, NOW(3)) WHERE id = ?", [
          live.id,
        ]);
        return live.id;
      }),
    ban: (name, until) =>
      database.transaction(async (session) => {
        await held(session, name);
        await session.run("UPDATE rooms SET banned_until = ? WHERE name = ?", [until ?? null, name]);
      }),
    plan: (name, startsAt) =>
      database.transaction(async (session) => {
        await held(session, name);
        const [known] = await session.rows<{ readonly starts_at: Date }>(
          "SELECT starts_at FROM planned_starts WHERE room = ?",
          [name],
        );
        if (known?.starts_at.getTime() === startsAt?.getTime()) return;
        if (startsAt === undefined) await session.run("DELETE FROM planned_starts WHERE room = ?", [name]);
        else
          await session.run("REPLACE INTO planned_starts (room, starts_at) VALUES (?, ?)", [name, startsAt]);
        const data = { startsAt: startsAt?.toISOString() ?? null };
        await emit(session, { type: "room.scheduled", room: name, data });
      }),
  };
}

/** The room's row, held until the transaction ends: what is decided about a room is decided one after the other. */
export async function held(session: Session, name: string): Promise<void> {
  const rows = await session.rows("SELECT name FROM rooms WHERE name = ? FOR UPDATE", [name]);
  if (rows.length === 0) throw new LiveError("NO_SUCH_ROOM");
}

function infoOf(row: RoomRow): RoomInfo {
  const { name, title, merchant, visibility } = row;
  const has = row.broadcast !== null;
  return {
    name,
    title,
    merchant,
    visibility,
    state: stateOf(row),
    startedAt: has ? row.started_at.toISOString() : null,
    endedAt: iso(has ? row.ended_at : null),
    scheduledAt: iso(
      row.starts_at !== null && row.now.getTime() - row.starts_at.getTime() < lateMs ? row.starts_at : null,
    ),
    ladder: row.ladder,
  };
}

function stateOf(row: RoomRow): RoomState {
  if (row.broadcast === null) return "idle";
  if (row.ended_at === null) return row.kicked_at === null ? "live" : "ended";
  return row.now.getTime() - row.ended_at.getTime() < recentMs ? "ended" : "idle";
}

function detailOf(row: RoomRow): RoomDetail {
  const isBanned = row.banned_until !== null && row.banned_until > row.now;
  const broadcast: BroadcastInfo | null =
    row.broadcast === null || row.ended_at !== null
      ? null
      : {
          id: row.broadcast,
          keyId: row.key_id,
          instance: row.instance,
          address: row.address,
          startedAt: row.started_at.toISOString(),
          seenAt: row.seen_at.toISOString(),
          kicked: row.kicked_at !== null,
        };
  return {
    ...infoOf(row),
    createdAt: row.created_at.toISOString(),
    bannedUntil: iso(isBanned ? row.banned_until : null),
    broadcast,
  };
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/** The same without what is not everyone's business. */
export function publicFace(detail: RoomDetail): RoomInfo {
  const { name, title, merchant, visibility, state, startedAt, endedAt, scheduledAt, ladder } = detail;
  return { name, title, merchant, visibility, state, startedAt, endedAt, scheduledAt, ladder };
}
