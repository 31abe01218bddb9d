/** ES-1, ES-2, ES-4, ES-8: what each node is, by its own word. */
import { messageOf } from "../../../errors.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { formatBytes } from "../../../spec/units.ts";
import { text } from "../../../text.ts";
import type { Ctx } from "../../service.ts";
import { askFor } from "../client.ts";
import { workloadName } from "../names.ts";
import { mostHeapBytes, sizesOf } from "../sizing.ts";
import { type ElasticsearchSpec, nodeRoles } from "../spec.ts";
import { isUp } from "../state.ts";
import { deviates, type ElasticsearchCheck, eachNode, failed, onAllNodes, passed } from "./evidence.ts";

/** The plan's own number. */
const plannedNodes = 3;

export const version: ElasticsearchCheck = {
  id: "elasticsearch.version",
  requirements: ["ES-1"],
  title: text(
    "All nodes run the same 7.x and are members of one cluster",
    "所有节点运行相同的 7.x，且属于同一集群",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { right, evidence, up, state } = await eachNode(ctx, (node) => ({
      right: node.clusterUuid !== undefined && node.master !== undefined,
      read: `version ${node.version}, cluster ${node.clusterUuid ?? "none"}, master ${node.master ?? "none"}`,
    }));
    const versions = [...new Set(up.map((n) => n.version))];
    const clusters = new Set(up.map((n) => n.clusterUuid));
    const [only] = versions;
    const members = state.cluster?.members.length ?? 0;
    if (!right || only === undefined || versions.length !== 1 || clusters.size !== 1 || members !== up.length)
      return failed(text("not one version in one cluster", "版本或集群不一致"), evidence);
    const said = text(`Elasticsearch ${only}, ${members} nodes`, `Elasticsearch ${only}，${members} 个节点`);
    if (!only.startsWith("7.")) return failed(said, evidence);
    if (members === plannedNodes) return passed(said, evidence);
    return deviates(
      text(
        `${said.en}, by services.${workloadName}.roles`,
        `${said.zh}，由 services.${workloadName}.roles 指定`,
      ),
      evidence,
    );
  },
};

export const startUpChecks: ElasticsearchCheck = {
  id: "elasticsearch.start-up-checks",
  requirements: ["ES-1"],
  title: text(
    "Each node started with the server's own bootstrap checks",
    "每个节点启动时都通过了服务器自身的启动检查",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const { right, evidence, up } = await eachNode(ctx, (node) => ({
      right: node.checked,
      read: `${node.checked ? "started by the server's own main" : "started without its checks"}; ${node.openFiles} open files, files ${node.mapsFiles ? "mapped" : "read, not mapped"}`,
    }));
    if (right) return passed(onAllNodes(up.length), evidence);
    if (up.length < evidence.length)
      return failed(text("not every node answers", "并非每个节点都有应答"), evidence);
    return deviates(
      text(
        "this machine gives a container fewer than the 65,535 open files that the server insists on: the same node runs without its bootstrap checks and its security manager (`mall doctor` says how to raise the limit)",
        "本机能给容器的打开文件数少于服务器要求的 65,535：同一节点在没有启动检查和安全管理器的情况下运行（`mall doctor` 说明如何提高上限）",
      ),
      evidence,
    );
  },
};

export const roles: ElasticsearchCheck = {
  id: "elasticsearch.roles",
  requirements: ["ES-2"],
  title: text(
    "Roles are as planned, and no single node's loss takes one away",
    "角色符合规划，且任何单个节点失效都不会使某个角色消失",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const planned = new Map(
      ctx.own.workloads[0]?.instances.map((one, i) => [one.name, ctx.spec.roles[i] ?? []]),
    );
    const { right, evidence, up } = await eachNode(ctx, (node) => {
      const own = nodeRoles.filter((role) => node.roles.includes(role));
      const wanted = nodeRoles.filter((role) => planned.get(node.instance)?.includes(role));
      return { right: own.join() === wanted.join(), read: own.join(", ") };
    });
    if (!right) return failed(text("not the planned roles", "角色与规划不符"), evidence);
    const alone = nodeRoles.filter((role) => up.filter((n) => n.roles.includes(role)).length < 2);
    if (alone.length === 0)
      return passed(text("each role is held by two nodes or more", "每个角色至少由两个节点承担"), evidence);
    const detail = text(`one node alone holds ${alone.join(", ")}`, `${alone.join("、")} 仅由一个节点承担`);
    return ctx.site.accept.includes("ES-SPOF")
      ? { verdict: "accepted", detail, evidence }
      : failed(detail, evidence);
  },
};

