/** Reads all nodes at once, each within its own limit; what cannot be read is said in the state. */

import { MallError, messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import { patiently } from "../patience.ts";
import type { Ctx } from "../service.ts";
import { agentLogin, asPairs, asText, asTexts, type Connection, type Login, withNode } from "./client.ts";
import { normalised } from "./config.ts";
import { acceptedRules, type Expected, expectedOf, plannedSettings, sha256 } from "./expected.ts";
import { workloadName } from "./names.ts";
import type { RedisSpec } from "./spec.ts";
import type { NodeDown, NodeState, NodeUp, RedisState } from "./state.ts";
import { parseClusterNodes, parseInfo } from "./topology.ts";
import { parseListedUser, userDifference, usersOf } from "./users.ts";

/** Longest time for one node: connection, TLS, log-in and six questions take some 20 ms on one machine. */
const nodeTimeoutMs = 3_000;

export const instancesOf = (ctx: Pick<Ctx, "own">): readonly InstanceName[] =>
  ctx.own.workloads.filter((w) => w.name === workloadName).flatMap((w) => w.instances.map((i) => i.name));

export async function observeRedis(ctx: Ctx<RedisSpec>): Promise<RedisState> {
  const [expected, login] = await Promise.all([expectedOf(ctx), agentLogin(ctx)]);
  const nodes = await Promise.all(instancesOf(ctx).map((i) => observeNode(ctx, i, expected, login)));
  return { at: ctx.now(), nodes };
}

export async function observeNode(
  ctx: Ctx<RedisSpec>,
  instance: InstanceName,
  expected: Expected,
  login: Login,
): Promise<NodeState> {
  const resolved = addressesOf(ctx, instance);
  try {
    const wanted = await ctx.secrets.fingerprint(instance);
    const read = await withNode(ctx, instance, (node) => readNode(ctx, node, expected, wanted), {
      timeoutMs: patiently(ctx, nodeTimeoutMs),
      login,
      fingerprint: wanted,
    });
    return { ...read, addresses: await resolved, host: await hostOf(ctx, instance, read.runId) };
  } catch (error) {
    return { instance, up: false, addresses: await resolved, kind: kindOf(error), error: causeOf(error) };
  }
}

function kindOf(error: unknown): NodeDown["kind"] {
  if (error instanceof MallError && error.code === "REDIS_LOGIN_REFUSED") return "refused";
  const cause = causeOf(error);
  if (/^LOADING\b/.test(cause)) return "loading";
  return /certificate (has )?expired/i.test(cause) ? "expired" : "unreachable";
}

/** Some of the server's own errors are a page long. */
const causeOf = (error: unknown): string =>
  (error instanceof MallError && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)).slice(
    0,
    160,
  );

/** Empty where names of the mall mean nothing, as on the host, and for an instance that is stopped. */
const addressesOf = (ctx: Ctx, instance: InstanceName): Promise<readonly string[]> =>
  ctx.net.resolve(instance).catch(() => []);

async function readNode(
  ctx: Ctx<RedisSpec>,
  node: Connection,
  expected: Expected,
  wantedFingerprint: string | undefined,
): Promise<Omit<NodeUp, "addresses" | "host">> {
  const [table, clusterInfo, info, keys, listed, config] = await Promise.all([
    node.send("CLUSTER", "NODES").then((r) => parseClusterNodes(asText(r))),
    node.send("CLUSTER", "INFO").then((r) => parseInfo(asText(r))),
    node.send("INFO").then((r) => parseInfo(asText(r))),
    node.send("DBSIZE").then(Number),
    node.send("ACL", "LIST").then((r) => asTexts(r).map(parseListedUser)),
    node.send("CONFIG", "GET", "*").then(asPairs),
  ]);
  const self = table.find((e) => e.self);
  if (self === undefined) throw new Error("its table does not name itself");
  const number = (name: string): number => Number(info.get(name) ?? 0);
  const version = info.get("redis_version") ?? "";
  const replica = info.get("role") === "slave";
  return {
    instance: node.instance,
    up: true,
    id: self.id,
    table,
    self,
    clusterOk: clusterInfo.get("cluster_state") === "ok",
    currentEpoch: Number(clusterInfo.get("cluster_current_epoch") ?? 0),
    keys,
    version,
    runId: info.get("run_id") ?? "",
    uptimeSeconds: number("uptime_in_seconds"),
    offset: number(replica ? "slave_repl_offset" : "master_repl_offset"),
    masterLink: !replica
      ? undefined
      : info.get("master_sync_in_progress") === "1"
        ? "syncing"
        : info.get("master_link_status") === "up"
          ? "up"
          : "down",
    masterHost: replica ? info.get("master_host") : undefined,
    memory: {
      usedBytes: number("used_memory"),
      maxBytes: number("maxmemory"),
      evictedKeys: number("evicted_keys"),
    },
    clients: number("connected_clients"),
    persistence: {
      aofEnabled: info.get("aof_enabled") === "1",
      lastRdbOk: info.get("rdb_last_bgsave_status") === "ok",
      lastRdbAt: number("rdb_last_save_time"),
      changesSinceRdb: number("rdb_changes_since_last_save"),
      lastAofRewriteOk: info.get("aof_last_bgrewrite_status") === "ok",
      lastAofWriteOk: info.get("aof_last_write_status") === "ok",
      saving: info.get("rdb_bgsave_in_progress") === "1" || info.get("aof_rewrite_in_progress") === "1",
    },
    wrongUsers: usersOf(ctx.spec).flatMap((user) => {
      const difference = userDifference(
        user,
        expected.hashes.get(user.name) ?? [],
        listed.find((l) => l?.name === user.name),
        acceptedRules(version, user),
      );
      return difference === undefined ? [] : [{ user: user.name, difference }];
    }),
    drift: [...plannedSettings(ctx, node.instance)].flatMap(([key, wanted]) => {
      const is = config.get(key);
      // A setting that this version does not have is none that it can have wrong.
      return is === undefined || normalised(is) === wanted ? [] : [{ key, is, wanted }];
    }),
    replicationPasswordCurrent: sha256(config.get("masterauth") ?? "") === expected.replicationHash,
    certificate: { served: { fingerprint: node.fingerprint }, wanted: wantedFingerprint },
  };
}

/** The kernel's boot id names a machine; it is asked for once in a server's life. */
const hosts = new Map<string, string>();

async function hostOf(ctx: Ctx, instance: InstanceName, runId: string): Promise<string | undefined> {
  const known = hosts.get(runId);
  if (known !== undefined || ctx.inside === undefined) return known;
  try {
    const { code, stdout } = await ctx.inside.exec(instance, ["cat", "/proc/sys/kernel/random/boot_id"], {
      timeoutMs: patiently(ctx, nodeTimeoutMs),
    });
    if (code !== 0) return undefined;
    // Servers come and go: a handful of ids is all that is ever of use.
    if (hosts.size > 256) hosts.clear();
    hosts.set(runId, stdout.trim());
    return stdout.trim();
  } catch {
    return undefined;
  }
}
