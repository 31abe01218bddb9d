/**
 * One action on the real cluster: the same pure decision must still ask for it after another look, and must ask for
 * it no more when it is done.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { InstanceName } from "../../plan/model.ts";
import type { Ctx } from "../service.ts";
import type { ClusterAction, ElasticsearchAction, PrepareRestart } from "./actions.ts";
import { askFor } from "./client.ts";
import { decide } from "./decide.ts";
import { elasticsearchError } from "./errors.ts";
import { mark, repositoryName, restartSetting, secretId, snapshotsFolder } from "./names.ts";
import { observeElasticsearch } from "./observe.ts";
import { countOf, type ElasticsearchSpec } from "./spec.ts";
import type { Cluster } from "./state.ts";
import { templatesOf } from "./templates.ts";
import { nativeUsers, rolesOf } from "./users.ts";

/** A change is at each node within a publication of the cluster's state; an index of users may have to be made first. */
const provenWithinMs = 10_000;
/** Making an index, verifying a repository on all nodes. */
const slowMs = 30_000;

/** @throws ELASTICSEARCH_GROUNDS_GONE, ELASTICSEARCH_NOT_PROVEN, ELASTICSEARCH_ANSWER, ELASTICSEARCH_UNREACHABLE. */
export async function actElasticsearch(
  ctx: Ctx<ElasticsearchSpec>,
  action: ElasticsearchAction,
): Promise<void> {
  if (action.kind === "prepare-restart") return prepareRestart(ctx, action);
  const before = await observeElasticsearch(ctx);
  if (before.cluster === undefined || !isAsked(action, decide(ctx.spec, before)))
    throw elasticsearchError.ELASTICSEARCH_GROUNDS_GONE({ action: action.kind, target: action.target });
  await apply(ctx, before.cluster, action);
  const end = Date.now() + provenWithinMs;
  for (;;) {
    const after = await observeElasticsearch(ctx);
    const left = decide(ctx.spec, after).find((a) => isSame(a, action));
    if (after.cluster !== undefined && left === undefined) return;
    if (Date.now() >= end)
      throw elasticsearchError.ELASTICSEARCH_NOT_PROVEN({
        action: action.kind,
        target: action.target,
        saw: left?.why ?? after.clusterError ?? "no master",
        waitedMs: provenWithinMs,
      });
    await sleep(100, undefined, { signal: ctx.signal });
  }
}

/** The reason may be worded by figures that move on; everything that is acted by must be the same. */
const isAsked = (action: ClusterAction, now: readonly ClusterAction[]): boolean => {
  const { why: _, ...grounds } = action;
  return now.some(({ why: _now, ...again }) => isDeepStrictEqual(again, grounds));
};

const isSame = (a: ClusterAction, b: ClusterAction): boolean =>
  a.kind === b.kind && ("name" in a ? a.name : "") === ("name" in b ? b.name : "");

