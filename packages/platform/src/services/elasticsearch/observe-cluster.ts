/** What is the cluster's and not a node's, asked of one node that knows a master. */
import { isDeepStrictEqual } from "node:util";
import type { InstanceName } from "../../plan/model.ts";
import type { Ctx } from "../service.ts";
import { ask, askFor } from "./client.ts";
import { isOurs, repositoryName, restartSetting, snapshotsFolder } from "./names.ts";
import { observeUsers } from "./observe-users.ts";
import { countOf, type ElasticsearchSpec } from "./spec.ts";
import type { Cluster, Difference, NodeState } from "./state.ts";
import { clusterSettings, templatesOf } from "./templates.ts";
import { nativeUsers, type Role, rolesOf } from "./users.ts";

/** @throws what `askFor` throws: an answer that is missing is no ground for anything. */
export async function observeCluster(
  ctx: Ctx<ElasticsearchSpec>,
  from: InstanceName,
  nodes: readonly NodeState[],
): Promise<Cluster> {
  const { spec } = ctx;
  const get = <T>(path: string): Promise<T> => askFor<T>(ctx, from, { path });
  const [state, health, settings, templates, roles, users, repository] = await Promise.all([
    get<ClusterStateView>(`/_cluster/state/master_node,nodes,metadata,blocks?filter_path=${statePaths}`),
    get<Health>(`/_cluster/health?level=indices&filter_path=${healthPaths}`),
    get<SettingsView>("/_cluster/settings?flat_settings=true"),
    get<TemplatesView>("/_index_template"),
    get<Readonly<Record<string, RoleView>>>("/_security/role"),
    observeUsers(ctx, from, nodes),
    ask(ctx, from, { path: `/_snapshot/${repositoryName}` }),
  ]);
  const nameOf = (id: string | undefined): string | undefined =>
    id === undefined ? undefined : state.nodes?.[id]?.name;
  const master = nameOf(state.master_node);
  if (master === undefined || state.cluster_uuid === undefined) throw new Error("it has lost its master");
  // Settings, templates and users look absent until then, and are not.
  if (state.blocks?.global?.[notRecovered] !== undefined)
    throw new Error("it has yet to read its own metadata");
  const wanted = templatesOf(spec);
  const present = new Map((templates.index_templates ?? []).map((t) => [t.name, t.index_template]));
  const planned = rolesOf(spec);
  const notGreen = Object.entries(health.indices ?? {}).filter(([, index]) => index.status !== "green");
  const holders = countOf(spec, "data");
  const asksTooMuch = (index: IndexHealth): boolean =>
    index.number_of_replicas >= holders && index.active_primary_shards === index.number_of_shards;
  return {
    askedOf: from,
    uuid: state.cluster_uuid,
    master,
    members: Object.values(state.nodes ?? {})
      .map((n) => n.name)
      .sort(),
    status: health.status,
    unassigned: health.unassigned_shards,
    delayed: health.delayed_unassigned_shards,
    wantTooMany: notGreen.filter(([, index]) => asksTooMuch(index)).map(([name]) => name),
    notGreen: notGreen.filter(([, index]) => !asksTooMuch(index)).map(([name]) => name),
    wrongSettings: Object.entries(clusterSettings(spec)).flatMap(([key, value]) => {
      const is = settings.transient[key] ?? settings.persistent[key] ?? "";
      return is === value ? [] : [{ key, is, wanted: value }];
    }),
    wrongTemplates: wanted.flatMap(({ name, body }): readonly Difference[] => {
      const found = present.get(name);
      if (found === undefined) return [{ name, difference: "absent" }];
      const { composed_of: _, ...own } = found;
      return isDeepStrictEqual(own, body) ? [] : [{ name, difference: "other than planned" }];
    }),
    wrongRoles: planned.flatMap((role) => {
      const found = roles[role.name];
      const difference =
        found === undefined ? "absent" : isAs(found, role) ? undefined : "has other privileges";
      return difference === undefined ? [] : [{ name: role.name, difference }];
    }),
    users: users?.view,
    surplus: [
      ...[...present]
        .filter(([name, t]) => isOurs(t._meta) && !wanted.some((w) => w.name === name))
        .map(([name]) => ({ kind: "template", name }) as const),
      ...Object.entries(roles)
        .filter(([name, role]) => isOurs(role.metadata) && !planned.some((r) => r.name === name))
        .map(([name]) => ({ kind: "role", name }) as const),
      ...(users?.ours ?? [])
        .filter((name) => !nativeUsers(spec).some((u) => u.name === name))
        .map((name) => ({ kind: "user", name }) as const),
    ],
    repository: repositoryState(repository),
    exclusions: (state.metadata?.cluster_coordination?.voting_config_exclusions ?? []).map(
      (e) => e.node_name,
    ),
    restart: restartOf(settings.persistent[restartSetting]),
  };
}

