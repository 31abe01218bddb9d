/** What is wrong or risky in an Elasticsearch spec before anything runs: one function a rule, with source and fix. */
import type { Finding } from "../../rules/finding.ts";
import type { Site } from "../../spec/site.ts";
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import { workloadName } from "./names.ts";
import { leastHeapBytes, leastMemoryBytes, mostHeapBytes, shardsOf, sizesOf } from "./sizing.ts";
import { countOf, type ElasticsearchSpec, nodeRoles } from "./spec.ts";
import { clusterSettings } from "./templates.ts";
import { takenNames } from "./users.ts";

type Rule = (spec: ElasticsearchSpec, site: Site) => readonly Finding[];

const manual = "https://www.elastic.co/guide/en/elasticsearch/reference/7.10";
const at = (key: string): string => `services.${workloadName}.${key}`;
const GiB = 2 ** 30;
const plain = { templates: {}, settings: {} };

const version: Rule = (_spec, site) => {
  if (site.images[workloadName] !== undefined) return [];
  return [
    {
      id: "ES-EOL",
      severity: "info",
      path: `images.${workloadName}`,
      reason: text(
        "The built image carries 7.10.2 with a newer log4j, the last 7.x that a package registry has whole. Its makers no longer maintain it.",
        "内置镜像为 7.10.2，并更新了 log4j，是软件包仓库中可完整获得的最后一个 7.x 版本。上游已不再维护。",
      ),
      fix: text(
        "Name the official 7.17 image with its plugin analysis-smartcn in images.elasticsearch.",
        "可在 images.elasticsearch 中指定安装了 analysis-smartcn 插件的官方 7.17 镜像。",
      ),
      source: "https://www.elastic.co/support/eol",
      acceptable: true,
    },
  ];
};

const roles: Rule = (spec) =>
  nodeRoles
    .filter((role) => role !== "ingest" && countOf(spec, role) === 0)
    .map((role) => ({
      id: "ES-ROLES",
      severity: "error",
      path: at("roles"),
      reason: text(
        `no node has the role ${role}: the cluster cannot work`,
        `没有节点具有 ${role} 角色：集群无法工作`,
      ),
      fix: text(`give it to one node, better to several`, `请将其分配给一个节点，最好是多个`),
      source: `${manual}/modules-node.html`,
      acceptable: false,
    }));

const singlePoint: Rule = (spec) => {
  const alone = nodeRoles.filter((role) => countOf(spec, role) === 1);
  if (alone.length === 0) return [];
  return [
    {
      id: "ES-SPOF",
      severity: "error",
      path: at("roles"),
      reason: text(
        `one node alone has the role ${alone.join(", ")}: with it the cluster, its data or its pipelines are gone`,
        `只有一个节点具有 ${alone.join("、")} 角色：该节点失效后集群、数据或管道即不可用`,
      ),
      fix: text(
        "leave roles out: three nodes vote, two hold data, two run pipelines; or accept ES-SPOF",
        "请不设置 roles：三个节点投票，两个保存数据，两个运行管道；或在 accept 中写入 ES-SPOF",
      ),
      source: "ES-2",
      acceptable: true,
    },
  ];
};

const quorum: Rule = (spec) => {
  const votes = countOf(spec, "master");
  if (votes === 0 || votes % 2 === 1) return [];
  return [
    {
      id: "ES-QUORUM",
      severity: votes === 2 ? "error" : "info",
      path: at("roles"),
      reason:
        votes === 2
          ? text(
              "of two nodes that vote one's loss may stop the cluster: the other is no majority",
              "只有两个投票节点时，失去其中一个就可能使集群停止：另一个无法构成多数",
            )
          : text(
              `${votes} votes survive the loss of no more nodes at once than ${votes - 1} do`,
              `${votes} 个投票节点可同时失去的数量与 ${votes - 1} 个相同`,
            ),
      fix: text("let an odd number of nodes vote, three or more", "请使用奇数个投票节点，三个或更多"),
      source: `${manual}/modules-discovery-voting.html`,
      acceptable: true,
    },
  ];
};

