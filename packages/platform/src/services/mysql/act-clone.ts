/** Copying a whole node from another by MySQL's CLONE plugin ("Cloning Remote Data"). */
import { setTimeout as pause } from "node:timers/promises";
import type { InstanceName } from "../../plan/model.ts";
import type { Ctx } from "../service.ts";
import type { Action } from "./action.ts";
import { agentSession, errnoOf, textOf } from "./client.ts";
import { mysqlError } from "./errors.ts";
import { accountNames, nodeAddress, ports } from "./names.ts";
import type { MysqlSpec } from "./spec.ts";
import type { Step } from "./step.ts";
import { secretOf } from "./users.ts";

/** The copy itself is bounded by the action's own time limit: a large node takes as long as its disk. */
const cloneTimeoutMs = 24 * 3_600_000;
/** For the server to be back on its new data, ms. */
const restartWaitMs = 120_000;

/**
 * The recipient's data is replaced and the server restarts itself, so the connection ends with an error whether it
 * went well or not: only what the restarted server says of the copy counts. When the step's time is over before the
 * copy is, the server goes on by itself, and the next observation finds it cloning or done.
 */
export async function cloneReplica(
  { ctx, session }: Step,
  { target, donor }: Extract<Action, { kind: "clone-replica" }>,
): Promise<void> {
  await session.run("STOP REPLICA", [], 30_000);
  ctx.log({ level: "info", message: `${target} is copied from ${donor}`, instance: target, donor });
  // Dropping what is there counts as writing; `read_only` keeps clients out meanwhile, and the restart closes it again.
  await session.run("SET GLOBAL super_read_only = OFF");
  try {
    await session.run(
      "CLONE INSTANCE FROM ?@?:? IDENTIFIED BY ? REQUIRE SSL",
      [
        accountNames.backup,
        nodeAddress(donor),
        ports.mysql,
        await ctx.secrets.value(secretOf(accountNames.backup)),
      ],
      cloneTimeoutMs,
    );
  } catch (error) {
    if (isRefusal(error)) {
      await session.run("SET GLOBAL super_read_only = ON");
      throw error;
    }
  }
  await provenCopy(ctx, target);
}

/** 3707: no one would restart the server; every other number is an error of the copy itself. */
const isRefusal = (error: unknown): boolean => {
  const errno = errnoOf(error);
  return errno !== undefined && errno !== 3707 && errno !== 1053 && errno !== 2013;
};

async function provenCopy(ctx: Ctx<MysqlSpec>, target: InstanceName): Promise<void> {
  const until = ctx.now() + restartWaitMs;
  let read = "the server is not back yet";
  while (ctx.now() < until) {
    await pause(500, undefined, { signal: ctx.signal });
    try {
      const session = await agentSession(ctx, target);
      try {
        const [row] = await session.rows(
          "SELECT STATE AS state, ERROR_NO AS number, ERROR_MESSAGE AS message FROM performance_schema.clone_status",
        );
        const copied = textOf(row, "state");
        if (copied === "Completed") return;
        read = `${copied} ${textOf(row, "number")} ${textOf(row, "message")}`.trim();
        if (copied === "Failed") break;
      } finally {
        session.close();
      }
    } catch {
      // It restarts: asked again until its time is over.
    }
  }
  throw mysqlError.MYSQL_NOT_PROVEN({ action: "clone-replica", instance: target, read });
}
