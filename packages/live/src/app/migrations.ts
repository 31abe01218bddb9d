/**
 * The schema, step by step. A step that has run anywhere is never changed: what comes after it is another step. MySQL
 * commits each statement that changes a schema by itself, so every one must stand being run again after a step that was
 * cut short.
 */
import type { Database } from "./database.ts";

export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly statements: readonly string[];
}

const bin = "CHARACTER SET ascii COLLATE ascii_bin";

/** Times are UTC with milliseconds. Names compare byte by byte. */
export const migrations: readonly Migration[] = [
  {
    id: 1,
    name: "rooms, stream keys, broadcasts",
    statements: [
      `CREATE TABLE IF NOT EXISTS rooms (
        name VARCHAR(64) ${bin} NOT NULL PRIMARY KEY,
        title VARCHAR(200) NOT NULL,
        merchant VARCHAR(64) NOT NULL,
        visibility ENUM('public', 'members') NOT NULL DEFAULT 'public',
        created_at DATETIME(3) NOT NULL,
        banned_until DATETIME(3) NULL,
        KEY rooms_merchant (merchant)
      )`,
      `CREATE TABLE IF NOT EXISTS stream_keys (
        id VARCHAR(32) ${bin} NOT NULL PRIMARY KEY,
        room VARCHAR(64) ${bin} NOT NULL,
        sealed VARBINARY(255) NOT NULL,
        hash BINARY(32) NOT NULL,
        created_at DATETIME(3) NOT NULL,
        expires_at DATETIME(3) NULL,
        revoked_at DATETIME(3) NULL,
        UNIQUE KEY stream_keys_hash (hash),
        KEY stream_keys_room (room),
        CONSTRAINT stream_keys_of_room FOREIGN KEY (room) REFERENCES rooms (name) ON DELETE CASCADE
      )`,
      // No foreign keys: what was broadcast stays known when its room or key is gone. One live broadcast a room is the
      // database's own rule: live_room is the room while the broadcast has not ended.
      `CREATE TABLE IF NOT EXISTS broadcasts (
        id VARCHAR(32) ${bin} NOT NULL PRIMARY KEY,
        room VARCHAR(64) ${bin} NOT NULL,
        key_id VARCHAR(32) ${bin} NOT NULL,
        instance VARCHAR(64) ${bin} NOT NULL,
        client_id VARCHAR(32) ${bin} NOT NULL,
        address VARCHAR(64) ${bin} NOT NULL,
        started_at DATETIME(3) NOT NULL,
        seen_at DATETIME(3) NOT NULL,
        ended_at DATETIME(3) NULL,
        end_reason VARCHAR(64) NULL,
        kicked_at DATETIME(3) NULL,
        live_room VARCHAR(64) ${bin} GENERATED ALWAYS AS (IF(ended_at IS NULL, room, NULL)) STORED,
        UNIQUE KEY broadcasts_live (live_room),
        KEY broadcasts_room (room, started_at)
      )`,
    ],
  },
];

const lockName = "mallstack-live.migrations";
const lockSeconds = 20;
const statementMs = 60_000;

/**
 * Brings the schema up to date. Instances that start at once do it one after the other.
 * @returns names of the steps that were run @throws DATABASE_AWAY, or the server's error
 */
export const migrate = (database: Database): Promise<readonly string[]> =>
  database.use(async (session) => {
    const [lock] = await session.rows<{ readonly got: number | null }>(
      "SELECT GET_LOCK(?, ?) AS got",
      [lockName, lockSeconds],
      (lockSeconds + 5) * 1_000,
    );
    if (lock?.got !== 1) throw new Error("another instance is still changing the schema");
    try {
      await session.run(
        `CREATE TABLE IF NOT EXISTS schema_steps (
          id INT NOT NULL PRIMARY KEY, name VARCHAR(200) NOT NULL, applied_at DATETIME(3) NOT NULL)`,
        [],
        statementMs,
      );
      const done = new Set(
        (await session.rows<{ id: number }>("SELECT id FROM schema_steps")).map((s) => s.id),
      );
      const due = migrations.filter(({ id }) => !done.has(id));
      for (const { id, name, statements } of due) {
        for (const statement of statements) await session.run(statement, [], statementMs);
        await session.run("INSERT INTO schema_steps VALUES (?, ?, NOW(3))", [id, name]);
      }
      return due.map(({ name }) => name);
    } finally {
      await session.run("DO RELEASE_LOCK(?)", [lockName]);
    }
  });
