/** `services.zookeeper` of mall.yaml: the quorum that the brokers keep their cluster's state in. */
import { z } from "zod";
import { described } from "../../spec/described.ts";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";

export const zookeeperSpec = z.strictObject({
  memory: described(
    bytes().prefault("512Mi"),
    "Memory limit of each node; the heap follows from it",
    "每个节点的内存上限；堆大小由此得出",
  ),
  cpus: described(
    cores().default(2),
    "Limit in cores of each node; starting takes more than running",
    "每个节点的 CPU 核数上限；启动时的用量高于运行时",
  ),
  storage: described(
    bytes().prefault("2Gi"),
    "Size of each node's volume claim (Kubernetes)",
    "每个节点的 PVC 大小（Kubernetes）",
  ),
  nodes: described(
    z.number().int().min(1).max(9).default(3),
    "Members of the quorum; it goes on while more than half of them do",
    "集群的成员数；超过半数存活即可继续服务",
  ),
  tickTime: described(
    milliseconds().prefault("2s"),
    "The ensemble's unit of time: sessions end after 2 to 20 of it without a heartbeat",
    "集群的时间单位；会话在 2 到 20 个单位内没有心跳即告终止",
  ),
  snapshotsKept: described(
    z.number().int().min(3).max(100).default(5),
    "Snapshots, and the logs since, that are kept on the disk",
    "磁盘上保留的快照数，连同其后的事务日志",
  ),
});

export type ZookeeperSpec = z.output<typeof zookeeperSpec>;

/** What a profile sets where the user says nothing. */
export const zookeeperProfiles: Readonly<Record<ProfileName, z.input<typeof zookeeperSpec>>> = {
  small: { memory: "256Mi", storage: "1Gi" },
  standard: {},
  production: { memory: "1Gi", storage: "10Gi" },
};
