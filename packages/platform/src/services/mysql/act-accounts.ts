/** The mall's first data, its accounts and databases. Passwords travel only inside the encrypted connection. */
import type { InstanceName } from "../../plan/model.ts";
import type { Action } from "./action.ts";
import { type Session, textOf } from "./client.ts";
import { localAccounts } from "./decide-upkeep.ts";
import { mysqlError } from "./errors.ts";
import { agentUser, localSecrets, metaSchema } from "./names.ts";
import { nodeOf } from "./state.ts";
import { isOn, type Step } from "./step.ts";
import {
  type Account,
  accounts,
  databasesOf,
  type Grant,
  grantChanges,
  parseGrants,
  quoted,
} from "./users.ts";

/** A commit waits for its acknowledgement: longer than a query, and not for ever. */
const commitTimeoutMs = 8_000;

/**
 * The first data. The node is closed to clients all the while: `read_only` stays on, only our own account passes it.
 * Each statement may find its work done by an attempt that was cut short.
 */
export async function bootstrap(step: Step, target: InstanceName): Promise<void> {
  const { ctx, session } = step;
  const node = nodeOf(step.state, target);
  if (node?.reachable !== true)
    throw mysqlError.MYSQL_ACTION_OUTDATED({ action: "bootstrap-primary", instance: target });
  await whileWritableForUs(session, async () => {
    const run = (sql: string, values: readonly unknown[] = []) => session.run(sql, values, commitTimeoutMs);
    await run(`CREATE DATABASE IF NOT EXISTS ${quoted(metaSchema)}`);
    // The table and its first row in one statement: a term is there as a whole or not at all.
    await run(
      `CREATE TABLE IF NOT EXISTS ${metaSchema}.topology (
         epoch INT UNSIGNED NOT NULL PRIMARY KEY, mall VARCHAR(64) NOT NULL,
         primary_instance VARCHAR(64) NOT NULL, primary_uuid CHAR(36) NOT NULL,
         reason VARCHAR(255) NOT NULL, decided_at TIMESTAMP(6) NOT NULL) ENGINE = InnoDB
       SELECT 1 AS epoch, ? AS mall, ? AS primary_instance, ? AS primary_uuid,
              'a new mall' AS reason, NOW(6) AS decided_at`,
      [ctx.plan.mall, target, node.serverUuid],
    );
    await run(
      `CREATE TABLE IF NOT EXISTS ${metaSchema}.hold (
         server_id INT UNSIGNED NOT NULL PRIMARY KEY, set_at TIMESTAMP(6) NOT NULL,
         until_at TIMESTAMP(6) NOT NULL) ENGINE = InnoDB`,
    );
    for (const database of databasesOf(ctx.spec))
      await run(`CREATE DATABASE IF NOT EXISTS ${quoted(database)}`);
    for (const account of accounts(ctx.spec)) await makeAccount(step, account);
  });
  const rows = await session.rows(`SELECT primary_uuid FROM ${metaSchema}.topology WHERE epoch = 1`);
  if (textOf(rows[0], "primary_uuid") !== node.serverUuid)
    throw mysqlError.MYSQL_NOT_PROVEN({
      action: "bootstrap-primary",
      instance: target,
      read: "its first term is not there",
    });
}

/** On a closed node, for our own statements only; closed again whatever happens. */
async function whileWritableForUs(session: Session, work: () => Promise<void>): Promise<void> {
  if (!(await isOn(session, "super_read_only"))) return work();
  await session.run("SET GLOBAL super_read_only = OFF");
  try {
    await work();
  } finally {
    await session.run("SET GLOBAL super_read_only = ON");
  }
}

export async function ensureAccount(step: Step, user: string): Promise<void> {
  const account = accounts(step.ctx.spec).find((a) => a.user === user);
  if (account === undefined) return;
  await whileWritableForUs(step.session, () => makeAccount(step, account));
}

/**
 * Brings one account to what is planned, by the difference alone: an application that is connected never finds a
 * privilege gone that it has. A new password is added to the one in use; both are accepted until the rotation ends.
 */
