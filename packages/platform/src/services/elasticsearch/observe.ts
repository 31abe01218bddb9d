/** Reads all nodes at once, then from one of them what is the cluster's; what cannot be read is said in the state. */
import { MallError, messageOf } from "../../errors.ts";
import type { InstanceName } from "../../plan/model.ts";
import type { Ctx } from "../service.ts";
import { servedCertificate } from "../tls-probe.ts";
import { askFor, isRefusedLogin } from "./client.ts";
import { ports, workloadName } from "./names.ts";
import { observeCluster } from "./observe-cluster.ts";
import type { ElasticsearchSpec } from "./spec.ts";
import { type ElasticsearchState, isUp, type NodeState, type NodeUp } from "./state.ts";

export const instancesOf = (ctx: Pick<Ctx, "own">): readonly InstanceName[] =>
  ctx.own.workloads.filter((w) => w.name === workloadName).flatMap((w) => w.instances.map((i) => i.name));

export async function observeElasticsearch(ctx: Ctx<ElasticsearchSpec>): Promise<ElasticsearchState> {
  const nodes = await Promise.all(instancesOf(ctx).map((instance) => observeNode(ctx, instance)));
  // Whoever knows a master can answer for the cluster.
  const asked = nodes.find((n) => isUp(n) && n.master !== undefined);
  if (asked === undefined) return { at: ctx.now(), nodes, cluster: undefined, clusterError: undefined };
  try {
    const cluster = await observeCluster(ctx, asked.instance, nodes);
    return { at: ctx.now(), nodes, cluster, clusterError: undefined };
  } catch (error) {
    return {
      at: ctx.now(),
      nodes,
      cluster: undefined,
      clusterError: `${asked.instance}: ${causeOf(error)}`,
    };
  }
}

async function observeNode(ctx: Ctx<ElasticsearchSpec>, instance: InstanceName): Promise<NodeState> {
  try {
    const [info, view, certificate] = await Promise.all([
      askFor<NodesInfo>(ctx, instance, {
        path: `/_nodes/_local/settings,jvm,plugins?filter_path=${infoPaths}`,
      }),
      askFor<LocalView>(ctx, instance, {
        path: "/_cluster/state/master_node,nodes?local=true&filter_path=cluster_uuid,master_node,nodes.*.name",
      }),
      servedCertificate(ctx, instance, ports.http.name),
    ]);
    const files = await askFor<FilesView>(ctx, instance, {
      path: "/_nodes/_local/stats/process?filter_path=nodes.*.process.max_file_descriptors",
    });
    return nodeUp(instance, info, view, files, certificate);
  } catch (error) {
    const cause = causeOf(error);
    const kind = isRefusedLogin(error)
      ? "refused"
      : /certificate (has )?expired/i.test(cause)
        ? "expired"
        : "unreachable";
    return { instance, up: false, kind, error: cause };
  }
}

interface NodesInfo {
  readonly nodes: Readonly<
    Record<
      string,
      {
        readonly version: string;
        readonly roles: readonly string[];
        readonly attributes?: Readonly<Record<string, string>>;
        readonly settings?: {
          readonly indices?: { readonly fielddata?: { readonly cache?: { readonly size?: string } } };
          readonly node?: { readonly store?: { readonly allow_mmap?: string } };
        };
        readonly jvm: {
          readonly start_time_in_millis: number;
          readonly mem: { readonly heap_init_in_bytes: number; readonly heap_max_in_bytes: number };
          readonly using_compressed_ordinary_object_pointers: string;
        };
        readonly plugins?: readonly { readonly name: string }[];
      }
    >
  >;
}

interface LocalView {
  readonly cluster_uuid?: string;
  readonly master_node?: string;
  readonly nodes?: Readonly<Record<string, { readonly name: string }>>;
}

interface FilesView {
  readonly nodes?: Readonly<
    Record<string, { readonly process?: { readonly max_file_descriptors?: number } }>
  >;
}

const infoPaths = [
  "version",
  "roles",
  "attributes",
  "settings.indices.fielddata",
  "settings.node.store",
  "jvm.start_time_in_millis",
  "jvm.mem",
  "jvm.using_compressed_ordinary_object_pointers",
  "plugins.name",
]
  .map((path) => `nodes.*.${path}`)
  .join(",");

function nodeUp(
  instance: InstanceName,
  info: NodesInfo,
  view: LocalView,
  files: FilesView,
  certificate: NodeUp["certificate"],
): NodeUp {
  const [node] = Object.values(info.nodes);
  if (node === undefined) throw new Error("it says nothing of itself");
  const uuid = view.cluster_uuid;
  return {
    instance,
    up: true,
    version: node.version,
    clusterUuid: uuid === undefined || uuid === "_na_" ? undefined : uuid,
    master: view.master_node === undefined ? undefined : view.nodes?.[view.master_node]?.name,
    roles: node.roles,
    heapBytes: node.jvm.mem.heap_max_in_bytes,
    initialHeapBytes: node.jvm.mem.heap_init_in_bytes,
    compressedOops: node.jvm.using_compressed_ordinary_object_pointers === "true",
    fielddataCacheSize: node.settings?.indices?.fielddata?.cache?.size,
    mapsFiles: node.settings?.node?.store?.allow_mmap !== "false",
    checked: node.attributes?.checked !== "no",
    openFiles: Object.values(files.nodes ?? {})[0]?.process?.max_file_descriptors ?? 0,
    plugins: (node.plugins ?? []).map((p) => p.name),
    startedAt: node.jvm.start_time_in_millis,
    certificate,
  };
}

/** Some of the server's own errors are a page long. */
const causeOf = (error: unknown): string =>
  (error instanceof MallError && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)).slice(
    0,
    200,
  );
