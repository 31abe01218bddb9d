/** What is wrong or risky in a Redis spec before anything runs. */
import type { Finding } from "../../rules/finding.ts";
import type { Site } from "../../spec/site.ts";
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import { sizesOf } from "./sizing.ts";
import type { RedisSpec } from "./spec.ts";

/** Below this a node holds next to nothing beside itself. */
const leastDataBytes = 16 * 2 ** 20;

export function redisRules(spec: RedisSpec, site: Site): readonly Finding[] {
  return [...version(site), ...topology(spec), ...memory(spec), ...eviction(spec), ...storage(spec)];
}

function version(site: Site): readonly Finding[] {
  if (site.images.redis !== undefined) return [];
  return [
    {
      id: "RE-EOL",
      severity: "info",
      path: "images.redis",
      reason: text(
        "The built image carries Redis 6.0.16, the 6.x that the deployment plan asks for. Its makers no longer maintain 6.0; Debian 11's long-term support still mends its security faults.",
        "内置镜像为 Redis 6.0.16，即部署方案要求的 6.x。上游已停止维护 6.0，目前由 Debian 11 长期支持提供安全修复。",
      ),
      fix: text(
        "Name a newer image in images.redis, such as redis:7.2, when your clients are ready for it.",
        "客户端准备好后，可在 images.redis 中指定更新的镜像，例如 redis:7.2。",
      ),
      source: "https://redis.io/docs/latest/operate/oss_and_stack/install/version-mgmt/",
      acceptable: true,
    },
  ];
}

function topology(spec: RedisSpec): readonly Finding[] {
  const findings: Finding[] = [];
  if (spec.masters < 3) {
    findings.push({
      id: "RE-QUORUM",
      severity: "error",
      path: "services.redis.masters",
      reason: text(
        `A replica is promoted by the vote of most masters. Of ${spec.masters} none may fail: the rest is no majority.`,
        `副本晋升需要多数主节点投票。只有 ${spec.masters} 个主节点时，任何一个失效后都无法构成多数。`,
      ),
      fix: text("Set masters to 3 or more.", "请将 masters 设为 3 或更多。"),
      source: "https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/",
      acceptable: true,
    });
  } else if (spec.masters % 2 === 0) {
    const survives = Math.ceil(spec.masters / 2) - 1;
    findings.push({
      id: "RE-EVEN",
      severity: "info",
      path: "services.redis.masters",
      reason: text(
        `${spec.masters} masters survive the loss of ${survives} at once, no more than ${spec.masters - 1} do.`,
        `${spec.masters} 个主节点最多可同时失去 ${survives} 个，与 ${spec.masters - 1} 个主节点相同。`,
      ),
      fix: text("An odd number needs a node less for the same.", "使用奇数个主节点可以少用一个节点。"),
      source: "https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/",
      acceptable: true,
    });
  }
  if (spec.replicasPerMaster === 0) {
    findings.push({
      id: "RE-SPOF",
      severity: "error",
      path: "services.redis.replicasPerMaster",
      reason: text(
        "Without replicas each master is a single point of failure: with it goes its part of the slots.",
        "没有副本时，每个主节点都是单点：一旦失效，它负责的槽位全部不可用。",
      ),
      fix: text("Set replicasPerMaster to 1.", "请将 replicasPerMaster 设为 1。"),
      source: "RE-2",
      acceptable: true,
    });
  }
  if (spec.nodeTimeout < 2_000) {
    findings.push({
      id: "RE-TIMEOUT",
      severity: "warning",
      path: "services.redis.nodeTimeout",
      reason: text(
        `A node that is busy or being saved may be silent for ${spec.nodeTimeout} ms without having failed.`,
        `节点在繁忙或持久化时可能静默 ${spec.nodeTimeout} 毫秒，而并未失效。`,
      ),
      fix: text("Use 5s, or at least 2s.", "请使用 5s，至少 2s。"),
      source: "https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/",
      acceptable: true,
    });
  }
  return findings;
}

