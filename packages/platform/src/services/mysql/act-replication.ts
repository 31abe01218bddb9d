/** A replica's channel: made, resumed, removed. Nothing that it has received and acknowledged is dropped on the way. */
import { setTimeout as pause } from "node:timers/promises";
import type { InstanceName } from "../../plan/model.ts";
import { secretsDir } from "../../plan/names.ts";
import type { Action } from "./action.ts";
import { numberOf, type Session, textOf } from "./client.ts";
import { mysqlError } from "./errors.ts";
import { countGtids, parseGtids, subtractGtids } from "./gtid.ts";
import { accountNames, nodeAddress, ports } from "./names.ts";
import type { Step } from "./step.ts";
import { secretOf } from "./users.ts";

/** For a stopped receiver's last transactions to be applied, ms; more is left to the next try. */
const applyWaitMs = 10_000;
/** For threads to run after they were started, ms: connecting takes one retry at most. */
const startWaitMs = 5_000;

/** `STOP REPLICA` waits for the applier to end its transaction. */
const stopTimeoutMs = 30_000;

export async function configureReplica(
  step: Step,
  action: Extract<Action, { kind: "configure-replica" }>,
): Promise<void> {
  const { ctx, session } = step;
  const { target, source } = action;
  await session.run("STOP REPLICA IO_THREAD", [], stopTimeoutMs);
  // CHANGE REPLICATION SOURCE deletes the relay logs: first all of them is applied, unless they cannot be read.
  if (!action.discardRelayLogs) await applyReceived(step, target);
  await session.run("STOP REPLICA", [], stopTimeoutMs);
  if (action.discardRelayLogs) await session.run("RESET REPLICA", [], stopTimeoutMs);
  const secrets = secretsDir(target);
  await session.run(
    `CHANGE REPLICATION SOURCE TO
       SOURCE_HOST = ?, SOURCE_PORT = ?, SOURCE_USER = ?, SOURCE_PASSWORD = ?, SOURCE_AUTO_POSITION = 1,
       SOURCE_SSL = 1, SOURCE_SSL_VERIFY_SERVER_CERT = 1, SOURCE_TLS_VERSION = 'TLSv1.2,TLSv1.3',
       SOURCE_SSL_CA = ?, SOURCE_SSL_CERT = ?, SOURCE_SSL_KEY = ?,
       SOURCE_HEARTBEAT_PERIOD = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 86400`,
    [
      nodeAddress(source),
      ports.mysql,
      accountNames.replication,
      await ctx.secrets.value(secretOf(accountNames.replication)),
      `${secrets}/ca.crt`,
      `${secrets}/tls.crt`,
      `${secrets}/tls.key`,
    ],
    stopTimeoutMs,
  );
  await startAndProve(step, target, "configure-replica");
}

/** @throws MYSQL_STILL_APPLYING when the applier does not get there in its time. */
async function applyReceived({ ctx, session }: Step, target: InstanceName): Promise<void> {
  const until = ctx.now() + applyWaitMs;
  for (;;) {
    const left = await unapplied(session);
    if (left === 0) return;
    if (ctx.now() > until) throw mysqlError.MYSQL_STILL_APPLYING({ instance: target, transactions: left });
    await pause(100, undefined, { signal: ctx.signal });
  }
}

/** Transactions received and not applied. */
async function unapplied(session: Session): Promise<number> {
  const [row] = await session.rows(
    `SELECT RECEIVED_TRANSACTION_SET AS received, @@GLOBAL.gtid_executed AS executed
       FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME = ''`,
  );
  return countGtids(subtractGtids(parseGtids(textOf(row, "received")), parseGtids(textOf(row, "executed"))));
}

export async function startReplica(step: Step, target: InstanceName): Promise<void> {
  await startAndProve(step, target, "start-replica");
}

export async function restartReceiver(step: Step, target: InstanceName): Promise<void> {
  await step.session.run("STOP REPLICA IO_THREAD", [], stopTimeoutMs);
  await startAndProve(step, target, "restart-receiver");
}

/** "Command sent" is no success: the threads must be seen running. */
async function startAndProve({ ctx, session }: Step, target: InstanceName, action: string): Promise<void> {
  await session.run("START REPLICA", [], stopTimeoutMs);
  const until = ctx.now() + startWaitMs;
  for (;;) {
    const [row] = await session.rows(
      `SELECT s.SERVICE_STATE AS receiver, a.SERVICE_STATE AS applier, s.LAST_ERROR_MESSAGE AS message
         FROM performance_schema.replication_connection_status s
         JOIN performance_schema.replication_applier_status a USING (CHANNEL_NAME) WHERE CHANNEL_NAME = ''`,
    );
    const [receiver, applier] = [textOf(row, "receiver"), textOf(row, "applier")];
    if (receiver === "ON" && applier === "ON") return;
    if (ctx.now() > until || applier === "OFF") {
      const read = `receiver ${receiver}, applier ${applier} ${textOf(row, "message")}`.trim();
      throw mysqlError.MYSQL_NOT_PROVEN({ action, instance: target, read });
    }
    await pause(50, undefined, { signal: ctx.signal });
  }
}

/** For a new primary: what it received as a replica is applied, so nothing is lost with the channel. */
export async function removeChannel(step: Step, target: InstanceName): Promise<void> {
  const { session } = step;
  await session.run("STOP REPLICA IO_THREAD", [], stopTimeoutMs);
  await applyReceived(step, target);
  await session.run("STOP REPLICA", [], stopTimeoutMs);
  await session.run("RESET REPLICA ALL", [], stopTimeoutMs);
  const [row] = await session.rows(
    "SELECT COUNT(*) AS n FROM performance_schema.replication_connection_configuration WHERE HOST <> ''",
  );
  if (numberOf(row, "n") > 0)
    throw mysqlError.MYSQL_NOT_PROVEN({ action: "remove-channel", instance: target, read: "still there" });
}
