/** The relay's lock, in MySQL: of the connection that reads and marks, so that both are lost together. */
import type { Database } from "../database.ts";
import { pendingEvents } from "./outbox.ts";
import type { RelayPorts } from "./relay.ts";

const lockName = "CONCAT(DATABASE(), '.storefront.relay')";

export const exclusively =
  (primary: Database): RelayPorts["exclusively"] =>
  (work) =>
    primary.use(async (session) => {
      const [got] = await session.rows<{ got: number | null }>(`SELECT GET_LOCK(${lockName}, 0) AS got`);
      if (got?.got !== 1) return false;
      try {
        await work(pendingEvents(session));
        return true;
      } finally {
        // A connection that goes back to the pool must not take the lock with it.
        await session.rows(`SELECT RELEASE_LOCK(${lockName})`).catch(() => []);
      }
    });
