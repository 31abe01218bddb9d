/** `services.redis` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, RE). */
import { z } from "zod";
import { described } from "../../spec/described.ts";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";
import { reservedAccounts } from "./names.ts";

export const evictionPolicies = [
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
  "noeviction",
] as const;

const accountName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, "a lower-case name of a-z, 0-9 and -, at most 31 characters")
  .refine((name) => !reservedAccounts.has(name), "a name that mallstack itself uses");

const account = z.strictObject({
  prefixes: described(
    // None of the letters that mean something in a pattern of keys.
    z.array(z.string().regex(/^[A-Za-z0-9._:-]{1,100}$/, "letters, digits, ., _, : and -")).min(1),
    "What the keys begin with that it may use, and no others",
    "允许使用的键的前缀，除此之外均不可用",
  ),
});

export const redisSpec = z.strictObject({
  memory: described(
    bytes().prefault("1Gi"),
    "Memory limit of each node; maxmemory and the number of connections follow from it",
    "每个节点的内存上限；maxmemory 和连接数由此得出",
  ),
  cpus: described(
    cores().default(1),
    "Limit in cores of each node; commands run on one, saving and freeing on another",
    "每个节点的 CPU 核数上限；命令占用一个核，持久化和释放内存占用另一个",
  ),
  storage: described(
    bytes().prefault("5Gi"),
    "Size of each node's volume claim (Kubernetes)",
    "每个节点的 PVC 大小（Kubernetes）",
  ),
  masters: described(
    z.number().int().min(1).max(16).default(3),
    "Nodes that share the 16,384 slots",
    "分担 16,384 个槽位的主节点数",
  ),
  replicasPerMaster: described(
    z.number().int().min(0).max(3).default(1),
    "Copies of each master's data",
    "每个主节点的副本数",
  ),
  maxMemory: described(
    bytes().optional(),
    "Data limit of each node. Left out: by maxMemoryRatio or the formula",
    "每个节点的数据上限。不设置时：由 maxMemoryRatio 或公式得出",
  ),
  maxMemoryRatio: described(
    z.number().min(0.05).max(0.95).optional(),
    "Part of the memory for data. Left out: what leaves room for a fork while all data changes",
    "内存中用于数据的比例。不设置时：所留余量足以应对 fork 期间全部数据被改写",
  ),
  maxClients: described(
    z.number().int().min(50).max(100_000).optional(),
    "Connections to each node. Left out: a tenth of the memory at 64 KiB each, at most 10,000",
    "每个节点的连接数。不设置时：按内存的十分之一、每个连接 64 KiB 计算，最多 10,000",
  ),
  evictionPolicy: described(
    z.enum(evictionPolicies).default("allkeys-lru"),
    "Which keys go when the data limit is reached",
    "数据达到上限时淘汰哪些键",
  ),
  accounts: described(
    z.record(accountName, account).default({}),
    "Further applications: an account each, with a password of its own and only the keys named here",
    "其他应用的账号：各有自己的密码，且只能使用此处列出的键",
  ),
  nodeTimeout: described(
    milliseconds().prefault("5s"),
    "A master silent for this long is failing; its replica takes over within 1 to 2 s after",
    "主节点无响应达到此时长即视为故障；其副本在随后 1 到 2 秒内接管",
  ),
});

export type RedisSpec = z.output<typeof redisSpec>;

/** What a profile sets where the user says nothing. */
export const redisProfiles: Readonly<Record<ProfileName, z.input<typeof redisSpec>>> = {
  small: { memory: "192Mi", storage: "1Gi" },
  standard: {},
  production: { memory: "4Gi", cpus: 2, storage: "20Gi" },
};

export const nodeCount = (spec: RedisSpec): number => spec.masters * (1 + spec.replicasPerMaster);
