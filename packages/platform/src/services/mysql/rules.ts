/** What the validator says about a MySQL spec: one function per rule, each with its source and its fix. */
import type { Finding } from "../../rules/finding.ts";
import type { Site } from "../../spec/site.ts";
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import { ownedVariables } from "./config.ts";
import { workloadName } from "./names.ts";
import { minConnections, sizing } from "./sizing.ts";
import type { MysqlSpec } from "./spec.ts";
import { imageVersion, supportOf } from "./version.ts";

type Rule = (spec: MysqlSpec, site: Site) => readonly Finding[];
const at = (key: string): string => `services.mysql${key === "" ? "" : `.${key}`}`;
const manual = "https://dev.mysql.com/doc/refman/8.4/en";

const asynchronous: Rule = (spec) =>
  spec.replication !== "async"
    ? []
    : [
        {
          id: "MY-ASYNC",
          severity: "warning",
          path: at("replication"),
          reason: text(
            "with asynchronous replication a failover loses the writes that no replica had received yet, although they were acknowledged",
            "异步复制下，故障切换会丢失尚未被任何从库收到、但已向客户端确认的写入",
          ),
          fix: text(
            "use replication: semi-sync, or accept MY-ASYNC",
            "改用 replication: semi-sync，或在 accept 中写入 MY-ASYNC",
          ),
          source: `${manual}/replication-semisync.html`,
          acceptable: true,
        },
      ];

const onNoReplica: Rule = (spec) =>
  spec.replication === "async" || spec.onNoReplica !== "async"
    ? []
    : [
        {
          id: "MY-NO-REPLICA-ASYNC",
          severity: "warning",
          path: at("onNoReplica"),
          reason: text(
            "when no replica is connected writes go on without a second copy: losing the primary then loses acknowledged writes",
            "没有从库连接时写入会在没有第二份副本的情况下继续：此时主库丢失将丢失已确认的写入",
          ),
          fix: text(
            "use onNoReplica: block, which stops writes until a replica is back, or accept MY-NO-REPLICA-ASYNC",
            "改用 onNoReplica: block（在从库恢复前停止写入），或在 accept 中写入 MY-NO-REPLICA-ASYNC",
          ),
          source: `${manual}/replication-semisync-interface.html`,
          acceptable: true,
        },
      ];

/** The least that a node starts and serves with, in steps a person would write. */
export function leastMemory(spec: MysqlSpec): number {
  const step = 64 * 2 ** 20;
  const own = { ...spec, maxConnections: undefined };
  for (let memory = step; ; memory += step) {
    if (sizing({ ...own, memory }).maxConnections >= minConnections) return memory;
  }
}

const memory: Rule = (spec) => {
  const least = leastMemory(spec);
  return spec.memory >= least
    ? []
    : [
        {
          id: "MY-MEMORY",
          severity: "error",
          path: at("memory"),
          reason: text(
            `${formatBytes(spec.memory)} does not hold a buffer pool of half of it, the server itself and ${minConnections} connections`,
            `${formatBytes(spec.memory)} 容纳不下一半大小的缓冲池、服务器本身以及 ${minConnections} 个连接`,
          ),
          fix: text(
            `give each node at least ${formatBytes(least)}`,
            `每个节点至少分配 ${formatBytes(least)}`,
          ),
          source: `${manual}/memory-use.html`,
          acceptable: false,
        },
      ];
};

const fit: Rule = (spec) => {
  const size = sizing(spec);
  const fitting = sizing({ ...spec, maxConnections: undefined }).maxConnections;
  return spec.maxConnections === undefined || size.committedBytes <= size.limitBytes
    ? []
    : [
        {
          id: "MY-FIT",
          severity: "error",
          path: at("maxConnections"),
          reason: text(
            `${spec.maxConnections} connections with the buffer pool may take ${formatBytes(size.committedBytes)} of ${formatBytes(size.limitBytes)}: the kernel would kill the server under load`,
            `${spec.maxConnections} 个连接加上缓冲池可能占用 ${formatBytes(size.committedBytes)}，而上限为 ${formatBytes(size.limitBytes)}：高负载时内核会杀死服务器`,
          ),
          fix: text(
            `at most ${fitting} connections fit; give more memory or leave maxConnections out`,
            `最多容纳 ${fitting} 个连接；请增加内存或不设置 maxConnections`,
          ),
          source: "MY-5",
          acceptable: true,
        },
      ];
};

/** What a spec that still names the query cache is told, wherever it does. */
export const queryCacheRemoved = text(
  "MySQL removed the query cache in 8.0; a server with this setting does not start. Hot reads are cached in Redis instead, as the sample mall does (MY-6): remove it",
  "MySQL 8.0 已移除查询缓存；带有此设置的服务器无法启动。热点读取改由 Redis 缓存，示例商城即如此（MY-6）：请删除此设置",
);