export const heap: ElasticsearchCheck = {
  id: "elasticsearch.heap",
  requirements: ["ES-4"],
  title: text(
    "The heap is fixed, at most half of the container's memory, and below 32 GB",
    "堆大小固定，不超过容器内存的一半，且小于 32 GB",
  ),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const limits = new Map<InstanceName, number | string>();
    const first = await eachNode(ctx, () => ({ right: true, read: "" }));
    for (const { instance } of first.up) limits.set(instance, await limitOf(ctx, instance).catch(messageOf));
    const looks = first.state.nodes.map((node) => {
      if (!isUp(node)) return { right: false, evidence: { from: node.instance, read: node.error } };
      const limit = limits.get(node.instance);
      const right =
        node.heapBytes === node.initialHeapBytes &&
        node.heapBytes === sizesOf(ctx.spec).heapBytes &&
        typeof limit === "number" &&
        node.heapBytes <= limit / 2 &&
        node.heapBytes <= mostHeapBytes &&
        node.compressedOops;
      const read = `Xms ${formatBytes(node.initialHeapBytes)}, Xmx ${formatBytes(node.heapBytes)}, limit ${typeof limit === "number" ? formatBytes(limit) : limit}, compressed oops ${node.compressedOops}`;
      return { right, evidence: { from: node.instance, read } };
    });
    const evidence = looks.map((l) => l.evidence);
    return looks.length > 0 && looks.every((l) => l.right)
      ? passed(onAllNodes(looks.length), evidence)
      : failed(text("not so on every node", "并非每个节点都如此"), evidence);
  },
};

interface OsStats {
  readonly nodes?: Readonly<
    Record<
      string,
      {
        readonly os?: {
          readonly mem?: { readonly total_in_bytes?: number };
          readonly cgroup?: { readonly memory?: { readonly limit_in_bytes?: string } };
        };
      }
    >
  >;
}

/** The container's limit as the server reads it from its own cgroup; with version 2 it cannot, and the plan's holds. */
async function limitOf(ctx: Ctx<ElasticsearchSpec>, instance: InstanceName): Promise<number> {
  const path = "/_nodes/_local/stats/os?filter_path=nodes.*.os.cgroup.memory";
  const stats = await askFor<OsStats>(ctx, instance, { path });
  const read = Object.values(stats.nodes ?? {})[0]?.os?.cgroup?.memory?.limit_in_bytes;
  return read !== undefined && /^[0-9]+$/.test(read) ? Number(read) : ctx.spec.memory;
}

export const fielddata: ElasticsearchCheck = {
  id: "elasticsearch.fielddata-cache",
  requirements: ["ES-8"],
  title: text("The fielddata cache has a limit", "fielddata 缓存有上限"),
  kind: "read",
  needs: ["net"],
  async run(ctx) {
    const wanted = `${Math.round(ctx.spec.fielddataCacheRatio * 100)}%`;
    const { right, evidence, up } = await eachNode(ctx, (node) => ({
      right: node.fielddataCacheSize === wanted,
      read: `indices.fielddata.cache.size: ${node.fielddataCacheSize ?? "unbounded"}`,
    }));
    return right
      ? passed(
          text(
            `${wanted} of the heap, ${onAllNodes(up.length).en}`,
            `堆的 ${wanted}，${onAllNodes(up.length).zh}`,
          ),
          evidence,
        )
      : failed(text(`not ${wanted} on every node`, `并非每个节点都是 ${wanted}`), evidence);
  },
};