async function apply(ctx: Ctx<ElasticsearchSpec>, cluster: Cluster, action: ClusterAction): Promise<void> {
  const send = (method: "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<unknown> =>
    askFor(ctx, cluster.askedOf, { method, path, body, timeoutMs: slowMs });
  const { spec } = ctx;
  switch (action.kind) {
    case "put-settings":
      await send("PUT", "/_cluster/settings", {
        persistent: action.settings,
        // A transient one would win over it until the cluster stops as a whole.
        transient: Object.fromEntries(Object.keys(action.settings).map((key) => [key, null])),
      });
      return;
    case "put-role": {
      const role = planned(rolesOf(spec), action.name);
      await send("PUT", `/_security/role/${role.name}`, {
        cluster: role.cluster,
        indices: role.indices,
        metadata: mark,
      });
      return;
    }
    case "put-user": {
      const user = planned(nativeUsers(spec), action.name);
      const isAbsent = cluster.users?.wrong.some((u) => u.name === user.name && u.difference === "absent");
      // A user that is there keeps its password: which one it must be is decided apart.
      const password = isAbsent === true ? { password: await ctx.secrets.value(secretId(user.name)) } : {};
      await send("PUT", `/_security/user/${user.name}`, {
        ...password,
        roles: [user.role],
        metadata: mark,
        enabled: true,
      });
      return;
    }
    case "set-password":
      await send("POST", `/_security/user/${action.name}/_password`, {
        password: await passwordOf(ctx, action.name, action.which),
      });
      return;
    case "put-template": {
      const template = planned(templatesOf(spec), action.name);
      await send("PUT", `/_index_template/${template.name}`, template.body);
      return;
    }
    case "put-repository":
      // It is verified on every node by the server itself: with one that cannot write there it is refused.
      await send("PUT", `/_snapshot/${repositoryName}`, {
        type: "fs",
        settings: { location: snapshotsFolder },
      });
      return;
    case "allocate-now":
      return allocateNow(ctx, cluster.askedOf);
    case "drop-role":
    case "drop-user":
      await send("DELETE", `/_security/${action.kind.slice("drop-".length)}/${action.name}`);
      return;
    case "drop-template":
      await send("DELETE", `/_index_template/${action.name}`);
      return;
    case "end-restart":
      await send("DELETE", "/_cluster/voting_config_exclusions?wait_for_removal=false");
      await send("PUT", "/_cluster/settings", { persistent: { [restartSetting]: null } });
      return;
  }
}

const delaySetting = "index.unassigned.node_left.delayed_timeout";

/** The delay is an index's setting and nothing else ends it: it is taken away, and given back when it has worked. */
async function allocateNow(ctx: Ctx<ElasticsearchSpec>, from: InstanceName): Promise<void> {
  const ask = <T>(path: string, body?: unknown): Promise<T> =>
    askFor<T>(ctx, from, { method: body === undefined ? "GET" : "PUT", path, body, timeoutMs: slowMs });
  const health = await ask<{ readonly indices?: Readonly<Record<string, unknown>> }>(
    "/_cluster/health?level=indices&expand_wildcards=all&filter_path=indices.*.status",
  );
  const settings = await ask<
    Readonly<Record<string, { readonly settings?: Readonly<Record<string, string>> }>>
  >(`/_all/_settings/${delaySetting}?flat_settings=true&expand_wildcards=all`);
  const indices = Object.keys(health.indices ?? {});
  const put = (index: string, value: string | null): Promise<unknown> =>
    ask(`/${index}/_settings`, { [delaySetting]: value });
  try {
    for (const index of indices) await put(index, "0");
  } finally {
    for (const index of indices) await put(index, settings[index]?.settings?.[delaySetting] ?? null);
  }
}

function planned<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not planned`);
  return found;
}

async function passwordOf(
  ctx: Ctx<ElasticsearchSpec>,
  user: string,
  which: "present" | "other",
): Promise<string> {
  const id = secretId(user);
  if (which === "present") return ctx.secrets.value(id);
  const other = await ctx.secrets.previous(id);
  if (other === undefined)
    throw elasticsearchError.ELASTICSEARCH_GROUNDS_GONE({ action: "set-password", target: user });
  return other;
}

/**
 * What was written is on disk in full, so that the node is back the sooner. Of two nodes that vote only one's vote
 * counts, and stopping it would stop the cluster: its vote goes to the other one first. Three do without.
 */
async function prepareRestart(ctx: Ctx<ElasticsearchSpec>, action: PrepareRestart): Promise<void> {
  const { cluster } = await observeElasticsearch(ctx);
  if (cluster === undefined)
    throw elasticsearchError.ELASTICSEARCH_GROUNDS_GONE({ action: action.kind, target: action.target });
  const send = (path: string, method: "POST" | "PUT", body?: unknown): Promise<unknown> =>
    askFor(ctx, cluster.askedOf, { method, path, body, timeoutMs: slowMs });
  await send("/_flush?ignore_unavailable=true", "POST");
  if (!needsExclusion(ctx.spec, ctx.own.workloads[0]?.instances.map((i) => i.name) ?? [], action.target))
    return;
  await send("/_cluster/settings", "PUT", {
    persistent: { [restartSetting]: `${action.target} ${ctx.now()}` },
  });
  await send(`/_cluster/voting_config_exclusions?node_names=${action.target}`, "POST");
}

export const needsExclusion = (
  spec: ElasticsearchSpec,
  instances: readonly InstanceName[],
  instance: InstanceName,
): boolean =>
  countOf(spec, "master") === 2 && spec.roles[instances.indexOf(instance)]?.includes("master") === true;