async function makeAccount({ ctx, session, state }: Step, account: Account): Promise<void> {
  const run = (sql: string, values: readonly unknown[] = []) => session.run(sql, values, commitTimeoutMs);
  const who = [account.user, "%"];
  const password = await ctx.secrets.value(account.secret);
  const known = state.nodes
    .flatMap((node) => (node.reachable && node.channel === undefined ? node.accounts : []))
    .find((found) => found.user === account.user && found.host === "%");
  const [present] = await session.rows("SELECT 1 FROM mysql.user WHERE User = ? AND Host = ?", who);
  if (present === undefined) {
    await run("CREATE USER ?@? IDENTIFIED BY ?", [...who, password]);
  } else if (known?.passwordCurrent !== true) {
    const previous = await ctx.secrets.previous(account.secret);
    // Whatever was there: during a rotation it ends with the previous password kept, else with ours alone.
    if (previous !== undefined) await run("ALTER USER ?@? IDENTIFIED BY ?", [...who, previous]);
    const keep = previous === undefined ? "" : " RETAIN CURRENT PASSWORD";
    await run(`ALTER USER ?@? IDENTIFIED BY ?${keep}`, [...who, password]);
  }
  await run(
    `ALTER USER ?@? REQUIRE ${account.require} WITH MAX_USER_CONNECTIONS ${account.maxUserConnections} ACCOUNT UNLOCK`,
    who,
  );
  const rows = await session.rows("SHOW GRANTS FOR ?@?", who);
  const changes = grantChanges(parseGrants(rows.map((row) => `${Object.values(row)[0]}`)), account.grants);
  for (const { privileges, on } of changes.revoke)
    await run(`REVOKE ${list(privileges)} ON ${on} FROM ?@?`, who);
  for (const { privileges, on } of changes.grant) await run(`GRANT ${list(privileges)} ON ${on} TO ?@?`, who);
}

/** Names of privileges come from the plan or from the server's own SHOW GRANTS. */
const list = (privileges: Grant["privileges"]): string => privileges.join(", ");

export const discardPreviousPassword = ({ session }: Step, user: string): Promise<void> =>
  session.run("ALTER USER ?@? DISCARD OLD PASSWORD", [user, "%"], commitTimeoutMs);

export async function dropAccount(
  { session }: Step,
  { user, host }: Extract<Action, { kind: "drop-account" }>,
): Promise<void> {
  await session.run("DROP USER IF EXISTS ?@?", [user, host], commitTimeoutMs);
}

export async function createDatabase({ session }: Step, database: string): Promise<void> {
  await session.run(`CREATE DATABASE IF NOT EXISTS ${quoted(database)}`, [], commitTimeoutMs);
}

type Local = { readonly user: string; readonly host: string };

const localSecret = (user: string): string =>
  user === agentUser ? localSecrets.agent.id : localSecrets.root.id;

/** Each node has these for itself: changed outside of the binary log, on replicas as well. */
async function alterLocal({ session }: Step, { user, host }: Local, sql: string, values: readonly unknown[]) {
  if (!localAccounts.some((a) => a.user === user && a.host === host)) return;
  await session.run("SET SESSION sql_log_bin = OFF");
  await whileWritableForUs(session, () =>
    session.run(`ALTER USER ?@? ${sql}`, [user, host, ...values], commitTimeoutMs),
  );
}

export async function rotateLocalPassword(step: Step, local: Local): Promise<void> {
  const id = localSecret(local.user);
  const [value, previous] = await Promise.all([step.ctx.secrets.value(id), step.ctx.secrets.previous(id)]);
  const keep = previous === undefined ? "" : " RETAIN CURRENT PASSWORD";
  await alterLocal(step, local, `IDENTIFIED BY ?${keep}`, [value]);
}

export const discardLocalPassword = (step: Step, local: Local): Promise<void> =>
  alterLocal(step, local, "DISCARD OLD PASSWORD", []);