interface ClusterStateView {
  readonly cluster_uuid?: string;
  readonly master_node?: string;
  readonly nodes?: Readonly<Record<string, { readonly name: string }>>;
  readonly blocks?: { readonly global?: Readonly<Record<string, unknown>> };
  readonly metadata?: {
    readonly cluster_coordination?: {
      readonly voting_config_exclusions?: readonly { readonly node_name: string }[];
    };
  };
}

/** Id of the server's block from a full restart until the metadata was read (GatewayService). */
const notRecovered = "1";

const statePaths =
  "cluster_uuid,master_node,nodes.*.name,blocks.global,metadata.cluster_coordination.voting_config_exclusions";

interface IndexHealth {
  readonly status: string;
  readonly number_of_shards: number;
  readonly number_of_replicas: number;
  readonly active_primary_shards: number;
}

interface Health {
  readonly status: Cluster["status"];
  readonly unassigned_shards: number;
  readonly delayed_unassigned_shards: number;
  readonly indices?: Readonly<Record<string, IndexHealth>>;
}

const healthPaths = [
  "status",
  "unassigned_shards",
  "delayed_unassigned_shards",
  ...["status", "number_of_shards", "number_of_replicas", "active_primary_shards"].map(
    (p) => `indices.*.${p}`,
  ),
].join(",");

interface SettingsView {
  readonly persistent: Readonly<Record<string, string>>;
  readonly transient: Readonly<Record<string, string>>;
}

interface TemplatesView {
  readonly index_templates?: readonly {
    readonly name: string;
    readonly index_template: {
      readonly composed_of?: readonly string[];
      readonly _meta?: unknown;
      readonly [key: string]: unknown;
    };
  }[];
}

interface RoleView {
  readonly cluster: readonly string[];
  readonly indices: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[];
  readonly applications?: readonly unknown[];
  readonly run_as?: readonly string[];
  readonly metadata?: unknown;
}

/** More than was planned is as wrong as less. */
const isAs = (found: RoleView, role: Role): boolean =>
  isOurs(found.metadata) &&
  (found.applications ?? []).length === 0 &&
  (found.run_as ?? []).length === 0 &&
  sameSet(found.cluster, role.cluster) &&
  found.indices.length === role.indices.length &&
  found.indices.every((entry, i) => {
    const other = role.indices[i];
    return (
      other !== undefined && sameSet(entry.names, other.names) && sameSet(entry.privileges, other.privileges)
    );
  });

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join("\n") === [...b].sort().join("\n");

function repositoryState(answer: { readonly status: number; readonly body: unknown }): Cluster["repository"] {
  if (answer.status === 404) return "absent";
  const found = (answer.body as Readonly<Record<string, RepositoryView | undefined>>)[repositoryName];
  return found?.type === "fs" && found.settings?.location === snapshotsFolder ? undefined : "other";
}

interface RepositoryView {
  readonly type: string;
  readonly settings?: { readonly location?: string };
}

/** `elasticsearch-1 1795500000000`: whom, and since when. */
export function restartOf(text: string | undefined): Cluster["restart"] {
  const [instance, since] = (text ?? "").split(" ");
  return instance === undefined || instance === "" || !/^[0-9]+$/.test(since ?? "")
    ? undefined
    : { instance, since: Number(since) };
}