function memory(spec: RedisSpec): readonly Finding[] {
  const sizes = sizesOf(spec);
  const findings: Finding[] = [];
  if (spec.maxMemory !== undefined && spec.maxMemoryRatio !== undefined) {
    findings.push({
      id: "RE-MAXMEMORY-TWICE",
      severity: "warning",
      path: "services.redis.maxMemoryRatio",
      reason: text("maxMemory is set too and wins.", "同时设置了 maxMemory，以 maxMemory 为准。"),
      fix: text("Keep one of the two.", "两者保留其一即可。"),
      source: "RE-8",
      acceptable: true,
    });
  }
  const least = sizesOf({ ...spec, maxMemory: leastDataBytes }).worstCaseBytes;
  if (spec.memory < least) {
    findings.push({
      id: "RE-MEMORY",
      severity: "error",
      path: "services.redis.memory",
      reason: text(
        `A node of ${formatBytes(spec.memory)} has no room for data beside the server, its ${sizes.maxClients} connections and a fork.`,
        `${formatBytes(spec.memory)} 的节点除服务器本身、${sizes.maxClients} 个连接和 fork 之外，没有存放数据的空间。`,
      ),
      fix: text(
        `Give it ${formatBytes(Math.ceil(least / 2 ** 20) * 2 ** 20)} or more.`,
        `请分配 ${formatBytes(Math.ceil(least / 2 ** 20) * 2 ** 20)} 或更多。`,
      ),
      source: "RE-8",
      acceptable: false,
    });
  } else if (sizes.maxMemoryBytes >= spec.memory) {
    findings.push({
      id: "RE-MAXMEMORY",
      severity: "error",
      path: "services.redis.maxMemory",
      reason: text(
        `maxmemory of ${formatBytes(sizes.maxMemoryBytes)} is no less than the container's ${formatBytes(spec.memory)}: the node is killed before it evicts.`,
        `maxmemory ${formatBytes(sizes.maxMemoryBytes)} 不小于容器内存 ${formatBytes(spec.memory)}：节点在淘汰之前就会被杀死。`,
      ),
      fix: text("Leave maxMemory out, or lower it.", "请去掉 maxMemory 或调低它。"),
      source: "RE-8",
      acceptable: false,
    });
  } else if (sizes.worstCaseBytes > spec.memory) {
    findings.push({
      id: "RE-HEADROOM",
      severity: "warning",
      path: "services.redis.memory",
      reason: text(
        `Saving while all data changes may need ${formatBytes(sizes.worstCaseBytes)} of ${formatBytes(spec.memory)}: the node may be killed then.`,
        `持久化期间若数据全部变化，可能需要 ${formatBytes(sizes.worstCaseBytes)}，超过 ${formatBytes(spec.memory)}，节点可能被杀死。`,
      ),
      fix: text(
        "Leave maxMemory, maxMemoryRatio and maxClients out, or give the node more memory.",
        "请去掉 maxMemory、maxMemoryRatio 和 maxClients，或增加节点内存。",
      ),
      source:
        "https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/memory-optimization/",
      acceptable: true,
    });
  }
  return findings;
}

function eviction(spec: RedisSpec): readonly Finding[] {
  if (spec.evictionPolicy.startsWith("allkeys-")) {
    if (spec.evictionPolicy === "allkeys-lru") return [];
    return [
      {
        id: "RE-POLICY",
        severity: "info",
        path: "services.redis.evictionPolicy",
        reason: text("The deployment plan asks for allkeys-lru.", "部署方案要求使用 allkeys-lru。"),
        fix: text("Leave evictionPolicy out.", "请去掉 evictionPolicy。"),
        source: "RE-4",
        acceptable: true,
      },
    ];
  }
  const refuses = spec.evictionPolicy === "noeviction";
  return [
    {
      id: "RE-NOEVICTION",
      severity: "warning",
      path: "services.redis.evictionPolicy",
      reason: refuses
        ? text(
            "A full node refuses every write: carts and sessions fail until keys are deleted by hand.",
            "节点写满后会拒绝所有写入：购物车和会话将失败，直到人工删除键。",
          )
        : text(
            `${spec.evictionPolicy} evicts only keys with an expiry: full of others, a node refuses every write.`,
            `${spec.evictionPolicy} 只淘汰带过期时间的键：若被其他键占满，节点会拒绝所有写入。`,
          ),
      fix: text("Use allkeys-lru, as the deployment plan does.", "请按部署方案使用 allkeys-lru。"),
      source: "https://redis.io/docs/latest/develop/reference/eviction/",
      acceptable: true,
    },
  ];
}

function storage(spec: RedisSpec): readonly Finding[] {
  const { diskBytes } = sizesOf(spec);
  if (spec.storage >= diskBytes) return [];
  return [
    {
      id: "RE-STORAGE",
      severity: "warning",
      path: "services.redis.storage",
      reason: text(
        `RDB, AOF and their rewriting may need ${formatBytes(diskBytes)} of ${formatBytes(spec.storage)}.`,
        `RDB、AOF 及其重写可能需要 ${formatBytes(diskBytes)}，而存储只有 ${formatBytes(spec.storage)}。`,
      ),
      fix: text(
        `Set storage to ${formatBytes(diskBytes)} or more.`,
        `请将 storage 设为 ${formatBytes(diskBytes)} 或更多。`,
      ),
      source: "https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/",
      acceptable: true,
    },
  ];
}
