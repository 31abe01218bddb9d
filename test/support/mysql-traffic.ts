/**
 * An application of the database while its certificates and passwords are replaced: numbered writes that are read
 * back over one connection that stays, and new connections all the time, each with the files as they are then.
 */
import { connect as connectTcp } from "node:net";
import mysql, { type Connection, type RowDataPacket } from "mysql2/promise";
import type { Address, SecretReader } from "../../packages/platform/src/services/service.ts";
import { type RunningTraffic, startTraffic } from "./traffic.ts";

export interface MysqlTarget {
  /** The primary's endpoint, from here. */
  readonly address: Address;
  readonly user: string;
  readonly database: string;
  readonly secrets: SecretReader;
  /** Id of the user's password. */
  readonly password: string;
}

/** A busy machine is slow, which is no failure; a server that refuses does so at once. */
const connectTimeout = 10_000;

/** A new connection with the CA alone, as an application's. @throws what the application would see */
export async function openAsApplication(
  { address, user, database }: MysqlTarget,
  login: { readonly ca: string; readonly password: string },
): Promise<Connection> {
  const connection = await mysql.createConnection({
    // The driver verifies the certificate against this name; where another address is dialled, the stream is ours.
    host: address.serverName,
    port: address.port,
    stream: () => connectTcp({ host: address.host, port: address.port, noDelay: true }),
    user,
    database,
    password: login.password,
    ssl: { ca: login.ca, rejectUnauthorized: true, verifyIdentity: true },
    connectTimeout,
  });
  connection.on("error", () => {});
  return connection;
}

/** What an application reads from its files now. */
export const presentLogin = async ({ secrets, password }: MysqlTarget) => {
  const [{ ca }, value] = await Promise.all([secrets.identity(), secrets.value(password)]);
  return { ca, password: value };
};

/** Runs until stopped. */
export async function startMysqlTraffic(target: MysqlTarget): Promise<RunningTraffic> {
  const staying = await openAsApplication(target, await presentLogin(target));
  await staying.query("CREATE TABLE IF NOT EXISTS traffic (n INT PRIMARY KEY)");
  await staying.query("DELETE FROM traffic");
  return startTraffic({
    pauseMs: { request: 20, connect: 50 },
    async request(n) {
      await staying.query("INSERT INTO traffic VALUES (?)", [n]);
      const [[row]] = await staying.query<RowDataPacket[]>("SELECT COUNT(*) AS n FROM traffic");
      if (row?.n !== n + 1) throw new Error(`wrote ${n + 1} rows, read ${String(row?.n)}`);
      return 2;
    },
    async connect() {
      const connection = await openAsApplication(target, await presentLogin(target));
      await connection.query("SELECT 1");
      connection.destroy();
    },
    close: () => staying.destroy(),
  });
}
