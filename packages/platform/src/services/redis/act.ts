/**
 * One action on the real servers: its grounds are looked at again first, and its effect is read back. The same pure
 * decision that asked for it must still ask for it.
 */
import { isDeepStrictEqual } from "node:util";
import type { Ctx } from "../service.ts";
import type { ClusterAction, NodeAction, RedisAction } from "./actions.ts";
import { agentLogin, asTexts, type Connection, withNode } from "./client.ts";
import { decide } from "./decide.ts";
import { nodeActions } from "./decide-node.ts";
import { redisError } from "./errors.ts";
import { expectedOf, learnRules } from "./expected.ts";
import { handOver } from "./hand-over.ts";
import { meet } from "./meet.ts";
import { certificateFiles, secretId } from "./names.ts";
import { observeNode, observeRedis } from "./observe.ts";
import { proven, readFollowed, readTable } from "./prove.ts";
import { countSlots, subtractSlots } from "./slots.ts";
import type { RedisSpec } from "./spec.ts";
import type { TableEntry } from "./topology.ts";
import { parseListedUser, rulesOf, usersOf } from "./users.ts";

/** @throws REDIS_GROUNDS_GONE, REDIS_NOT_PROVEN, REDIS_NO_HEIR, REDIS_UNREACHABLE or the server's own error. */
export async function actRedis(ctx: Ctx<RedisSpec>, action: RedisAction): Promise<void> {
  switch (action.kind) {
    case "hand-over":
      return handOver(ctx, action);
    case "meet":
      return meet(ctx, action);
    case "set-user":
    case "set-config":
    case "set-replication-password":
    case "reload-certificate":
      return actOnNode(ctx, action);
    default:
      return actOnCluster(ctx, action);
  }
}

async function actOnNode(ctx: Ctx<RedisSpec>, action: NodeAction): Promise<void> {
  const observe = async () => {
    const node = await observeNode(ctx, action.target, await expectedOf(ctx), await agentLogin(ctx));
    if (!node.up) throw redisError.REDIS_UNREACHABLE({ instance: action.target, cause: node.error });
    return node;
  };
  const before = await observe();
  if (!stillAsked(action, nodeActions(before))) throw groundsGone(action);
  await withNode(ctx, action.target, (node) => apply(ctx, node, action, before.version));
  const after = await observe();
  const left = nodeActions(after).find((a) => a.kind === action.kind && sameUser(a, action));
  if (left !== undefined)
    throw redisError.REDIS_NOT_PROVEN({
      action: action.kind,
      target: action.target,
      saw: left.why,
      waitedMs: 0,
    });
}

const sameUser = (a: NodeAction, b: NodeAction): boolean =>
  a.kind !== "set-user" || b.kind !== "set-user" || a.user === b.user;

async function apply(
  ctx: Ctx<RedisSpec>,
  node: Connection,
  action: NodeAction,
  version: string,
): Promise<void> {
  switch (action.kind) {
    case "set-user":
      return setUser(ctx, node, action.user, version);
    case "set-config":
      for (const { key, value } of action.settings) await node.send("CONFIG", "SET", key, value);
      return;
    case "set-replication-password":
      await node.send("CONFIG", "SET", "masterauth", await ctx.secrets.value(secretId("replication")));
      return;
    case "reload-certificate": {
      // One file's setting makes the server read all of them again.
      const files = certificateFiles(action.target);
      await node.send("CONFIG", "SET", "tls-cert-file", files.cert);
      return;
    }
  }
}

async function setUser(ctx: Ctx<RedisSpec>, node: Connection, name: string, version: string): Promise<void> {
  const user = usersOf(ctx.spec).find((u) => u.name === name);
  const hashes = (await expectedOf(ctx)).hashes.get(name);
  if (user === undefined || hashes === undefined) throw new Error(`no user ${name} is planned`);
  // From 6.2 on channels are permissions too, and none is given by itself.
  const channels = user.keys.length > 0 && !/^6\.0\./.test(version) ? ["&*"] : [];
  // The server takes all of it or nothing, and clients that are logged in stay so.
  await node.send(
    ...["ACL", "SETUSER", name, "reset", "on"],
    ...hashes.map((h) => `#${h}`),
    ...channels,
    ...rulesOf(user).split(" "),
  );
  const listed = asTexts(await node.send("ACL", "LIST")).map(parseListedUser);
  const commands = listed.find((l) => l?.name === name)?.commands;
  if (commands !== undefined) learnRules(version, user, commands);
}

async function actOnCluster(ctx: Ctx<RedisSpec>, action: ClusterAction): Promise<void> {
  const state = await observeRedis(ctx);
  if (!stillAsked(action, decide(ctx.spec, state))) throw groundsGone(action);
  switch (action.kind) {
    case "claim-slots": {
      await withNode(ctx, action.target, async (node) => {
        if (action.epoch !== undefined) await node.send("CLUSTER", "SET-CONFIG-EPOCH", `${action.epoch}`);
        const slots = action.slots.flatMap((r) =>
          Array.from({ length: r.to - r.from + 1 }, (_, i) => `${r.from + i}`),
        );
        await node.send("CLUSTER", "ADDSLOTS", ...slots);
        // Among acquaintances the claim must outrank what anybody may remember of these slots.
        if (action.epoch === undefined) await node.send("CLUSTER", "BUMPEPOCH");
      });
      return prove(ctx, action, 2_000, (table) => {
        const missing = countSlots(subtractSlots(action.slots, table.find((e) => e.self)?.slots ?? []));
        return missing === 0 ? undefined : `${missing} slots without it`;
      });
    }
    case "replicate":
      await withNode(ctx, action.target, (node) => node.send("CLUSTER", "REPLICATE", action.masterId));
      return proven(ctx, action, 2_000, async () => {
        const { table, masterHost } = await readFollowed(ctx, action.target);
        const self = table.find((e) => e.self);
        if (self?.masterId !== action.masterId) return `role ${self?.role}`;
        const there = table.some((e) => e.id === action.masterId && e.host === masterHost);
        return there ? undefined : `it looks for its master at ${masterHost}`;
      });
    case "forget":
      await withNode(ctx, action.target, async (node) => {
        for (const id of action.ids) await node.send("CLUSTER", "FORGET", id);
      });
      return prove(ctx, action, 2_000, (table) => {
        const left = table.filter((e) => action.ids.includes(e.id));
        return left.length === 0 ? undefined : `${left.length} of them`;
      });
    case "failover": {
      const how = { planned: [], force: ["FORCE"], takeover: ["TAKEOVER"] }[action.how];
      await withNode(ctx, action.target, (node) => node.send("CLUSTER", "FAILOVER", ...how));
      return prove(ctx, action, 10_000, (table) => {
        const self = table.find((e) => e.self);
        return self?.role === "master" && self.slots.length > 0 ? undefined : `role ${self?.role}`;
      });
    }
  }
}

/** The reason may be worded by figures that move on; everything that is acted by must be the same. */
function stillAsked(action: RedisAction, now: readonly RedisAction[]): boolean {
  const { why: _, ...grounds } = action;
  return now.some(({ why: _now, ...again }) => isDeepStrictEqual(again, grounds));
}

const groundsGone = (action: RedisAction) =>
  redisError.REDIS_GROUNDS_GONE({ action: action.kind, target: action.target });

/** Asks the target for its table until `unmet` has nothing to say. */
const prove = (
  ctx: Ctx<RedisSpec>,
  action: ClusterAction,
  withinMs: number,
  unmet: (table: readonly TableEntry[]) => string | undefined,
): Promise<void> => proven(ctx, action, withinMs, async () => unmet(await readTable(ctx, action.target)));
