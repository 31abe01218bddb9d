/** Four like nodes that are one erasure set, behind two endpoints: S3 and MinIO's own console. */
import type {
  CertificateSecret,
  Instance,
  InstanceName,
  Port,
  Route,
  ServicePlan,
  Workload,
} from "../../plan/model.ts";
import { dataDir, instanceAddress, runDir } from "../../plan/names.ts";
import type { Site } from "../../spec/site.ts";
import { healthcheck } from "../healthcheck.ts";
import { minioSettings } from "./config.ts";
import {
  environmentFile,
  hostPortOffsets,
  nodeIds,
  nodeName,
  nodeNames,
  ports,
  readyPath,
  rootSecret,
  routeNames,
  secretId,
  serviceName,
  workloadName,
} from "./names.ts";
import { sizesOf } from "./sizing.ts";
import { accountsOf, type MinioSpec } from "./spec.ts";

const MiB = 2 ** 20;

const certificate = (name: InstanceName): CertificateSecret => ({
  kind: "certificate",
  id: name,
  commonName: name,
  dnsNames: [instanceAddress(workloadName, name), name, "localhost", ...Object.values(routeNames)],
  ipAddresses: ["127.0.0.1"],
  // A node is its peers' client too.
  usage: ["server", "client"],
  // The CAs that a node trusts are read at its start only.
  rotate: "roll",
});

const node = (spec: MinioSpec, index: number): Instance => {
  const name = nodeName(index);
  return {
    name,
    index,
    files: [{ format: "directives", path: environmentFile, settings: minioSettings(spec) }],
    environment: {},
    secrets: [
      { file: "tls", ref: certificate(name) },
      { file: rootSecret.file, ref: { kind: "generated", id: rootSecret.id } },
    ],
    published: [],
  };
};

function workload(spec: MinioSpec, site: Site): Workload {
  const override = site.images[workloadName];
  const port = (one: (typeof ports)[keyof typeof ports], protocol: string): Port => ({
    ...one,
    encryption: "tls",
    protocol,
    audience: "clients",
  });
  return {
    name: workloadName,
    image: { name: workloadName, ...(override === undefined ? {} : { override }) },
    user: { uid: 10008, gid: 10008 },
    instances: nodeIds.map((index) => node(spec, index)),
    ports: [port(ports.s3, "s3"), port(ports.browser, "https")],
    volumes: [{ name: "data", path: dataDir, sizeBytes: spec.storage }],
    scratch: [
      { path: runDir, sizeBytes: 8 * MiB },
      { path: "/tmp", sizeBytes: 16 * MiB },
    ],
    health: healthcheck(60),
    resources: { memoryBytes: spec.memory, cpus: spec.cpus, pids: 256, files: sizesOf(spec).files },
    stopGraceSeconds: 30,
    stateful: true,
  };
}

const route = (site: Site, name: keyof typeof routeNames, port: number): Route => ({
  name: routeNames[name],
  protocol: name === "s3" ? "s3" : "https",
  port,
  hostPort: site.portBase + hostPortOffsets[name],
  members: nodeNames.map((instance) => ({ instance, port })),
  // One that has just started and does not reach enough of its peers yet would say of objects that there are none.
  ...(name === "s3" ? { ready: readyPath } : {}),
  // Every node answers for all of them.
  select: { kind: "any" },
});

/** Pure: same spec, same bytes. */
export const planMinio = (spec: MinioSpec, site: Site): ServicePlan => ({
  service: serviceName,
  workloads: [workload(spec, site)],
  routes: [route(site, "s3", ports.s3.number), route(site, "browser", ports.browser.number)],
  credentials: [rootSecret.id, ...accountsOf(spec).map(({ name }) => secretId(name))].map((id) => ({
    kind: "generated",
    id,
  })),
});
