/** A planned change of roles: a master gives its slots to a replica that has all of its data, and becomes one. */
import type { Ctx } from "../service.ts";
import type { HandOver } from "./actions.ts";
import { withNode } from "./client.ts";
import { redisError } from "./errors.ts";
import { observeRedis } from "./observe.ts";
import { proven } from "./prove.ts";
import type { RedisSpec } from "./spec.ts";
import { isUp } from "./state.ts";
import { replicasOf, viewOf } from "./view.ts";

/** The server pauses its clients for at most twice 5 s in a manual failover (CLUSTER FAILOVER); usually for ms. */
const handOverMs = 10_000;

/**
 * Nothing to do for a node that masters nothing. The heir is the replica that is furthest; it asks its master to
 * stop its clients, waits until it has everything, and takes over by vote: no write that was answered is lost
 * (redis.io/docs, CLUSTER FAILOVER).
 * @throws REDIS_NO_HEIR when no replica follows it now, REDIS_NOT_PROVEN when roles did not change in time.
 */
export async function handOver(ctx: Ctx<RedisSpec>, action: HandOver): Promise<void> {
  const view = viewOf(await observeRedis(ctx));
  const master = view.owners.find((n) => n.instance === action.target);
  if (master === undefined) return;
  const [heir] = replicasOf(view, master)
    .filter((n) => n.masterLink === "up")
    .sort((a, b) => b.offset - a.offset);
  if (heir === undefined) throw redisError.REDIS_NO_HEIR({ instance: action.target });
  await withNode(ctx, heir.instance, (node) => node.send("CLUSTER", "FAILOVER"));
  await proven(ctx, action, handOverMs, async () => {
    const nodes = (await observeRedis(ctx)).nodes.filter(isUp);
    const then = nodes.find((n) => n.instance === heir.instance)?.self;
    const now = nodes.find((n) => n.instance === action.target)?.self;
    if (then?.role !== "master" || then.slots.length === 0) return `${heir.instance} as ${then?.role}`;
    return now?.role === "replica" ? undefined : `${action.target} as ${now?.role}`;
  });
}