const queryCache: Rule = (spec) =>
  Object.keys(spec.settings)
    .filter((key) => key.startsWith("query_cache"))
    .map((key) => ({
      id: "MY-QUERY-CACHE",
      severity: "error",
      path: at(`settings.${key}`),
      reason: queryCacheRemoved,
      fix: text("remove the setting", "请删除此设置"),
      source: "https://dev.mysql.com/doc/refman/8.0/en/mysql-nutshell.html",
      acceptable: false,
    }));

const owned: Rule = (spec) => {
  const names = ownedVariables(spec);
  return Object.keys(spec.settings)
    .filter((key) => names.has(key.replace(/^loose_/, "")) || key === "skip_log_bin")
    .map((key) => ({
      id: "MY-OWNED-SETTING",
      severity: "error",
      path: at(`settings.${key}`),
      reason: text(
        `${key} is set by mallstack itself: roles, replication or sizes rest on it`,
        `${key} 由 mallstack 自己设置：角色、复制或大小依赖于它`,
      ),
      fix: text(
        "remove it; memory, maxConnections, bufferPoolRatio, binlogRetention and slowQuery change the sizes",
        "请删除；大小可通过 memory、maxConnections、bufferPoolRatio、binlogRetention、slowQuery 调整",
      ),
      source: "docs/design/0001-contracts.md",
      acceptable: false,
    }));
};

const retention: Rule = (spec) =>
  spec.binlogRetention >= 86_400_000
    ? []
    : [
        {
          id: "MY-BINLOG-SHORT",
          severity: "warning",
          path: at("binlogRetention"),
          reason: text(
            "a replica away for longer than the binary logs are kept must be copied anew as a whole",
            "从库离线时间超过二进制日志保留期时，必须整体重新复制",
          ),
          fix: text("keep binary logs for at least 1d", "二进制日志至少保留 1d"),
          source: `${manual}/replication-options-binary-log.html`,
          acceptable: true,
        },
      ];

const version: Rule = (_spec, site) => {
  const override = site.images[workloadName];
  const found = override === undefined ? undefined : imageVersion(override);
  const about = {
    path: override === undefined ? at("") : `images.${workloadName}`,
    acceptable: true,
  } as const;
  if (override === undefined) {
    return [
      {
        ...about,
        id: "MY-VERSION",
        severity: "info",
        reason: text(
          "the built image carries MySQL 9.7 LTS, the only MySQL in a package registry; the plan says 8.x",
          "自建镜像携带 MySQL 9.7 LTS（软件包仓库中唯一的 MySQL）；方案要求 8.x",
        ),
        fix: text(
          "nothing to do; images.mysql takes an official mysql:8.4 image",
          "无需处理；images.mysql 可指定官方 mysql:8.4 镜像",
        ),
        source: "MY-1",
      },
    ];
  }
  switch (supportOf(found)) {
    case "supported":
      return [];
    case "ended":
      return [
        {
          ...about,
          id: "MY-EOL",
          severity: "error",
          acceptable: found !== undefined && found.major >= 8,
          reason: text(
            `${override} is past its end of life or outside of what this configuration is made for (8.4 LTS and 9.7 LTS)`,
            `${override} 已结束支持，或不在本配置适用范围内（8.4 LTS 与 9.7 LTS）`,
          ),
          fix: text("use a mysql:8.4 image", "请使用 mysql:8.4 镜像"),
          source: "https://www.mysql.com/support/eol-notice.html",
        },
      ];
    // What a tag does not say, the site's own rules (IMG-FLOATING) and the check of MY-1 do.
    case "unknown":
      return [];
  }
};

const oneHost: Rule = () => [
  {
    id: "MY-ONE-HOST",
    severity: "info",
    path: at(""),
    reason: text(
      "on Compose the three nodes share one machine: replication saves from a lost server or volume, not from a lost machine",
      "在 Compose 上三个节点共用一台机器：复制可应对服务器或卷的丢失，但不能应对整台机器的丢失",
    ),
    fix: text(
      "for that use the Kubernetes target, and keep backups on another machine",
      "如需应对，请使用 Kubernetes 目标，并把备份存放在另一台机器上",
    ),
    source: "MY-2",
    acceptable: true,
  },
];

const all: readonly Rule[] = [
  asynchronous,
  onNoReplica,
  memory,
  fit,
  queryCache,
  owned,
  retention,
  version,
  oneHost,
];

/** Every id that a finding of these may carry. */
export const ruleIds = [
  "MY-ASYNC",
  "MY-NO-REPLICA-ASYNC",
  "MY-MEMORY",
  "MY-FIT",
  "MY-QUERY-CACHE",
  "MY-OWNED-SETTING",
  "MY-BINLOG-SHORT",
  "MY-VERSION",
  "MY-EOL",
  "MY-ONE-HOST",
] as const;

/** Pure. Findings about this spec at this site. */
export const mysqlRules = (spec: MysqlSpec, site: Site): readonly Finding[] =>
  all.flatMap((rule) => rule(spec, site));
