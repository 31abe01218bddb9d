/** One connection to one server, as the agent: TLS with our certificate, the server's verified, every wait bounded. */
import { connect as connectTcp } from "node:net";
import { TLSSocket } from "node:tls";
import type { Connection } from "mysql2/promise";
import mysql from "mysql2/promise";
import { messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { patiently } from "../patience.ts";
import type { Address, Ctx } from "../service.ts";
import { mysqlError } from "./errors.ts";
import { agentUser, localSecrets } from "./names.ts";
import type { MysqlSpec } from "./spec.ts";

export type Row = Readonly<Record<string, unknown>>;

export interface Session {
  /** @throws the server's error, or a timeout after `timeoutMs` (then the connection is gone). */
  rows(sql: string, values?: readonly unknown[], timeoutMs?: number): Promise<readonly Row[]>;
  run(sql: string, values?: readonly unknown[], timeoutMs?: number): Promise<void>;
  /** SHA-256 (hex, lower case) of the certificate that the server showed to this connection. */
  readonly certificate: string | undefined;
  /** Says goodbye without waiting. */
  close(): void;
}

export interface Login {
  readonly user: string;
  readonly password: string;
  /** Our certificate is shown: for accounts that require X509. */
  readonly identity: { readonly ca: string; readonly cert?: string; readonly key?: string };
  readonly database?: string;
}

/** A server that runs answers within milliseconds; one that does not in this time counts as not there. */
export const connectTimeoutMs = 1_500;
export const queryTimeoutMs = 2_000;

/** @throws what the driver throws; the context's signal ends connection and waiting. */
export async function openSession(
  address: Address,
  login: Login,
  ctx: Pick<Ctx, "signal" | "patience">,
): Promise<Session> {
  const { signal } = ctx;
  signal.throwIfAborted();
  const { cert, key, ca } = login.identity;
  // The driver verifies against `host`; where another address is dialled, the stream is ours.
  const stream = () => connectTcp({ host: address.host, port: address.port, noDelay: true });
  const connection = await mysql.createConnection({
    host: address.serverName,
    port: address.port,
    stream,
    user: login.user,
    password: login.password,
    ...(login.database === undefined ? {} : { database: login.database }),
    // A new object for each connection: the driver resumes TLS sessions by it, and a resumed one shows no certificate.
    ssl: {
      ca,
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      verifyIdentity: true,
    },
    connectTimeout: patiently(ctx, connectTimeoutMs),
    // The driver sets room aside for 16,000 prepared statements, half a megabyte a connection; we prepare none.
    maxPreparedStatements: 1,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    connectAttributes: { program_name: "mallstack" },
  });
  return sessionOver(connection, ctx);
}

function sessionOver(connection: Connection, ctx: Pick<Ctx, "signal" | "patience">): Session {
  const { signal } = ctx;
  const usualMs = patiently(ctx, queryTimeoutMs);
  // A lost connection is reported to whoever waits on it; unheard it would end the process.
  connection.on("error", () => {});
  const onAbort = () => connection.destroy();
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const ask = async (sql: string, values: readonly unknown[], timeoutMs: number): Promise<unknown> => {
    signal.throwIfAborted();
    try {
      const [result] = await connection.query({ sql, values: [...values], timeout: timeoutMs });
      return result;
    } catch (error) {
      // After a timeout the answer may still come: the connection is of no use any more.
      if (codeOf(error) === "PROTOCOL_SEQUENCE_TIMEOUT") connection.destroy();
      throw error;
    }
  };
  return {
    async rows(sql, values = [], timeoutMs = usualMs) {
      const result = await ask(sql, values, timeoutMs);
      return Array.isArray(result) ? (result as Row[]) : [];
    },
    async run(sql, values = [], timeoutMs = usualMs) {
      await ask(sql, values, timeoutMs);
    },
    certificate: certificateOf(connection),
    close() {
      signal.removeEventListener("abort", onAbort);
      connection.destroy();
    },
  };
}

/** The driver's typed surface does not reach the socket; what is not a TLS socket has no certificate. */
function certificateOf(connection: Connection): string | undefined {
  const core: unknown = Reflect.get(connection, "connection");
  const socket: unknown = typeof core === "object" && core !== null ? Reflect.get(core, "stream") : undefined;
  if (!(socket instanceof TLSSocket)) return undefined;
  return socket.getPeerX509Certificate()?.fingerprint256.replaceAll(":", "").toLowerCase();
}

/** The driver's or server's error code, such as `ER_ACCESS_DENIED_ERROR` or `ECONNREFUSED`. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The server's error number, or undefined when the error is not the server's. */
export function errnoOf(error: unknown): number | undefined {
  const errno: unknown =
    typeof error === "object" && error !== null ? Reflect.get(error, "errno") : undefined;
  return typeof errno === "number" && errno > 0 ? errno : undefined;
}

const accessDenied = "ER_ACCESS_DENIED_ERROR";

/**
 * As the agent, on the admin port, which answers also when all connections are taken. While its own password is being
 * rotated a server may know only the previous one.
 * @throws MYSQL_UNREACHABLE
 */
export async function agentSession(
  ctx: Ctx<MysqlSpec>,
  instance: InstanceName,
  port: "admin" | "mysql" = "admin",
): Promise<Session> {
  const { secrets } = ctx;
  try {
    const address = ctx.net.address(instance, port);
    const identity = await secrets.identity();
    const login = async (password: string) =>
      openSession(address, { user: agentUser, password, identity }, ctx);
    try {
      return await login(await secrets.value(localSecrets.agent.id));
    } catch (error) {
      const previous =
        codeOf(error) === accessDenied ? await secrets.previous(localSecrets.agent.id) : undefined;
      if (previous === undefined) throw error;
      return await login(previous);
    }
  } catch (error) {
    throw mysqlError.MYSQL_UNREACHABLE({ instance, cause: reasonOf(error) }, error);
  }
}

/** In words, when the driver has none: a refused connection's message is empty where names have two addresses. */
export const reasonOf = (error: unknown): string =>
  [messageOf(error), codeOf(error)].find((text) => text !== undefined && text !== "") ?? "unknown error";

/** @throws what `use` throws; the connection is closed in any case. */
export async function withSession<T>(
  ctx: Ctx<MysqlSpec>,
  instance: InstanceName,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await agentSession(ctx, instance);
  try {
    return await use(session);
  } finally {
    session.close();
  }
}

/** A column as text; NULL and absence are "". */
export const textOf = (row: Row | undefined, column: string): string => {
  const value = row?.[column];
  return value === null || value === undefined ? "" : `${value}`;
};
export const numberOf = (row: Row | undefined, column: string): number => Number(textOf(row, column) || 0);
/** 1, ON, YES: the server's several ways to say true. */
export const flagOf = (row: Row | undefined, column: string): boolean =>
  ["1", "ON", "YES", "Y"].includes(textOf(row, column).toUpperCase());
