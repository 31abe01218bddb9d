/** What is wrong or risky in a ZooKeeper spec before anything runs. */
import type { Finding } from "../../rules/finding.ts";
import type { Site } from "../../spec/site.ts";
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import { besideHeapBytes, leastHeapBytes } from "./sizing.ts";
import type { ZookeeperSpec } from "./spec.ts";

const admin = "https://zookeeper.apache.org/doc/r3.9.4/zookeeperAdmin.html";

export const zookeeperRuleIds = ["ZK-QUORUM", "ZK-EVEN", "ZK-MEMORY", "ZK-TICK"] as const;

export function zookeeperRules(spec: ZookeeperSpec, _site: Site): readonly Finding[] {
  return [...quorum(spec), ...memory(spec), ...tick(spec)];
}

function quorum(spec: ZookeeperSpec): readonly Finding[] {
  const survives = Math.ceil(spec.nodes / 2) - 1;
  if (spec.nodes < 3)
    return [
      {
        id: "ZK-QUORUM",
        severity: "error",
        path: "services.zookeeper.nodes",
        reason: text(
          `More than half of the nodes must run: of ${spec.nodes} none may fail.`,
          `必须有过半节点在运行：${spec.nodes} 个节点时一个都不能失效。`,
        ),
        fix: text("Set nodes to 3 or 5.", "请将 nodes 设为 3 或 5。"),
        source: `${admin}#sc_zkMulitServerSetup`,
        acceptable: true,
      },
    ];
  if (spec.nodes % 2 === 0)
    return [
      {
        id: "ZK-EVEN",
        severity: "warning",
        path: "services.zookeeper.nodes",
        reason: text(
          `${spec.nodes} nodes survive the loss of ${survives}, no more than ${spec.nodes - 1} do, and one more must agree to each write.`,
          `${spec.nodes} 个节点最多可失去 ${survives} 个，与 ${spec.nodes - 1} 个节点相同，而每次写入还要多一个节点确认。`,
        ),
        fix: text(
          `Use ${spec.nodes - 1} or ${spec.nodes + 1}.`,
          `请使用 ${spec.nodes - 1} 或 ${spec.nodes + 1} 个。`,
        ),
        source: `${admin}#sc_zkMulitServerSetup`,
        acceptable: true,
      },
    ];
  return [];
}

function memory(spec: ZookeeperSpec): readonly Finding[] {
  const least = besideHeapBytes + leastHeapBytes;
  if (spec.memory >= least) return [];
  return [
    {
      id: "ZK-MEMORY",
      severity: "error",
      path: "services.zookeeper.memory",
      reason: text(
        `A node of ${formatBytes(spec.memory)} has no room for a heap of ${formatBytes(leastHeapBytes)} beside the JVM itself: it is killed.`,
        `${formatBytes(spec.memory)} 的节点除 JVM 本身外放不下 ${formatBytes(leastHeapBytes)} 的堆，会被杀死。`,
      ),
      fix: text(`Give it ${formatBytes(least)} or more.`, `请分配 ${formatBytes(least)} 或更多。`),
      source: `${admin}#sc_maintenance`,
      acceptable: false,
    },
  ];
}

function tick(spec: ZookeeperSpec): readonly Finding[] {
  if (spec.tickTime >= 1_000 && spec.tickTime <= 3_000) return [];
  const slow = spec.tickTime > 3_000;
  return [
    {
      id: "ZK-TICK",
      severity: "warning",
      path: "services.zookeeper.tickTime",
      reason: slow
        ? text(
            `A broker's session of 9 s is shorter than ${spec.tickTime / 500} s, the least that this tickTime allows: a dead broker is noticed later than planned.`,
            `该 tickTime 允许的最短会话为 ${spec.tickTime / 500} 秒，超过 broker 的 9 秒：发现失效的 broker 会比规划的晚。`,
          )
        : text(
            `A busy machine may be silent for ${spec.tickTime} ms without having failed: leaders would change for nothing.`,
            `繁忙的机器可能静默 ${spec.tickTime} 毫秒而并未失效，会导致不必要的重新选举。`,
          ),
      fix: text("Use 2s.", "请使用 2s。"),
      source: `${admin}#sc_minimumConfiguration`,
      acceptable: true,
    },
  ];
}