const heap: Rule = (spec) => {
  const sizes = sizesOf(spec);
  const about = { path: at(spec.heap === undefined ? "memory" : "heap"), source: `${manual}/heap-size.html` };
  const findings: Finding[] = [];
  const found = (finding: Pick<Finding, "id" | "acceptable" | "reason" | "fix">): void => {
    findings.push({ ...about, severity: "error", ...finding });
  };
  const size = formatBytes(sizes.heapBytes);
  const least = formatBytes(Math.ceil(leastMemoryBytes() / 2 ** 20) * 2 ** 20);
  if (sizes.heapBytes < leastHeapBytes)
    found({
      id: "ES-HEAP-SMALL",
      acceptable: false,
      reason: text(
        `a heap of ${size} is too small: the node would collect garbage instead of serving, or refuse requests`,
        `堆 ${size} 过小：节点会忙于垃圾回收或拒绝请求`,
      ),
      fix: text(
        `give each node at least ${least}, and leave heap out`,
        `每个节点至少分配 ${least}，且不设置 heap`,
      ),
    });
  else if (sizes.neededBytes > spec.memory)
    found({
      id: "ES-MEMORY",
      acceptable: false,
      reason: text(
        `a heap of ${size} with the rest of the server may need ${formatBytes(Math.ceil(sizes.neededBytes / 2 ** 20) * 2 ** 20)} of ${formatBytes(spec.memory)}: the kernel would kill it under load`,
        `堆 ${size} 加上服务器其余部分可能需要 ${formatBytes(Math.ceil(sizes.neededBytes / 2 ** 20) * 2 ** 20)}，上限为 ${formatBytes(spec.memory)}：高负载时内核会杀死它`,
      ),
      fix: text("leave heap out, or give the node more memory", "请不设置 heap，或增加节点内存"),
    });
  else if (sizes.heapBytes > spec.memory / 2)
    found({
      id: "ES-HEAP",
      acceptable: true,
      reason: text(
        `a heap of ${size} is more than half of ${formatBytes(spec.memory)}: too little is left for the files' cache`,
        `堆 ${size} 超过 ${formatBytes(spec.memory)} 的一半：留给文件缓存的内存太少`,
      ),
      fix: text("leave heap out, or lower it", "请不设置 heap，或调低它"),
    });
  if (sizes.heapBytes > mostHeapBytes)
    found({
      id: "ES-HEAP-LARGE",
      acceptable: true,
      reason: text(
        `with a heap of ${size} the JVM needs eight bytes for each reference: it holds less than one of 31Gi`,
        `堆为 ${size} 时 JVM 的每个引用需要八个字节：可容纳的反而少于 31Gi 的堆`,
      ),
      fix: text("use 31Gi at most, and more nodes", "最多使用 31Gi，并增加节点"),
    });
  return findings;
};

const replicas: Rule = (spec) => {
  const holders = countOf(spec, "data");
  return Object.entries(spec.templates).flatMap(([name, template]): readonly Finding[] => {
    const path = at(`templates.${name}.replicas`);
    if (template.replicas !== undefined && template.replicas >= holders && holders > 0)
      return [
        {
          id: "ES-REPLICAS",
          severity: "error",
          path,
          reason: text(
            `${template.replicas} copies beside the primary need ${template.replicas + 1} data nodes, and there are ${holders}: such an index is never green`,
            `主分片之外 ${template.replicas} 个副本需要 ${template.replicas + 1} 个数据节点，现有 ${holders} 个：索引永远不会变为 green`,
          ),
          fix: text(`at most ${holders - 1}, or leave it out`, `最多 ${holders - 1}，或不设置`),
          source: `${manual}/scalability.html`,
          acceptable: true,
        },
      ];
    return template.replicas === 0 && holders > 1
      ? [
          {
            id: "ES-NO-REPLICA",
            severity: "warning",
            path,
            reason: text(
              `indices of ${name} have one copy: a lost node takes its part of them away`,
              `${name} 的索引只有一份：节点失效即失去其中一部分`,
            ),
            fix: text("leave replicas out", "请不设置 replicas"),
            source: `${manual}/scalability.html`,
            acceptable: true,
          },
        ]
      : [];
  });
};

