/**
 * A pool of MySQL connections to one endpoint, small and strict: it reads password and CA again for every new
 * connection (both may be rotated), verifies the certificate against the endpoint's name while it dials a
 * published port, bounds every statement in time, and never hands out a connection whose state is unknown.
 */
import { connect as dial } from "node:net";
import { type Connection, createConnection, type ResultSetHeader, type RowDataPacket } from "mysql2/promise";
import { caOf, type MysqlSettings, passwordOf } from "./connect.ts";
import type { DatabaseFailure } from "./retry.ts";

export type Value = string | number | null | Date | Buffer | readonly Value[];

export interface Written {
  /** Rows changed or, by an UPDATE, matched. */
  readonly affected: number;
  /** The AUTO_INCREMENT value that an INSERT was given; 0 when none. */
  readonly insertId: number;
}

export interface Session {
  /** Rows of a query; BIGINT and DECIMAL arrive as numbers (exact up to 2^53: 90 trillion yuan in cents). */
  rows<T>(sql: string, values?: readonly Value[]): Promise<readonly T[]>;
  /** A write. */
  run(sql: string, values?: readonly Value[]): Promise<Written>;
}

export interface Database {
  /** Statements on one connection, each its own transaction. */
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** BEGIN, work, COMMIT; rolled back when `work` throws. A failure of COMMIT itself leaves the outcome open. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly connections: number;
  /** Bound of each statement, in ms; the connection is dropped after it. */
  readonly statementTimeoutMs?: number;
}

const connectTimeoutMs = 5_000;
/**
 * READ COMMITTED: a shop's writes name their rows by key, so the gap locks of REPEATABLE READ would only add
 * deadlocks. A lock wait ends at half of the statement's bound, so that it ends as an error, not as a loss.
 */
const sessionSetup = (statementTimeoutMs: number) =>
  `SET SESSION transaction_isolation = 'READ-COMMITTED', time_zone = '+00:00',
   innodb_lock_wait_timeout = ${Math.max(1, Math.floor(statementTimeoutMs / 2_000))}`;

async function open(settings: MysqlSettings): Promise<Connection> {
  const password = passwordOf(settings);
  const ca = caOf(settings);
  const host = settings.serverName ?? settings.host;
  const connection = await createConnection({
    // The driver verifies the certificate against `host`; what is dialled is the stream's own business.
    host,
    stream: () => dial({ host: settings.host, port: settings.port, noDelay: true, keepAlive: true }),
    database: settings.database,
    connectTimeout: connectTimeoutMs,
    charset: "utf8mb4_0900_ai_ci",
    timezone: "Z",
    decimalNumbers: true,
    ...(settings.user === undefined ? {} : { user: settings.user }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined
      ? {}
      : { ssl: { ca, verifyIdentity: settings.serverName !== undefined, minVersion: "TLSv1.2" } }),
  });
  // A connection that dies while idle says so here as well as to its next statement.
  connection.on("error", () => {});
  return connection;
}

/** Connections are made when first needed. */
export function database(settings: MysqlSettings, options: PoolOptions): Database {
  const timeout = options.statementTimeoutMs ?? 15_000;
  const idle: Connection[] = [];
  const waiting: (() => void)[] = [];
  let inUse = 0;
  let closed = false;

  const acquire = async (): Promise<Connection> => {
    while (inUse >= options.connections) await new Promise<void>((resolve) => waiting.push(resolve));
    if (closed) throw new Error("the pool is closed state");
    inUse += 1;
    const ready = idle.pop();
    if (ready !== undefined) return ready;
    try {
      const connection = await open(settings);
      await connection.query({ sql: sessionSetup(timeout), timeout });
      return connection;
    } catch (error) {
      free();
      throw error;
    }
  };
  const free = () => {
    inUse -= 1;
    waiting.shift()?.();
  };
  const drop = (connection: Connection) => {
    connection.destroy();
    free();
  };
  const release = (connection: Connection) => {
    if (closed) return drop(connection);
    idle.push(connection);
    free();
  };

  const session = (connection: Connection): Session => ({
    rows: async <T>(sql: string, values: readonly Value[] = []) => {
      const [rows] = await connection.query<RowDataPacket[]>({ sql, values: [...values], timeout });
      return rows as unknown as readonly T[];
    },
    run: async (sql, values = []) => {
      const [header] = await connection.query<ResultSetHeader>({ sql, values: [...values], timeout });
      return { affected: header.affectedRows, insertId: header.insertId };
    },
  });

  const use: Database["use"] = async (work) => {
    const connection = await acquire();
    try {
      const value = await work(session(connection));
      release(connection);
      return value;
    } catch (error) {
      // The server's own refusal leaves the connection in order; anything else leaves it in doubt.
      if (refusedByServer(error)) release(connection);
      else drop(connection);
      throw error;
    }
  };

  const transaction: Database["transaction"] = async (work) => {
    const connection = await acquire();
    const own = session(connection);
    try {
      await own.run("START TRANSACTION");
      const value = await work(own);
      await own.run("COMMIT");
      release(connection);
      return value;
    } catch (error) {
      if (await rolledBack(own)) release(connection);
      else drop(connection);
      throw error;
    }
  };

  const rolledBack = async (own: Session): Promise<boolean> => {
    try {
      await own.run("ROLLBACK");
      return true;
    } catch {
      return false;
    }
  };

  return {
    use,
    transaction,
    close: async () => {
      closed = true;
      const all = idle.splice(0);
      await Promise.all(all.map((connection) => connection.end().catch(() => connection.destroy())));
    },
  };
}

const refusedByServer = (error: unknown): boolean =>
  error instanceof Error &&
  (error as DatabaseFailure).errno !== undefined &&
  (error as DatabaseFailure).fatal !== true &&
  String((error as DatabaseFailure).code).startsWith("ER_");
