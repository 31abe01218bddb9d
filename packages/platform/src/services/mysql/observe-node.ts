/** Everything that is read of one server over one connection. */
import { createHash } from "node:crypto";
import type { InstanceName } from "../../plan/model.ts";
import { secretsDir } from "../../plan/names.ts";
import type { Ctx } from "../service.ts";
import { errnoOf, flagOf, numberOf, type Row, type Session, textOf } from "./client.ts";
import { liveVariables, sameValue } from "./config.ts";
import { isEmptyGtids, parseGtids, subtractGtids } from "./gtid.ts";
import { accountNames, agentUser, localSecrets, metaSchema } from "./names.ts";
import { isPasswordOf } from "./sha-crypt.ts";
import type { MysqlSpec } from "./spec.ts";
import type { AccountState, Channel, ReachableNode, SemiSync, Term } from "./state.ts";
import { accounts, parseGrants, secretOf } from "./users.ts";

export type Reading = Omit<ReachableNode, "executedAfter">;

const systemSchemas = ["mysql", "sys", "information_schema", "performance_schema"];

export async function readNode(ctx: Ctx<MysqlSpec>, name: InstanceName, session: Session): Promise<Reading> {
  const identity = await readIdentity(session);
  const { variables, all } = await readVariables(ctx.spec, name, session);
  const status = await readStatus(session);
  const channel = await readChannel(ctx, name, session, identity.executed);
  const [cloning] = await session.rows(
    "SELECT COUNT(*) AS n FROM performance_schema.clone_status WHERE STATE = 'In Progress'",
  );
  return {
    name,
    reachable: true,
    ...identity,
    uptimeSeconds: Number(status.get("Uptime") ?? 0),
    terms: await readTerms(session),
    held: await readHold(session),
    channel,
    semiSync: semiSyncOf(all, status),
    cloning: numberOf(cloning, "n") > 0,
    variables,
    certificate: {
      served:
        session.certificate === undefined
          ? { error: "the connection showed none" }
          : { fingerprint: session.certificate },
      wanted: await ctx.secrets.fingerprint(name),
    },
    accounts: await readAccounts(ctx, session, channel === undefined),
    databases: (await session.rows("SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA"))
      .map((row) => textOf(row, "name"))
      .filter((schema) => !systemSchemas.includes(schema)),
  };
}

async function readIdentity(session: Session) {
  const [row] = await session.rows(
    `SELECT @@GLOBAL.version AS version, @@GLOBAL.server_uuid AS uuid, @@GLOBAL.server_id AS id,
            @@GLOBAL.read_only AS ro, @@GLOBAL.super_read_only AS sro,
            @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged`,
  );
  return {
    version: textOf(row, "version"),
    serverUuid: textOf(row, "uuid"),
    serverId: numberOf(row, "id"),
    readOnly: flagOf(row, "ro"),
    superReadOnly: flagOf(row, "sro"),
    executed: textOf(row, "executed"),
    purged: textOf(row, "purged"),
  };
}

async function readVariables(spec: MysqlSpec, name: InstanceName, session: Session) {
  const wanted = [...liveVariables(spec, name).keys()];
  const rows = await session.rows(
    "SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.global_variables WHERE VARIABLE_NAME IN (?)",
    [[...wanted, "rpl_semi_sync_source_enabled", "rpl_semi_sync_replica_enabled"]],
  );
  const all = new Map(rows.map((row) => [textOf(row, "name"), textOf(row, "value")]));
  const variables = Object.fromEntries([...all].filter(([key]) => wanted.includes(key)));
  return { variables, all };
}

async function readStatus(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await session.rows(
    `SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.global_status
      WHERE VARIABLE_NAME IN ('Uptime', 'Rpl_semi_sync_source_status', 'Rpl_semi_sync_source_clients',
                              'Rpl_semi_sync_replica_status')`,
  );
  return new Map(rows.map((row) => [textOf(row, "name"), textOf(row, "value")]));
}

const semiSyncOf = (
  variables: ReadonlyMap<string, string>,
  status: ReadonlyMap<string, string>,
): SemiSync => ({
  installed: variables.has("rpl_semi_sync_source_enabled"),
  sourceEnabled: variables.get("rpl_semi_sync_source_enabled") === "ON",
  sourceActive: status.get("Rpl_semi_sync_source_status") === "ON",
  clients: Number(status.get("Rpl_semi_sync_source_clients") ?? 0),
  replicaEnabled: variables.get("rpl_semi_sync_replica_enabled") === "ON",
  replicaActive: status.get("Rpl_semi_sync_replica_status") === "ON",
});

