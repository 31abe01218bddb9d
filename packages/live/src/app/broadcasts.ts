/** Publish, update and done: what ingest instances ask, decided by publish.ts on what MySQL says. */
import { isStreamName } from "../signature/index.ts";
import { credentialOf } from "./credential.ts";
import { type Database, isDuplicate } from "./database.ts";
import type { PublishRefusal, UpdateRefusal } from "./errors.ts";
import { emit } from "./events.ts";
import { newId } from "./ids.ts";
import { storedKeys } from "./keys.ts";
import { decidePublish, decideUpdate, type LiveFacts, type Publisher } from "./publish.ts";
import { beginReplay } from "./replays/store.ts";
import type { Secrets } from "./secrets.ts";
import type { Session } from "./session.ts";

export interface PublishRequest extends Publisher {
  readonly stream: string;
  /** Raw query of the push address. Never logged: it holds a key or a signature. */
  readonly query: string;
}

export type PublishAnswer =
  | { readonly kind: "accepted"; readonly broadcast: string; readonly again: boolean }
  | { readonly kind: "refused"; readonly code: PublishRefusal };

export interface Broadcasts {
  publish(request: PublishRequest): Promise<PublishAnswer>;
  /** @returns why the broadcast must end, or undefined */
  update(stream: string, broadcast: string, instance: string): Promise<UpdateRefusal | undefined>;
  /** @returns whether it was live until now */
  done(stream: string, broadcast: string, instance: string, reason: string): Promise<boolean>;
  /** Ends broadcasts of which nothing was heard for `silentMs`. @returns their ids */
  sweep(silentMs: number): Promise<readonly string[]>;
  /** Broadcasts that have not ended. */
  live(): Promise<number>;
}

export interface BroadcastOptions {
  readonly lostAfterMs: number;
  /** Whether the ingests record what they broadcast. */
  readonly records: boolean;
}

