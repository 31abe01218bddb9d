/** What an observation shows that no action mends by itself: the reasons that `mall status` prints. */
import type { InstanceName } from "../../plan/model.ts";
import { type Text, text } from "../../text.ts";

export interface Problem {
  /** Stable, for the log and for tests. */
  readonly id: string;
  readonly text: Text;
}

const problem = (id: string, en: string, zh: string): Problem => ({ id, text: text(en, zh) });
const list = (names: readonly InstanceName[]): string => names.join(", ");

export const problems = {
  waitingForAll: (missing: readonly InstanceName[]): Problem =>
    problem(
      "waiting-for-all",
      `a new mall begins when all nodes are there; waiting for ${list(missing)}`,
      `新商城要等所有节点就绪才开始；正在等待 ${list(missing)}`,
    ),
  conflictingTerms: (): Problem =>
    problem(
      "conflicting-terms",
      "two nodes name different primaries for the same term; nothing is changed. Compare mallstack.topology on all nodes",
      "两个节点对同一任期记录了不同的主库；不做任何更改。请比较各节点的 mallstack.topology",
    ),
  foreignData: (mall: string): Problem =>
    problem(
      "foreign-data",
      `the volumes hold the data of another mall (${mall}); nothing is changed. Use its name, or other volumes`,
      `数据卷属于另一个商城（${mall}）；不做任何更改。请使用该商城名称，或更换数据卷`,
    ),
  dataWithoutTerm: (names: readonly InstanceName[]): Problem =>
    problem(
      "data-without-term",
      `${list(names)} holds data, but no node in sight knows who the primary is; nothing is changed`,
      `${list(names)} 上有数据，但可见的节点都不知道谁是主库；不做任何更改`,
    ),
  primaryUnreachable: (name: InstanceName, reason: string): Problem =>
    problem(
      "primary-unreachable",
      `the primary ${name} is not reachable (${reason}); no other node is promoted, writes wait until it is back`,
      `主库 ${name} 不可达（${reason}）；不会提升其他节点，写入将等待其恢复`,
    ),
  primaryLostData: (name: InstanceName): Problem =>
    problem(
      "primary-lost-data",
      `the primary ${name} came back without the data of its term; it stays closed, the replicas keep theirs`,
      `主库 ${name} 恢复后缺少其任期内的数据；它将保持关闭，从库保留各自的数据`,
    ),
  primaryLacks: (name: InstanceName, replica: InstanceName, missing: string): Problem =>
    problem(
      "primary-lacks",
      `the primary ${name} lacks transactions that ${replica} has (${missing}); it stays closed`,
      `主库 ${name} 缺少 ${replica} 上已有的事务（${missing}）；它将保持关闭`,
    ),
  unconfirmed: (name: InstanceName, missing: readonly InstanceName[]): Problem =>
    problem(
      "unconfirmed",
      `only one node that holds data is in sight; ${name} is not opened before another confirms that it is still the primary (missing: ${list(missing)})`,
      `只看到一个持有数据的节点；在另一个节点确认 ${name} 仍是主库之前不会开放写入（缺少：${list(missing)}）`,
    ),
  held: (name: InstanceName): Problem =>
    problem("held", `writes on ${name} are closed for its planned restart`, `${name} 因计划内重启而关闭写入`),
  noReplicaConnected: (name: InstanceName): Problem =>
    problem(
      "no-replica-connected",
      `no semi-synchronous replica is connected to ${name}: writes wait until one is`,
      `没有半同步从库连接到 ${name}：写入将等待从库连接`,
    ),
  nodeUnreachable: (name: InstanceName, reason: string): Problem =>
    problem("node-unreachable", `${name} is not reachable: ${reason}`, `${name} 不可达：${reason}`),
  errant: (name: InstanceName, gtids: string): Problem =>
    problem(
      "errant",
      `${name} has transactions of its own that the primary does not know (${gtids}); it serves no reads and is not overwritten. Save what you need of them, then empty its volume`,
      `${name} 有主库不知道的本地事务（${gtids}）；它不提供读取，也不会被覆盖。请先保存需要的内容，再清空其数据卷`,
    ),
  notReplicating: (name: InstanceName, reason: string): Problem =>
    problem("not-replicating", `${name} does not replicate: ${reason}`, `${name} 未在复制：${reason}`),
  cloning: (name: InstanceName): Problem =>
    problem("cloning", `${name} is being copied from another node`, `${name} 正在从其他节点复制数据`),
} as const;