/** The options of a channel that `configure-replica` sets, as the server shows them. */
export const channelSettings = (instance: InstanceName): Readonly<Record<string, string>> => ({
  AUTO_POSITION: "1",
  SSL_ALLOWED: "YES",
  SSL_VERIFY_SERVER_CERTIFICATE: "YES",
  SSL_CA_FILE: `${secretsDir(instance)}/ca.crt`,
  SSL_CERTIFICATE: `${secretsDir(instance)}/tls.crt`,
  SSL_KEY: `${secretsDir(instance)}/tls.key`,
  CONNECTION_RETRY_INTERVAL: "1",
  HEARTBEAT_INTERVAL: "1",
});

async function readChannel(
  ctx: Ctx<MysqlSpec>,
  name: InstanceName,
  session: Session,
  executed: string,
): Promise<Channel | undefined> {
  const [row] = await session.rows(
    `SELECT c.*, s.SOURCE_UUID, s.SERVICE_STATE AS receiver, s.RECEIVED_TRANSACTION_SET AS received,
            s.LAST_ERROR_NUMBER AS receiver_error, s.LAST_ERROR_MESSAGE AS receiver_message,
            TIMESTAMPDIFF(MICROSECOND, GREATEST(s.LAST_HEARTBEAT_TIMESTAMP,
              s.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP), NOW(6)) DIV 1000 AS contact_ms,
            GREATEST(s.LAST_HEARTBEAT_TIMESTAMP, s.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP) > 0 AS contacted,
            a.SERVICE_STATE AS applier
       FROM performance_schema.replication_connection_configuration c
       JOIN performance_schema.replication_connection_status s USING (CHANNEL_NAME)
       JOIN performance_schema.replication_applier_status a USING (CHANNEL_NAME)
      WHERE CHANNEL_NAME = '' AND c.HOST <> ''`,
  );
  if (row === undefined) return undefined;
  const received = textOf(row, "received");
  const applier = await readApplier(session, received, executed);
  const settings = Object.entries(channelSettings(name));
  return {
    sourceHost: textOf(row, "HOST"),
    sourcePort: numberOf(row, "PORT"),
    sourceUuid: textOf(row, "SOURCE_UUID"),
    user: textOf(row, "USER"),
    settingsRight: settings.every(([column, value]) => sameValue(textOf(row, column), value)),
    passwordCurrent: await isChannelPassword(ctx, session),
    receiver: receiverOf(textOf(row, "receiver")),
    receiverError: numberOf(row, "receiver_error"),
    receiverMessage: textOf(row, "receiver_message"),
    applier: textOf(row, "applier") === "ON" ? "on" : "off",
    ...applier,
    received,
    contactAgeMs: flagOf(row, "contacted") ? Math.max(0, numberOf(row, "contact_ms")) : undefined,
  };
}

const receiverOf = (state: string): Channel["receiver"] =>
  state === "ON" ? "on" : state === "CONNECTING" ? "connecting" : "off";

/** The applier's error, whichever of its threads has it, and its delay. */
async function readApplier(session: Session, received: string, executed: string) {
  const [failure] = await session.rows(
    `SELECT LAST_ERROR_NUMBER AS number, LAST_ERROR_MESSAGE AS message FROM (
       SELECT LAST_ERROR_NUMBER, LAST_ERROR_MESSAGE FROM performance_schema.replication_applier_status_by_worker
        WHERE CHANNEL_NAME = '' AND LAST_ERROR_NUMBER <> 0
       UNION ALL
       SELECT LAST_ERROR_NUMBER, LAST_ERROR_MESSAGE FROM performance_schema.replication_applier_status_by_coordinator
        WHERE CHANNEL_NAME = '' AND LAST_ERROR_NUMBER <> 0) e LIMIT 1`,
  );
  const waiting = !isEmptyGtids(subtractGtids(parseGtids(received), parseGtids(executed)));
  const [lag] = waiting
    ? await session.rows(
        `SELECT TIMESTAMPDIFF(MICROSECOND, COALESCE(
                  MIN(CASE WHEN APPLYING_TRANSACTION <> '' THEN APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP END),
                  MAX(LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP)), NOW(6)) DIV 1000 AS ms
           FROM performance_schema.replication_applier_status_by_worker WHERE CHANNEL_NAME = ''`,
      )
    : [];
  return {
    applierError: numberOf(failure, "number"),
    applierMessage: textOf(failure, "message"),
    lagMs: Math.max(0, numberOf(lag, "ms")),
  };
}

