/** Stream keys in MySQL. */
import type { KeyInfo, NewKey } from "./api.ts";
import type { Database } from "./database.ts";
import { LiveError } from "./errors.ts";
import { hashOf, isExpired, type KeyFacts } from "./publish.ts";
import type { Secrets } from "./secrets.ts";
import type { Session } from "./session.ts";
import { newKeyId, newStreamKey, open, seal } from "./stream-key.ts";

/** Valid keys of one room at most: an authorization looks at each. */
export const mostValidKeys = 20;
/** Old ones are told apart from wrong ones as long as they are among the newest of this many. */
const mostKeys = 200;

interface KeyRow {
  readonly now: Date;
  readonly id: string;
  readonly hash: Buffer;
  readonly sealed: Buffer;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

const select = `SELECT NOW(3) AS now, id, hash, sealed, created_at, expires_at, revoked_at FROM stream_keys
  WHERE room = ? ORDER BY created_at DESC, id DESC LIMIT ${mostKeys}`;

export interface StoredKey extends KeyFacts {
  /** The key itself, or undefined when no seal.key opens it. */
  readonly open: () => string | undefined;
}

export interface Keys {
  /** @param expiresAt undefined: never. @throws NO_SUCH_ROOM, TOO_MANY_KEYS */
  create(room: string, expiresAt: Date | undefined): Promise<NewKey>;
  /** Newest first. @throws NO_SUCH_ROOM */
  list(room: string): Promise<readonly KeyInfo[]>;
  /** For good; again changes nothing. @throws NO_SUCH_KEY */
  revoke(room: string, id: string): Promise<void>;
  /** The newest valid key of a room, to sign push addresses with. @throws NO_USABLE_KEY */
  newest(room: string): Promise<{ readonly id: string; readonly key: string }>;
  /** Seals anew what only the previous seal.key opens. @returns how many */
  reseal(): Promise<number>;
}

export function keysIn(database: Database, secrets: Secrets): Keys {
  const rowsOf = (session: Session, room: string) => session.rows<KeyRow>(select, [room]);
  return {
    create: (room, expiresAt) =>
      database.transaction(async (session) => {
        await existing(session, room, "FOR UPDATE");
        const valid = (await rowsOf(session, room)).filter((row) => stateOf(row) === "valid");
        if (valid.length >= mostValidKeys) throw new LiveError("TOO_MANY_KEYS", `${mostValidKeys}`);
        const [id, key] = [newKeyId(), newStreamKey()];
        await session.run(
          "INSERT INTO stream_keys (id, room, sealed, hash, created_at, expires_at) VALUES (?, ?, ?, ?, NOW(3), ?)",
          [
            id,
            room,
            seal(key, { room, id }, secrets.read("seal.key")),
            Buffer.from(hashOf(key)),
            expiresAt ?? null,
          ],
        );
        return { id, key, expiresAt: expiresAt?.toISOString() ?? null };
      }),
    list: (room) =>
      database.use(async (session) => {
        await existing(session, room);
        return (await rowsOf(session, room)).map((row) => ({
          id: row.id,
          createdAt: row.created_at.toISOString(),
          expiresAt: row.expires_at?.toISOString() ?? null,
          revokedAt: row.revoked_at?.toISOString() ?? null,
          state: stateOf(row),
        }));
      }),
    revoke: (room, id) =>
      database.transaction(async (session) => {
        const found = await session.run(
          "UPDATE stream_keys SET revoked_at = COALESCE(revoked_at, NOW(3)) WHERE room = ? AND id = ?",
          [room, id],
        );
        if (found === 0) throw new LiveError("NO_SUCH_KEY");
      }),
    newest: (room) =>
      database.use(async (session) => {
        for (const row of await rowsOf(session, room)) {
          const key = stateOf(row) === "valid" ? storedKey(row, room, secrets).open() : undefined;
          if (key !== undefined) return { id: row.id, key };
        }
        throw new LiveError("NO_USABLE_KEY");
      }),
    reseal: async () => {
      const previous = secrets.optional("seal.key.previous");
      if (previous === undefined) return 0;
      const present = secrets.read("seal.key");
      return database.transaction(async (session) => {
        const rows = await session.rows<{ id: string; room: string; sealed: Buffer }>(
          "SELECT id, room, sealed FROM stream_keys WHERE revoked_at IS NULL FOR UPDATE",
        );
        let count = 0;
        for (const { id, room, sealed } of rows) {
          if (open(sealed, { room, id }, [present]) !== undefined) continue;
          const key = open(sealed, { room, id }, [previous]);
          if (key === undefined) continue;
          await session.run("UPDATE stream_keys SET sealed = ? WHERE id = ?", [
            seal(key, { room, id }, present),
            id,
          ]);
          count += 1;
        }
        return count;
      });
    },
  };
}

/** @throws NO_SUCH_ROOM */
async function existing(session: Session, room: string, more = ""): Promise<void> {
  const rows = await session.rows(`SELECT name FROM rooms WHERE name = ? ${more}`, [room]);
  if (rows.length === 0) throw new LiveError("NO_SUCH_ROOM");
}

/** All keys of a room, within a transaction that authorizes. */
export async function storedKeys(
  session: Session,
  room: string,
  secrets: Secrets,
): Promise<readonly StoredKey[]> {
  return (await session.rows<KeyRow>(select, [room])).map((row) => storedKey(row, room, secrets));
}

const storedKey = (row: KeyRow, room: string, secrets: Secrets): StoredKey => ({
  id: row.id,
  hash: row.hash,
  expiresAt: row.expires_at?.getTime(),
  revokedAt: row.revoked_at?.getTime(),
  open: () => {
    const previous = secrets.optional("seal.key.previous");
    const all = [secrets.read("seal.key"), ...(previous === undefined ? [] : [previous])];
    return open(row.sealed, { room, id: row.id }, all);
  },
});

function stateOf(row: KeyRow): KeyInfo["state"] {
  if (row.revoked_at !== null) return "revoked";
  return isExpired({ expiresAt: row.expires_at?.getTime() }, row.now.getTime()) ? "expired" : "valid";
}
