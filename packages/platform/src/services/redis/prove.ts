/** Post-conditions: a command that was answered OK has not yet had its effect. */
import { setTimeout as sleep } from "node:timers/promises";
import type { InstanceName } from "../../plan/model.ts";
import type { ActionBase, Ctx } from "../service.ts";
import { asText, type Connection, withNode } from "./client.ts";
import { redisError } from "./errors.ts";
import { parseClusterNodes, parseInfo, type TableEntry } from "./topology.ts";

/**
 * Asks until `unmet` has nothing left to say.
 * @throws REDIS_NOT_PROVEN with what it said last, when the time is over.
 */
export async function proven(
  ctx: Pick<Ctx, "signal">,
  action: ActionBase,
  withinMs: number,
  unmet: () => Promise<string | undefined>,
): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    const saw = await unmet();
    if (saw === undefined) return;
    if (Date.now() >= end) {
      throw redisError.REDIS_NOT_PROVEN({
        action: action.kind,
        target: action.target,
        saw,
        waitedMs: withinMs,
      });
    }
    await sleep(50, undefined, { signal: ctx.signal });
  }
}

/** What a node knows of the cluster now. */
export const readTable = (ctx: Ctx, instance: InstanceName): Promise<readonly TableEntry[]> =>
  withNode(ctx, instance, tableOf);

const tableOf = async (node: Connection): Promise<readonly TableEntry[]> =>
  parseClusterNodes(asText(await node.send("CLUSTER", "NODES")));

/** The same, and where it looks for the master that it follows; undefined of a master. */
export const readFollowed = (
  ctx: Ctx,
  instance: InstanceName,
): Promise<{ readonly table: readonly TableEntry[]; readonly masterHost: string | undefined }> =>
  withNode(ctx, instance, async (node) => ({
    table: await tableOf(node),
    masterHost: parseInfo(asText(await node.send("INFO", "replication"))).get("master_host"),
  }));