/** The manual's upper bound of a shard's size. */
const largestShardBytes = 50 * GiB;

const shards: Rule = (spec) =>
  Object.entries(spec.templates).flatMap(([name, template]) => {
    const each = template.size / shardsOf(template);
    const many = template.shards !== undefined && template.shards > 1 && each < GiB;
    if (each <= largestShardBytes && !many) return [];
    return [
      {
        id: "ES-SHARDS",
        severity: "warning",
        path: at(`templates.${name}.shards`),
        reason: text(
          `${shardsOf(template)} shards for ${formatBytes(template.size)}: each would be ${many ? "less than 1Gi, and costs memory all the same" : "more than 50Gi, and takes long to move"}`,
          `${formatBytes(template.size)} 使用 ${shardsOf(template)} 个分片：每个${many ? "不足 1Gi，却同样占用内存" : "超过 50Gi，迁移耗时很长"}`,
        ),
        fix: text("leave shards out: one for each 30Gi", "请不设置 shards：每 30Gi 一个"),
        source: `${manual}/size-your-shards.html`,
        acceptable: true,
      },
    ];
  });

const wide: Rule = (spec) =>
  Object.entries(spec.applications).flatMap(([name, { indices }]) =>
    indices
      .filter((pattern) => /^[*.]/.test(pattern))
      .map((pattern) => ({
        id: "ES-WIDE",
        severity: "warning",
        path: at(`applications.${name}.indices`),
        reason: text(
          `the pattern ${pattern} lets ${name} at indices that are not its own`,
          `模式 ${pattern} 使 ${name} 可以访问不属于它的索引`,
        ),
        fix: text("name its own indices by their beginnings", "请用其自身索引的前缀"),
        source: "ES-3",
        acceptable: true,
      })),
  );

const names: Rule = (spec) =>
  Object.keys(spec.applications)
    .filter((name) => takenNames.includes(name))
    .map((name) => ({
      id: "ES-NAME",
      severity: "error",
      path: at(`applications.${name}`),
      reason: text(
        `${name} is a user of the server's or of mallstack's own`,
        `${name} 是服务器或 mallstack 自身的用户`,
      ),
      fix: text("give the application another name", "请为应用使用其他名称"),
      source: `${manual}/built-in-users.html`,
      acceptable: false,
    }));

const owned: Rule = (spec) =>
  Object.keys(spec.settings)
    .filter(
      (key) => key.startsWith("cluster.metadata.mall_") || key in clusterSettings({ ...spec, ...plain }),
    )
    .map((key) => ({
      id: "ES-OWNED-SETTING",
      severity: "error",
      path: at(`settings.${key}`),
      reason: text(`${key} is set by mallstack itself`, `${key} 由 mallstack 自己设置`),
      fix: text("remove it", "请删除"),
      source: "docs/design/0008-elasticsearch.md",
      acceptable: false,
    }));

/** Every id that a finding of these may carry. */
export const ruleIds = [
  "ES-EOL",
  "ES-ROLES",
  "ES-SPOF",
  "ES-QUORUM",
  "ES-HEAP-SMALL",
  "ES-MEMORY",
  "ES-HEAP",
  "ES-HEAP-LARGE",
  "ES-REPLICAS",
  "ES-NO-REPLICA",
  "ES-SHARDS",
  "ES-WIDE",
  "ES-NAME",
  "ES-OWNED-SETTING",
] as const;

const all: readonly Rule[] = [
  version,
  roles,
  singlePoint,
  quorum,
  heap,
  replicas,
  shards,
  wide,
  names,
  owned,
];

/** Pure. Findings about this spec at this site. */
export const elasticsearchRules = (spec: ElasticsearchSpec, site: Site): readonly Finding[] =>
  all.flatMap((rule) => rule(spec, site));
