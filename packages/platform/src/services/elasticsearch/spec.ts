/** `services.elasticsearch` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, ES). */
import { z } from "zod";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";

export const nodeRoles = ["master", "data", "ingest"] as const;
export type NodeRole = (typeof nodeRoles)[number];

/** Names of users, roles and templates: what is valid for all of them, and in a file's name. */
const name = z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/);

const application = z.strictObject({
  indices: z
    .array(z.string().min(1))
    .min(1)
    .describe("Patterns of the indices that it may use, and no others"),
});

const template = z.strictObject({
  patterns: z.array(z.string().min(1)).min(1).describe("Patterns of the indices that it is for"),
  refreshInterval: milliseconds().prefault("1s").describe("How soon a written document is found"),
  size: bytes()
    .prefault("1Gi")
    .describe("What the largest of them is expected to grow to; shards follow from it"),
  shards: z.number().int().min(1).max(64).optional().describe("Left out: one for each 30Gi of the size"),
  replicas: z
    .number()
    .int()
    .min(0)
    .max(8)
    .optional()
    .describe("Left out: 1 where there are several data nodes"),
});
export type TemplateSpec = z.output<typeof template>;

export const elasticsearchSpec = z.strictObject({
  memory: bytes().prefault("2Gi").describe("Memory limit of each node; the heap is half of it or less"),
  cpus: cores().default(2).describe("Limit in cores of each node"),
  storage: bytes().prefault("20Gi").describe("Size of each node's volume claim (Kubernetes)"),
  snapshotStorage: bytes()
    .prefault("20Gi")
    .describe("Size of the nodes' shared volume of snapshots (Kubernetes)"),
  roles: z
    .array(z.array(z.enum(nodeRoles)).min(1))
    .min(1)
    .max(9)
    .default([
      ["master", "ingest"],
      ["master", "data", "ingest"],
      ["master", "data"],
    ])
    .describe("The nodes, each by the roles that it has"),
  heap: bytes()
    .optional()
    .describe("Left out: half of the memory, less where the rest would not fit, at most 31Gi"),
  fielddataCacheRatio: z
    .number()
    .min(0.01)
    .max(0.39)
    .default(0.2)
    .describe("Part of the heap for sorting and grouping by text fields; below the breaker of 0.4"),
  applications: z
    .record(name, application)
    .default({ app: { indices: ["products*", "orders*", "app-*"] } })
    .describe("Users of applications, each with a role and a password of its own"),
  templates: z
    .record(name, template)
    .prefault({
      products: { patterns: ["products*"], refreshInterval: "1s", size: "1Gi" },
      logs: { patterns: ["logs*"], refreshInterval: "30s", size: "30Gi" },
    })
    .describe("What new indices are made with, by their names"),
  settings: z
    .record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe("Further settings of the cluster, applied while it runs"),
});

export type ElasticsearchSpec = z.output<typeof elasticsearchSpec>;

/** What a profile sets where the user says nothing. */
export const elasticsearchProfiles: Readonly<Record<ProfileName, z.input<typeof elasticsearchSpec>>> = {
  small: { memory: "1Gi", storage: "5Gi", snapshotStorage: "5Gi" },
  standard: {},
  production: { memory: "8Gi", cpus: 4, storage: "100Gi", snapshotStorage: "200Gi" },
};

export const countOf = (spec: ElasticsearchSpec, role: NodeRole): number =>
  spec.roles.filter((roles) => roles.includes(role)).length;
