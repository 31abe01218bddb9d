/** Runs the steps of the schema that this database has not had yet. */
import type { Database } from "../database.ts";
import { migrations } from "./all.ts";

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
