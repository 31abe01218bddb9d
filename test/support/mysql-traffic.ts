/**
 * An application of the database while its certificates and passwords are replaced: numbered writes that are read
 * back over one connection that stays, and new connections all the time, each with the files as they are then.
 */
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import mysql, { type Connection, type RowDataPacket } from "mysql2/promise";
import { messageOf } from "../../packages/platform/src/errors.ts";
import type { Address, SecretReader } from "../../packages/platform/src/services/service.ts";
import type { Traffic } from "./redis-traffic.ts";

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

const presentLogin = async ({ secrets, password }: MysqlTarget) => {
  const [{ ca }, value] = await Promise.all([secrets.identity(), secrets.value(password)]);
  return { ca, password: value };
};

/** Runs until stopped. */
export async function startMysqlTraffic(target: MysqlTarget): Promise<{ stop(): Promise<Traffic> }> {
  const failures: string[] = [];
  let requests = 0;
  let connections = 0;
  let isOver = false;
  const fail = (what: string, error: unknown) =>
    failures.push(`${new Date().toISOString()} ${what}: ${messageOf(error)}`);
  const staying = await openAsApplication(target, await presentLogin(target));
  await staying.query("CREATE TABLE IF NOT EXISTS traffic (n INT PRIMARY KEY)");
  await staying.query("DELETE FROM traffic");

  const work = async (): Promise<void> => {
    for (let n = 1; !isOver; n += 1) {
      try {
        await staying.query("INSERT INTO traffic VALUES (?)", [n]);
        const [[row]] = await staying.query<RowDataPacket[]>("SELECT COUNT(*) AS n FROM traffic");
        if (row?.n !== n) throw new Error(`wrote ${n} rows, read ${String(row?.n)}`);
        requests += 2;
      } catch (error) {
        fail("statement", error);
      }
      await sleep(20);
    }
  };
  const coming = async (): Promise<void> => {
    while (!isOver) {
      try {
        const connection = await openAsApplication(target, await presentLogin(target));
        await connection.query("SELECT 1");
        connection.destroy();
        connections += 1;
      } catch (error) {
        fail("connection", error);
      }
      await sleep(50);
    }
  };
  const running = Promise.all([work(), coming()]);
  return {
    async stop() {
      isOver = true;
      await running;
      staying.destroy();
      return { requests, connections, failures };
    },
  };
}
