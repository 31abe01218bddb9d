/** Work of which there is one in the whole mall at a time: the lock is a connection's own, and goes with it. */
import type { Database } from "./database.ts";
import type { Session } from "./session.ts";

/**
 * Runs `work` while no other instance does work of this name.
 * @param work gets the connection that holds the lock: once that is lost, so is the lock
 * @returns false when another instance is at it
 */
export const exclusively = (
  database: Database,
  name: string,
  work: (session: Session) => Promise<void>,
): Promise<boolean> =>
  database.use(async (session) => {
    const lock = "CONCAT(DATABASE(), '.live.', ?)";
    const [answer] = await session.rows<{ readonly got: number | null }>(
      `SELECT GET_LOCK(${lock}, 0) AS got`,
      [name],
    );
    if (answer?.got !== 1) return false;
    try {
      await work(session);
      return true;
    } finally {
      // A connection that goes back to the others must not take the lock with it; a lost one has none.
      await session.run(`DO RELEASE_LOCK(${lock})`, [name]).catch(() => {});
    }
  });
