/**
 * One step on one server. The connection is opened first, then the whole service is observed and decided anew: the
 * step is done only if it is still among what follows, on what was seen no longer ago than allowed. The server itself
 * ends the connection when it is silent for longer than that, so a process that was put to sleep in between writes
 * into a closed connection.
 */
import type { Ctx } from "../service.ts";
import {
  bootstrap,
  createDatabase,
  discardLocalPassword,
  discardPreviousPassword,
  dropAccount,
  ensureAccount,
  rotateLocalPassword,
} from "./act-accounts.ts";
import { cloneReplica } from "./act-clone.ts";
import { configureReplica, removeChannel, restartReceiver, startReplica } from "./act-replication.ts";
import { closeWrites, openWrites, quiesce, switchSourceSemiSync } from "./act-writes.ts";
import type { Action } from "./action.ts";
import { agentSession, textOf } from "./client.ts";
import { sameValue } from "./config.ts";
import { staleAfterMs, stillRight } from "./decide.ts";
import { mysqlError } from "./errors.ts";
import { leadershipOf } from "./leadership.ts";
import { observe } from "./observe.ts";
import type { MysqlSpec } from "./spec.ts";
import type { State } from "./state.ts";
import type { Step } from "./step.ts";

/** @throws MYSQL_ACTION_OUTDATED, MYSQL_OBSERVATION_STALE, MYSQL_UNREACHABLE, MYSQL_NOT_PROVEN or the server's error. */
export async function act(ctx: Ctx<MysqlSpec>, action: Action): Promise<void> {
  const session = await agentSession(ctx, action.target);
  try {
    await session.run("SET SESSION wait_timeout = ?, lock_wait_timeout = ?", [
      Math.ceil(staleAfterMs / 1_000),
      2,
    ]);
    const state = await observe(ctx);
    if (!isRight(ctx.spec, state, action))
      throw mysqlError.MYSQL_ACTION_OUTDATED({ action: action.kind, instance: action.target });
    const ageMs = ctx.now() - state.observedAt;
    if (ageMs > staleAfterMs)
      throw mysqlError.MYSQL_OBSERVATION_STALE({ action: action.kind, ageMs, limitMs: staleAfterMs });
    ctx.signal.throwIfAborted();
    await perform({ ctx, session, state }, action);
  } finally {
    session.close();
  }
}

/** A planned stop is asked for and not decided; it is right on whoever is the open primary now. */
function isRight(spec: MysqlSpec, state: State, action: Action): boolean {
  if (action.kind !== "quiesce-primary") return stillRight(spec, state, action);
  const leadership = leadershipOf(state);
  return leadership.kind === "led" && leadership.primary?.name === action.target;
}

async function perform(step: Step, action: Action): Promise<void> {
  switch (action.kind) {
    case "bootstrap-primary":
      return bootstrap(step, action.target);
    case "open-writes":
      return openWrites(step, action);
    case "close-writes":
      return closeWrites(step, action.target);
    case "quiesce-primary":
      return quiesce(step, action.target);
    case "enable-source-semisync":
      return switchSourceSemiSync(step, action.target, true);
    case "disable-source-semisync":
      return switchSourceSemiSync(step, action.target, false);
    case "remove-channel":
      return removeChannel(step, action.target);
    case "configure-replica":
      return configureReplica(step, action);
    case "start-replica":
      return startReplica(step, action.target);
    case "restart-receiver":
      return restartReceiver(step, action.target);
    case "clone-replica":
      return cloneReplica(step, action);
    case "set-variable":
      return setVariable(step, action);
    case "reload-tls":
      return reloadTls(step, action.target);
    case "ensure-account":
      return ensureAccount(step, action.user);
    case "discard-previous-password":
      return discardPreviousPassword(step, action.user);
    case "drop-account":
      return dropAccount(step, action);
    case "rotate-local-password":
      return rotateLocalPassword(step, action);
    case "discard-local-password":
      return discardLocalPassword(step, action);
    case "create-database":
      return createDatabase(step, action.database);
  }
}

async function setVariable(
  { session }: Step,
  { target, variable, value }: Extract<Action, { kind: "set-variable" }>,
): Promise<void> {
  const typed = /^-?[0-9]+(\.[0-9]+)?$/.test(value) ? Number(value) : value;
  await session.run("SET GLOBAL ?? = ?", [variable, typed]);
  const [row] = await session.rows(
    "SELECT VARIABLE_VALUE AS value FROM performance_schema.global_variables WHERE VARIABLE_NAME = ?",
    [variable],
  );
  const read = textOf(row, "value");
  if (!sameValue(read, value))
    throw mysqlError.MYSQL_NOT_PROVEN({ action: `set ${variable}`, instance: target, read });
}

/** Both listeners have their own context; a new handshake on each shows what is served now. */
async function reloadTls({ ctx, session }: Step, target: string): Promise<void> {
  await session.run("ALTER INSTANCE RELOAD TLS");
  await session.run("ALTER INSTANCE RELOAD TLS FOR CHANNEL mysql_admin");
  const expected = await ctx.secrets.fingerprint(target);
  for (const port of ["admin", "mysql"] as const) {
    const again = await agentSession(ctx, target, port);
    again.close();
    if (again.certificate !== expected) {
      const read = `port ${port} still serves ${again.certificate ?? "no certificate"}`;
      throw mysqlError.MYSQL_NOT_PROVEN({ action: "reload-tls", instance: target, read });
    }
  }
}