export function broadcastsIn(database: Database, secrets: Secrets, options: BroadcastOptions): Broadcasts {
  // MySQL compares names as ASCII and takes no others.
  const publish = async (request: PublishRequest): Promise<PublishAnswer> => {
    if (!isStreamName(request.stream)) return { kind: "refused", code: "UNKNOWN_STREAM" };
    return authorize(request);
  };
  const authorize = (request: PublishRequest): Promise<PublishAnswer> =>
    database.transaction(async (session) => {
      const { stream, query, instance, clientId, address } = request;
      // Publishers of one room come one after the other: what follows is read when the room is held.
      const [[room], keys, live] = await Promise.all([
        session.rows<{ readonly now: Date; readonly banned_until: Date | null }>(
          "SELECT NOW(3) AS now, banned_until FROM rooms WHERE name = ? FOR UPDATE",
          [stream],
        ),
        storedKeys(session, stream, secrets),
        liveOf(session, stream),
      ]);
      if (room === undefined) return { kind: "refused", code: "UNKNOWN_STREAM" };
      const now = room.now.getTime();
      const opened = new Map(keys.map((key) => [key.id, key]));
      const credential = credentialOf({ stream, query, now, keyOf: (id) => opened.get(id)?.open() });
      const decision = decidePublish(
        {
          now,
          room: { name: stream, bannedUntil: room.banned_until?.getTime() },
          keys,
          live,
          lostAfterMs: options.lostAfterMs,
        },
        credential,
        request,
      );
      if (decision.kind === "refuse") return { kind: "refused", code: decision.code };
      if (decision.kind === "same") return { kind: "accepted", broadcast: decision.broadcast, again: true };
      const { ends } = decision;
      if (ends !== undefined) {
        const reason = await end(session, ends.broadcast, ends.reason);
        await tellEnd(session, { id: ends.broadcast, room: stream }, reason);
      }
      const id = newId("b", now);
      await Promise.all([
        session.run(
          `INSERT INTO broadcasts (id, room, key_id, instance, client_id, address, started_at, seen_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          [id, stream, decision.keyId, instance, clientId, address, room.now, room.now],
        ),
        options.records ? beginReplay(session, id, stream, room.now) : undefined,
        emit(session, { type: "live.started", room: stream, data: { broadcast: id, resumed: false } }),
        session.commit(),
      ]);
      return { kind: "accepted", broadcast: id, again: false };
    });

  const update = async (stream: string, id: string, instance: string): Promise<UpdateRefusal | undefined> => {
    const answer = await database.use(async (session) => {
      const [row] = await session.rows<UpdateRow>(
        `SELECT NOW(3) AS now, b.instance, b.ended_at, b.end_reason, b.kicked_at, r.name, r.banned_until, k.revoked_at,
           EXISTS (SELECT 1 FROM broadcasts o WHERE o.live_room = b.room AND o.id <> b.id) AS replaced
         FROM broadcasts b LEFT JOIN rooms r ON r.name = b.room LEFT JOIN stream_keys k ON k.id = b.key_id
         WHERE b.id = ? AND b.room = ?`,
        [id, stream],
      );
      const decision = decideUpdate(worldOf(row), instance);
      if (decision.kind === "refuse") return decision.code;
      if (decision.revive) return "revive";
      const found = await session.run(
        "UPDATE broadcasts SET seen_at = NOW(3) WHERE id = ? AND (ended_at IS NULL OR end_reason = 'lost')",
        [id],
      );
      return found === 1 ? undefined : "BROADCAST_ENDED";
    });
    return answer === "revive" ? revive(stream, id) : answer;
  };
  /** Of two reports at once one finds that the other did it. */
  const revive = async (room: string, id: string): Promise<UpdateRefusal | undefined> => {
    try {
      await database.transaction(async (session) => {
        const found = await session.run(
          `UPDATE broadcasts SET seen_at = NOW(3), ended_at = NULL, end_reason = NULL
           WHERE id = ? AND ended_at IS NOT NULL AND end_reason = 'lost'`,
          [id],
        );
        if (found === 1)
          await emit(session, { type: "live.started", room, data: { broadcast: id, resumed: true } });
      });
      return undefined;
    } catch (error) {
      // Another publisher began in the room in this very moment.
      if (isDuplicate(error)) return "BROADCAST_ENDED";
      throw error;
    }
  };

  return {
    publish,
    update,
    done: (stream, id, instance, reason) =>
      database.transaction(async (session) => {
        const [found, stands] = await Promise.all([
          session.run(
            `UPDATE broadcasts SET ended_at = NOW(3), end_reason = IF(kicked_at IS NULL, ?, 'kicked')
             WHERE id = ? AND room = ? AND instance = ? AND ended_at IS NULL`,
            [reason, id, stream, instance],
          ),
          endReason(session, id),
        ]);
        if (found > 0) await Promise.all([tellEnd(session, { id, room: stream }, stands), session.commit()]);
        return found > 0;
      }),
    sweep: (silentMs) =>
      database.transaction(async (session) => {
        const silent = await session.rows<Ending>(
          `SELECT id, room FROM broadcasts WHERE live_room IS NOT NULL AND seen_at < NOW(3) - INTERVAL ? MICROSECOND
           ORDER BY room FOR UPDATE SKIP LOCKED`,
          [silentMs * 1_000],
        );
        for (const broadcast of silent)
          await tellEnd(session, broadcast, await end(session, broadcast.id, "lost"));
        return silent.map(({ id }) => id);
      }),
    live: () =>
      database.use(async (session) => {
        const [row] = await session.rows<{ readonly count: number }>(
          "SELECT COUNT(*) AS count FROM broadcasts WHERE live_room IS NOT NULL",
        );
        return row?.count ?? 0;
      }),
  };
}

interface UpdateRow {
  readonly now: Date;
  readonly instance: string;
  readonly ended_at: Date | null;
  readonly end_reason: string | null;
  readonly kicked_at: Date | null;
  /** null: the room is gone. */
  readonly name: string | null;
  readonly banned_until: Date | null;
  readonly revoked_at: Date | null;
  readonly replaced: number;
}

const worldOf = (row: UpdateRow | undefined): Parameters<typeof decideUpdate>[0] => ({
  now: row?.now.getTime() ?? 0,
  room:
    row === undefined || row.name === null
      ? undefined
      : { name: row.name, bannedUntil: row.banned_until?.getTime() },
  broadcast:
    row === undefined
      ? undefined
      : {
          instance: row.instance,
          endReason: row.ended_at === null ? undefined : (row.end_reason ?? "ended"),
          kicked: row.kicked_at !== null,
          keyRevoked: row.revoked_at !== null,
        },
  replaced: row?.replaced === 1,
});

async function liveOf(session: Session, room: string): Promise<LiveFacts | undefined> {
  const [row] = await session.rows<{
    readonly id: string;
    readonly instance: string;
    readonly client_id: string;
    readonly address: string;
    readonly started_at: Date;
    readonly seen_at: Date;
  }>("SELECT id, instance, client_id, address, started_at, seen_at FROM broadcasts WHERE live_room = ?", [
    room,
  ]);
  if (row === undefined) return undefined;
  return {
    id: row.id,
    instance: row.instance,
    clientId: row.client_id,
    address: row.address,
    startedAt: row.started_at.getTime(),
    seenAt: row.seen_at.getTime(),
  };
}

interface Ending {
  readonly id: string;
  readonly room: string;
}

/**
 * Its last sign of life is when it ended.
 * @returns the reason that stands: a broadcast that was kicked ends as kicked, whatever its ingest says
 */
async function end(session: Session, id: string, reason: string): Promise<string> {
  const [, stands] = await Promise.all([
    session.run(
      "UPDATE broadcasts SET ended_at = seen_at, end_reason = IF(kicked_at IS NULL, ?, 'kicked') WHERE id = ?",
      [reason, id],
    ),
    endReason(session, id),
  ]);
  return stands;
}

async function endReason(session: Session, id: string): Promise<string> {
  const [row] = await session.rows<{ readonly end_reason: string | null }>(
    "SELECT end_reason FROM broadcasts WHERE id = ?",
    [id],
  );
  return row?.end_reason ?? "";
}

const tellEnd = (session: Session, { id, room }: Ending, reason: string): Promise<void> =>
  emit(session, { type: "live.stopped", room, data: { broadcast: id, reason } });
