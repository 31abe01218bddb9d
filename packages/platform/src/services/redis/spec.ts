/** `services.redis` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, RE). */
import { z } from "zod";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";

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

export const redisSpec = z.strictObject({
  memory: bytes()
    .prefault("1Gi")
    .describe("Memory limit of each node; maxmemory and the number of connections follow from it"),
  cpus: cores()
    .default(1)
    .describe("Limit in cores of each node; commands run on one, saving and freeing on another"),
  storage: bytes().prefault("5Gi").describe("Size of each node's volume claim (Kubernetes)"),
  masters: z.number().int().min(1).max(16).default(3).describe("Nodes that share the 16,384 slots"),
  replicasPerMaster: z.number().int().min(0).max(3).default(1).describe("Copies of each master's data"),
  maxMemory: bytes()
    .optional()
    .describe("Data limit of each node. Left out: by maxMemoryRatio or the formula"),
  maxMemoryRatio: z
    .number()
    .min(0.05)
    .max(0.95)
    .optional()
    .describe("Part of the memory for data. Left out: what leaves room for a fork while all data changes"),
  maxClients: z
    .number()
    .int()
    .min(50)
    .max(100_000)
    .optional()
    .describe("Connections to each node. Left out: a tenth of the memory at 64 KiB each, at most 10,000"),
  evictionPolicy: z
    .enum(evictionPolicies)
    .default("allkeys-lru")
    .describe("Which keys go when the data limit is reached"),
  nodeTimeout: milliseconds()
    .prefault("5s")
    .describe("A master silent for this long is failing; its replica takes over within 1 to 2 s after"),
});

export type RedisSpec = z.output<typeof redisSpec>;

/** What a profile sets where the user says nothing. */
export const redisProfiles: Readonly<Record<ProfileName, z.input<typeof redisSpec>>> = {
  small: { memory: "192Mi", storage: "1Gi" },
  standard: {},
  production: { memory: "4Gi", cpus: 2, storage: "20Gi" },
};

export const nodeCount = (spec: RedisSpec): number => spec.masters * (1 + spec.replicasPerMaster);
