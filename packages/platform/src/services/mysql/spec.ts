/** `services.mysql` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, MY). */
import { z } from "zod";
import { described } from "../../spec/described.ts";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";
import { reservedAccounts } from "./names.ts";

const identifier = /^[a-z][a-z0-9_]{0,62}$/;
const database = z.string().regex(identifier, "a lower-case name of a-z, 0-9 and _");
/** MySQL cuts no name of an account, it refuses one of more than 32 characters. */
const accountName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, "a lower-case name of a-z, 0-9 and _, at most 32 characters")
  .refine((name) => !reservedAccounts.has(name), "a name that mallstack itself uses");

export const mysqlSpec = z.strictObject({
  memory: described(
    bytes().prefault("2Gi"),
    "Memory limit of each of the three nodes; buffer pool and connections follow from it",
    "三个节点各自的内存上限；缓冲池大小和连接数由此得出",
  ),
  cpus: described(cores().default(2), "Limit of cores of each node", "每个节点的 CPU 核数上限"),
  storage: described(
    bytes().prefault("20Gi"),
    "Size of each node's volume claim (Kubernetes)",
    "每个节点的 PVC 大小（Kubernetes）",
  ),
  replication: described(
    z.enum(["semi-sync", "async"]).default("semi-sync"),
    "semi-sync: a commit is acknowledged when a second node has it (AFTER_SYNC). async: at once, and a failover may lose the last writes",
    "semi-sync（半同步）：另一节点收到后才确认提交（AFTER_SYNC）。async（异步）：立即确认，故障切换可能丢失最近的写入",
  ),
  onNoReplica: described(
    z.enum(["block", "async"]).default("block"),
    "With semi-sync and no replica left: block writes until one is back, or go on without a second copy",
    "半同步且已无可用从库时：block 阻塞写入，直到有从库恢复；async 在没有第二份副本时继续写入",
  ),
  noReplicaTimeout: described(
    milliseconds().prefault("2s"),
    "With onNoReplica: async, how long a commit waits for a replica before it goes on alone",
    "onNoReplica 为 async 时，提交等待从库的时限，超时则不再等待",
  ),
  maxConnections: described(
    z.number().int().min(10).max(100_000).optional(),
    "Left out: as many as fit the memory (docs: sizing)",
    "不设置时：取内存所能容纳的数量",
  ),
  bufferPoolRatio: described(
    z.number().min(0.5).max(0.7).optional(),
    "Part of the memory for the InnoDB buffer pool. Left out: 0.5 below 2Gi, 0.6 below 8Gi, else 0.7",
    "InnoDB 缓冲池占内存的比例。不设置时：内存小于 2Gi 为 0.5，小于 8Gi 为 0.6，否则为 0.7",
  ),
  binlogRetention: described(
    milliseconds().prefault("3d"),
    "How long binary logs are kept: for a replica that was away, and for point in time",
    "二进制日志的保留时长，供离线后恢复的从库追赶，也用于按时间点恢复",
  ),
  slowQuery: described(
    milliseconds().prefault("1s"),
    "Statements that take longer go to the slow log",
    "执行时间超过此值的语句记入慢查询日志",
  ),
  maxReplicaLag: described(
    milliseconds().prefault("10s"),
    "A replica further behind leaves the mysql-replicas endpoint until it has caught up",
    "延迟超过此值的从库退出 mysql-replicas 端点，追上后重新加入",
  ),
  databases: described(
    z.array(database).min(1).default(["shop"]),
    "Databases that are created and given to the application's user",
    "自动创建并授权给应用用户的数据库",
  ),
  accounts: described(
    z.record(accountName, z.strictObject({ databases: z.array(database).min(1) })).default({}),
    "Further applications: an account each, with a password of its own and only the databases named here",
    "其他应用：各有自己的账户和密码，只能访问此处列出的数据库",
  ),
  settings: described(
    z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]*$/, "a server variable's name with _"),
        z.union([z.string().regex(/^[^\n\r]*$/, "one line"), z.number(), z.boolean()]),
      )
      .default({}),
    "Further server variables for my.cnf; those that mallstack sets itself are refused",
    "my.cnf 中的其他服务器变量；mallstack 自行设置的变量会被拒绝",
  ),
});

export type MysqlSpec = z.output<typeof mysqlSpec>;

/** What a profile sets where the user says nothing. */
export const mysqlProfiles: Readonly<Record<ProfileName, z.input<typeof mysqlSpec>>> = {
  small: { memory: "896Mi", cpus: 2, storage: "10Gi" },
  standard: { memory: "2Gi", cpus: 2, storage: "50Gi" },
  production: { memory: "8Gi", cpus: 4, storage: "200Gi", binlogRetention: "7d" },
};
