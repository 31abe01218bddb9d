/**
 * A few connections to MySQL, strict about time: an ingest waits two seconds for an answer, so whatever takes longer
 * here fails clearly. Password and CA are read for every new connection, as both may be rotated; the certificate is
 * verified; a connection whose state is unknown is never used again.
 */
import { connect as dial } from "node:net";
import { type Connection, createConnection } from "mysql2/promise";
import type { Config } from "./config.ts";
import { LiveError, messageOf } from "./errors.ts";
import type { Secrets } from "./secrets.ts";
import { type Session, sessionOver, statementTimeoutMs, type Transaction, transact } from "./session.ts";

export interface Database {
  /** BEGIN, work, COMMIT; rolled back when `work` throws. @throws DATABASE_AWAY, or what `work` throws */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Statements that stand each for itself. @throws as above */
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const connectTimeoutMs = 1_500;
/** For a connection that others use; then it is said that the database does not keep up. */
const queueTimeoutMs = 1_500;
/** A load balancer may drop what is silent for longer; a connection that old is probed by nobody. */
const idleMs = 30_000;

const setup = `SET SESSION transaction_isolation = 'READ-COMMITTED', time_zone = '+00:00', innodb_lock_wait_timeout = 1`;

interface Idle {
  readonly connection: Connection;
  readonly since: number;
}

export function openDatabase(settings: Config["mysql"], secrets: Secrets): Database {
  const idle: Idle[] = [];
  const waiting: (() => void)[] = [];
  let inUse = 0;
  let closed = false;

  const connect = async (): Promise<Connection> => {
    const connection = await createConnection({
      // The driver verifies against `host`; what is dialled is the stream's own business.
      host: settings.serverName,
      stream: () => dial({ host: settings.host, port: settings.port, noDelay: true, keepAlive: true }),
      user: settings.user,
      password: secrets.read("mysql.password"),
      database: settings.database,
      ssl: { ca: secrets.read("ca.crt"), verifyIdentity: true, minVersion: "TLSv1.2" },
      connectTimeout: connectTimeoutMs,
      charset: "utf8mb4_0900_ai_ci",
      timezone: "Z",
      connectAttributes: { program_name: "mallstack-live" },
      multipleStatements: true,
    });
    // A connection that dies while idle says so here as well as to its next statement.
    connection.on("error", () => forget(connection));
    await connection.query({ sql: setup, timeout: statementTimeoutMs });
    return connection;
  };
  const forget = (connection: Connection) => {
    const at = idle.findIndex((each) => each.connection === connection);
    if (at !== -1) idle.splice(at, 1);
  };
  const free = () => {
    inUse -= 1;
    waiting.shift()?.();
  };
  const turn = () =>
    new Promise<void>((resolve, reject) => {
      const go = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(new LiveError("DATABASE_AWAY", "all connections are busy"));
      }, queueTimeoutMs);
      waiting.push(go);
    });
  const acquire = async (anew: boolean): Promise<Connection> => {
    while (inUse >= settings.connections) await turn();
    if (closed) throw new LiveError("STOPPING");
    inUse += 1;
    for (let ready = idle.pop(); ready !== undefined; ready = idle.pop()) {
      if (!anew && Date.now() - ready.since < idleMs) return ready.connection;
      ready.connection.destroy();
    }
    try {
      return await connect();
    } catch (error) {
      free();
      throw error;
    }
  };
  const release = (connection: Connection, whole: boolean) => {
    if (whole && !closed) idle.push({ connection, since: Date.now() });
    else connection.destroy();
    free();
  };

  /** Once more on a fresh connection when the first was lost and nothing can have been committed. */
  const attempt = async <T>(work: (connection: Connection, phase: Phase) => Promise<T>): Promise<T> => {
    for (let anew = false; ; anew = true) {
      const phase: Phase = { committing: false };
      try {
        const connection = await acquire(anew);
        try {
          const value = await work(connection, phase);
          release(connection, true);
          return value;
        } catch (error) {
          release(connection, !isLost(error));
          throw error;
        }
      } catch (error) {
        if (anew || !mayRepeat(error, phase.committing)) throw away(error);
      }
    }
  };

  return {
    use: (work) => attempt((connection) => work(sessionOver(connection))),
    transaction: (work) =>
      attempt((connection, phase) =>
        transact(connection, work, {
          committing: () => {
            phase.committing = true;
          },
          isOpenAfter: (error) => !isLost(error),
        }),
      ),
    close: async () => {
      closed = true;
      const all = idle.splice(0);
      await Promise.all(all.map(({ connection }) => connection.end().catch(() => connection.destroy())));
    },
  };
}

interface Phase {
  /** Whether COMMIT was sent. */
  committing: boolean;
}

/**
 * Whether what failed so may be done again from its beginning, on another connection. From COMMIT on a lost connection
 * leaves the outcome open, unless the server itself said that it writes nothing: then it refused a statement before
 * COMMIT, or COMMIT, and undid the transaction.
 */
export const mayRepeat = (error: unknown, committing: boolean): boolean =>
  isLost(error) && !isTimeout(error) && (!committing || writesNothing.includes(codeOf(error)));

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

const isTimeout = (error: unknown): boolean =>
  ["PROTOCOL_SEQUENCE_TIMEOUT", "ETIMEDOUT"].includes(codeOf(error));

/**
 * The server's own words leave a connection in order, unless they say that this server is no longer the one to write
 * to: it was demoted (read-only) or is going down. All else is the network's or the driver's.
 */
const writesNothing = ["ER_OPTION_PREVENTS_STATEMENT", "ER_READ_ONLY_MODE"];
const leaveServer = [
  ...writesNothing,
  "ER_SERVER_SHUTDOWN",
  "ER_CON_COUNT_ERROR",
  "ER_ACCESS_DENIED_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_SERVER_OFFLINE_MODE",
];
const isLost = (error: unknown): boolean => {
  if (error instanceof LiveError) return false;
  const code = codeOf(error);
  if (leaveServer.includes(code)) return true;
  return code !== "" ? !code.startsWith("ER_") : isDriverLoss(error);
};
/** What the driver says of a connection that ended, without a code. */
const isDriverLoss = (error: unknown): boolean => /closed state|connection/i.test(messageOf(error));

/** Rows held by another transaction for longer than a statement may wait: as good as away, and gone when asked again. */
const contended = ["ER_LOCK_WAIT_TIMEOUT", "ER_LOCK_DEADLOCK"];

const away = (error: unknown): unknown =>
  isLost(error) || contended.includes(codeOf(error))
    ? new LiveError("DATABASE_AWAY", codeOf(error) || "no answer", error)
    : error;

/** Whether an INSERT met a row of the same unique key. */
export const isDuplicate = (error: unknown): boolean => codeOf(error) === "ER_DUP_ENTRY";
