/** Opening, closing and quiescing a node; semi-sync's source side. */
import { setTimeout as pause } from "node:timers/promises";
import type { InstanceName } from "../../plan/model.ts";
import type { Action } from "./action.ts";
import { errnoOf, numberOf, type Session, textOf } from "./client.ts";
import { mysqlError } from "./errors.ts";
import { accountNames, agentUser, metaSchema } from "./names.ts";
import { isOn, type Step } from "./step.ts";

/** How long a planned stop waits for running transactions before it cuts them, ms. */
const drainMs = 5_000;
/** A planned stop that does not come opens again after this, s. */
export const holdSeconds = 120;

/** `ER_LOCK_WAIT_TIMEOUT`: a commit that waits for its acknowledgement holds off the change to read-only. */
const lockWaitTimeout = 1205;

export async function openWrites(
  { ctx, session }: Step,
  { target }: Extract<Action, { kind: "open-writes" }>,
): Promise<void> {
  // The one condition that could have changed under us without the agent: a replica gone in the last moment.
  if (ctx.spec.replication === "semi-sync" && !(await isOn(session, "rpl_semi_sync_source_enabled")))
    throw mysqlError.MYSQL_ACTION_OUTDATED({ action: "open-writes", instance: target });
  await session.run("SET GLOBAL read_only = OFF");
  if (await isOn(session, "super_read_only"))
    throw mysqlError.MYSQL_NOT_PROVEN({
      action: "open-writes",
      instance: target,
      read: "super_read_only=ON",
    });
}

/**
 * Whatever clients were doing ends without an answer: a commit that waited for an acknowledgement may or may not
 * have happened, which is what a lost connection tells them.
 */
export async function closeWrites({ session }: Step, target: InstanceName): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await session.run("SET GLOBAL super_read_only = ON", [], 5_000);
      break;
    } catch (error) {
      if (errnoOf(error) !== lockWaitTimeout || attempt === 3) throw error;
      await cutClients(session);
    }
  }
  await cutClients(session);
  if (!(await isOn(session, "super_read_only")) || !(await isOn(session, "read_only")))
    throw mysqlError.MYSQL_NOT_PROVEN({ action: "close-writes", instance: target, read: "read_only=OFF" });
}

/** Connections that are neither ours nor the server's own: an old primary's clients must find the new one. */
async function clientsOf(session: Session): Promise<readonly number[]> {
  const rows = await session.rows(
    `SELECT PROCESSLIST_ID AS id FROM performance_schema.threads
      WHERE TYPE = 'FOREGROUND' AND PROCESSLIST_ID IS NOT NULL AND PROCESSLIST_ID <> CONNECTION_ID()
        AND PROCESSLIST_USER IS NOT NULL AND PROCESSLIST_USER NOT IN (?)`,
    [[agentUser, "root", "system user", "event_scheduler", ...serviceUsers]],
  );
  return rows.map((row) => numberOf(row, "id"));
}
const serviceUsers = [accountNames.replication, accountNames.exporter, accountNames.backup];

async function cutClients(session: Session): Promise<void> {
  for (const id of await clientsOf(session)) {
    // 1094: it has left by itself.
    await session.run("KILL CONNECTION ?", [id]).catch((error: unknown) => {
      if (errnoOf(error) !== 1094) throw error;
    });
  }
}

/**
 * For a planned stop: the hold is written first, so that the loop does not open again what is closed on purpose; new
 * writes are refused; what runs may end within its time; then clients are cut and meet whoever is primary next.
 */
export async function quiesce(step: Step, target: InstanceName): Promise<void> {
  const { session } = step;
  if (!(await isOn(session, "super_read_only"))) {
    await session.run(
      `REPLACE INTO ${metaSchema}.hold (server_id, set_at, until_at)
       VALUES (@@GLOBAL.server_id, NOW(6), NOW(6) + INTERVAL ? SECOND)`,
      [holdSeconds],
      5_000,
    );
  }
  const until = step.ctx.now() + drainMs;
  // New transactions would keep the drain from ever ending: read-only first, waiting for no running commit.
  await session.run("SET GLOBAL super_read_only = ON", [], 5_000).catch((error: unknown) => {
    if (errnoOf(error) !== lockWaitTimeout) throw error;
  });
  while (step.ctx.now() < until && (await runningTransactions(session)) > 0) {
    await pause(100, undefined, { signal: step.ctx.signal });
  }
  await closeWrites(step, target);
}

async function runningTransactions(session: Session): Promise<number> {
  const [row] = await session.rows(
    "SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id <> CONNECTION_ID()",
  );
  return numberOf(row, "n");
}

/** How long after switching it on the source may take to see its replicas as acknowledging, ms. */
const semiSyncSettleMs = 2_000;

export async function switchSourceSemiSync(
  { ctx, session }: Step,
  target: InstanceName,
  on: boolean,
): Promise<void> {
  await session.run("SET GLOBAL rpl_semi_sync_source_enabled = ?", [on ? "ON" : "OFF"]);
  const until = ctx.now() + semiSyncSettleMs;
  for (;;) {
    const read = await semiSyncStatus(session);
    if (read === (on ? "ON" : "OFF")) return;
    if (ctx.now() > until)
      throw mysqlError.MYSQL_NOT_PROVEN({
        action: on ? "enable-source-semisync" : "disable-source-semisync",
        instance: target,
        read: `Rpl_semi_sync_source_status=${read}`,
      });
    await pause(50, undefined, { signal: ctx.signal });
  }
}

async function semiSyncStatus(session: Session): Promise<string> {
  const [row] = await session.rows("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_source_status'");
  return textOf(row, "Value");
}