/** Compared on the server by its digest: the stored password does not travel. */
async function isChannelPassword(ctx: Ctx<MysqlSpec>, session: Session): Promise<boolean> {
  const current = await ctx.secrets.value(secretOf(accountNames.replication));
  const digest = createHash("sha256").update(current).digest("hex");
  const [row] = await session.rows(
    "SELECT SHA2(User_password, 256) = ? AS same FROM mysql.slave_master_info WHERE Channel_name = ''",
    [digest],
  );
  return flagOf(row, "same");
}

/** No such database, no such table: a node without data. */
const absent = new Set([1049, 1146]);

async function orNothing(read: Promise<readonly Row[]>): Promise<readonly Row[]> {
  try {
    return await read;
  } catch (error) {
    if (absent.has(errnoOf(error) ?? 0)) return [];
    throw error;
  }
}

async function readTerms(session: Session): Promise<readonly Term[]> {
  const rows = await orNothing(
    session.rows(
      `SELECT epoch, mall, primary_instance, primary_uuid FROM ${metaSchema}.topology ORDER BY epoch`,
    ),
  );
  return rows.map((row) => ({
    epoch: numberOf(row, "epoch"),
    mall: textOf(row, "mall"),
    primary: textOf(row, "primary_instance"),
    serverUuid: textOf(row, "primary_uuid"),
  }));
}

/** Set in this life of the server and not over yet. */
async function readHold(session: Session): Promise<boolean> {
  const [row] = await orNothing(
    session.rows(
      `SELECT COUNT(*) AS n FROM ${metaSchema}.hold
        WHERE server_id = @@GLOBAL.server_id AND until_at > NOW(6)
          AND set_at > NOW(6) - INTERVAL (SELECT CAST(VARIABLE_VALUE AS UNSIGNED)
                FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Uptime') SECOND`,
    ),
  );
  return numberOf(row, "n") > 0;
}

const localSecretOf = (user: string, host: string): string | undefined =>
  user === agentUser && host === "%"
    ? localSecrets.agent.id
    : user === "root" && host === "localhost"
      ? localSecrets.root.id
      : undefined;

/** Names that are ours, whatever their host, and accounts without a name. Grants only where they are kept. */
async function readAccounts(
  ctx: Ctx<MysqlSpec>,
  session: Session,
  withGrants: boolean,
): Promise<readonly AccountState[]> {
  const planned = accounts(ctx.spec);
  const names = ["", agentUser, "root", ...planned.map((account) => account.user)];
  const rows = await session.rows(
    `SELECT User AS user, Host AS host, HEX(authentication_string) AS hash, ssl_type, max_user_connections,
            account_locked, User_attributes->>'$.additional_password' AS previous
       FROM mysql.user WHERE User IN (?) ORDER BY User, Host`,
    [names],
  );
  const found: AccountState[] = [];
  for (const row of rows) {
    const [user, host] = [textOf(row, "user"), textOf(row, "host")];
    const isPlanned = host === "%" && planned.some((account) => account.user === user);
    const secret = isPlanned ? secretOf(user) : localSecretOf(user, host);
    const grants = isPlanned && withGrants ? await session.rows("SHOW GRANTS FOR ?@?", [user, host]) : [];
    found.push({
      user,
      host,
      passwordCurrent:
        secret !== undefined && isPasswordOf(textOf(row, "hash"), await ctx.secrets.value(secret)),
      previousKept: textOf(row, "previous") !== "",
      rotating: secret !== undefined && (await ctx.secrets.previous(secret)) !== undefined,
      require: requireOf(textOf(row, "ssl_type")),
      maxUserConnections: numberOf(row, "max_user_connections"),
      locked: flagOf(row, "account_locked"),
      grants: parseGrants(grants.map((grant) => `${Object.values(grant)[0]}`)),
    });
  }
  return found;
}

const requireOf = (type: string): AccountState["require"] =>
  type === "" ? "NONE" : type === "ANY" ? "SSL" : type === "X509" ? "X509" : "OTHER";
