/** `services.elasticsearch` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, ES). */
import { z } from "zod";
import { described } from "../../spec/described.ts";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";

export const nodeRoles = ["master", "data", "ingest"] as const;
export type NodeRole = (typeof nodeRoles)[number];

/** Names of users, roles and templates: what is valid for all of them, and in a file's name. */
const name = z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/);

const application = z.strictObject({
  indices: described(
    z.array(z.string().min(1)).min(1),
    "Patterns of the indices that it may use, and no others",
    "允许使用的索引的模式，除此之外均不可用",
  ),
});

const template = z.strictObject({
  patterns: described(
    z.array(z.string().min(1)).min(1),
    "Patterns of the indices that it is for",
    "适用的索引的模式",
  ),
  refreshInterval: described(
    milliseconds().prefault("1s"),
    "How soon a written document is found",
    "文档写入后多久可被搜索到",
  ),
  size: described(
    bytes().prefault("1Gi"),
    "What the largest of them is expected to grow to; shards follow from it",
    "其中最大的索引预计达到的大小；分片数由此得出",
  ),
  shards: described(
    z.number().int().min(1).max(64).optional(),
    "Left out: one for each 30Gi of the size",
    "不设置时：size 每 30Gi 一个分片",
  ),
  replicas: described(
    z.number().int().min(0).max(8).optional(),
    "Left out: 1 where there are several data nodes",
    "不设置时：有多个数据节点则为 1",
  ),
});
export type TemplateSpec = z.output<typeof template>;

export const elasticsearchSpec = z.strictObject({
  memory: described(
    bytes().prefault("2Gi"),
    "Memory limit of each node; the heap is half of it or less",
    "每个节点的内存上限；堆不超过其一半",
  ),
  cpus: described(cores().default(2), "Limit in cores of each node", "每个节点的 CPU 核数上限"),
  storage: described(
    bytes().prefault("20Gi"),
    "Size of each node's volume claim (Kubernetes)",
    "每个节点的 PVC 大小（Kubernetes）",
  ),
  snapshotStorage: described(
    bytes().prefault("20Gi"),
    "Size of the nodes' shared volume of snapshots (Kubernetes)",
    "各节点共享的快照卷大小（Kubernetes）",
  ),
  roles: described(
    z
      .array(z.array(z.enum(nodeRoles)).min(1))
      .min(1)
      .max(9)
      .default([
        ["master", "ingest"],
        ["master", "data", "ingest"],
        ["master", "data"],
      ]),
    "The nodes, each by the roles that it has",
    "全部节点，每个节点以其角色表示",
  ),
  heap: described(
    bytes().optional(),
    "Left out: half of the memory, less where the rest would not fit, at most 31Gi",
    "不设置时：内存的一半，余下部分不够用时更小，最大 31Gi",
  ),
  fielddataCacheRatio: described(
    z.number().min(0.01).max(0.39).default(0.2),
    "Part of the heap for sorting and grouping by text fields; below the breaker of 0.4",
    "堆中用于按 text 字段排序和聚合（fielddata）的比例；须低于熔断阈值 0.4",
  ),
  applications: described(
    z.record(name, application).default({ app: { indices: ["products*", "orders*", "app-*"] } }),
    "Users of applications, each with a role and a password of its own",
    "各应用的用户，每个都有自己的角色和密码",
  ),
  templates: described(
    z.record(name, template).prefault({
      products: { patterns: ["products*"], refreshInterval: "1s", size: "1Gi" },
      logs: { patterns: ["logs*"], refreshInterval: "30s", size: "30Gi" },
    }),
    "What new indices are made with, by their names",
    "新建索引所用的模板，以模板名称为键",
  ),
  settings: described(
    z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()])).default({}),
    "Further settings of the cluster, applied while it runs",
    "其他集群设置，在运行中应用",
  ),
});

export type ElasticsearchSpec = z.output<typeof elasticsearchSpec>;

/** What a profile sets where the user says nothing. */
export const elasticsearchProfiles: Readonly<Record<ProfileName, z.input<typeof elasticsearchSpec>>> = {
  small: { memory: "1Gi", storage: "5Gi", snapshotStorage: "5Gi" },
  standard: {},
  production: { memory: "8Gi", cpus: 4, storage: "100Gi", snapshotStorage: "200Gi" },
};

export const countOf = (spec: ElasticsearchSpec, role: NodeRole): number =>
  spec.roles.filter((roles) => roles.includes(role)).length;
