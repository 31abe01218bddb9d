/** `services.mysql` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, MY). */
import { z } from "zod";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";

const identifier = /^[a-z][a-z0-9_]{0,62}$/;

export const mysqlSpec = z.strictObject({
  memory: bytes()
    .prefault("2Gi")
    .describe("Memory limit of each of the three nodes; buffer pool and connections follow from it"),
  cpus: cores().default(2).describe("Limit of cores of each node"),
  storage: bytes().prefault("20Gi").describe("Size of each node's volume claim (Kubernetes)"),
  replication: z
    .enum(["semi-sync", "async"])
    .default("semi-sync")
    .describe(
      "semi-sync: a commit is acknowledged when a second node has it (AFTER_SYNC). async: at once, and a failover may lose the last writes",
    ),
  onNoReplica: z
    .enum(["block", "async"])
    .default("block")
    .describe(
      "With semi-sync and no replica left: block writes until one is back, or go on without a second copy",
    ),
  noReplicaTimeout: milliseconds()
    .prefault("2s")
    .describe("With onNoReplica: async, how long a commit waits for a replica before it goes on alone"),
  maxConnections: z
    .number()
    .int()
    .min(10)
    .max(100_000)
    .optional()
    .describe("Left out: as many as fit the memory (docs: sizing)"),
  bufferPoolRatio: z
    .number()
    .min(0.5)
    .max(0.7)
    .optional()
    .describe(
      "Part of the memory for the InnoDB buffer pool. Left out: 0.5 below 2Gi, 0.6 below 8Gi, else 0.7",
    ),
  binlogRetention: milliseconds()
    .prefault("3d")
    .describe("How long binary logs are kept: for a replica that was away, and for point in time"),
  slowQuery: milliseconds().prefault("1s").describe("Statements that take longer go to the slow log"),
  maxReplicaLag: milliseconds()
    .prefault("10s")
    .describe("A replica further behind leaves the mysql-replicas endpoint until it has caught up"),
  databases: z
    .array(z.string().regex(identifier, "a lower-case name of a-z, 0-9 and _"))
    .min(1)
    .default(["shop"])
    .describe("Databases that are created and given to the application's user"),
  settings: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]*$/, "a server variable's name with _"),
      z.union([z.string().regex(/^[^\n\r]*$/, "one line"), z.number(), z.boolean()]),
    )
    .default({})
    .describe("Further server variables for my.cnf; those that mallstack sets itself are refused"),
});

export type MysqlSpec = z.output<typeof mysqlSpec>;

/** What a profile sets where the user says nothing. */
export const mysqlProfiles: Readonly<Record<ProfileName, z.input<typeof mysqlSpec>>> = {
  small: { memory: "896Mi", cpus: 2, storage: "10Gi" },
  standard: { memory: "2Gi", cpus: 2, storage: "50Gi" },
  production: { memory: "8Gi", cpus: 4, storage: "200Gi", binlogRetention: "7d" },
};
