/** The service's part of a mall's plan: three like nodes, two endpoints, the passwords of its accounts. */
import type {
  CertificateSecret,
  Instance,
  InstanceName,
  Route,
  ServicePlan,
  Workload,
} from "../../plan/model.ts";
import { dataDir, runDir } from "../../plan/names.ts";
import type { Site } from "../../spec/site.ts";
import { healthcheck } from "../healthcheck.ts";
import { configuration } from "./config.ts";
import {
  hostPortOffsets,
  localSecrets,
  nodeAddress,
  nodeIds,
  nodeName,
  nodeNames,
  ports,
  roles,
  routeNames,
  workloadName,
} from "./names.ts";
import { sizing } from "./sizing.ts";
import type { MysqlSpec } from "./spec.ts";
import { accounts } from "./users.ts";

const MiB = 2 ** 20;

/** Peers and clients know a node by all of these: its own names, and those of the endpoints it may stand behind. */
const certificate = (instance: InstanceName): CertificateSecret => ({
  kind: "certificate",
  id: instance,
  commonName: instance,
  dnsNames: [nodeAddress(instance), instance, "localhost", routeNames.primary, routeNames.replicas],
  ipAddresses: ["127.0.0.1"],
  // A client too: replicas and clone recipients show it to their source.
  usage: ["server", "client"],
  rotate: "command",
});

const node = (spec: MysqlSpec, id: number): Instance => {
  const name = nodeName(id);
  return {
    name,
    index: id,
    files: [configuration(spec, name)],
    environment: {},
    secrets: [
      { ref: certificate(name), file: "tls" },
      { ref: { kind: "generated", id: localSecrets.root.id }, file: localSecrets.root.file },
      { ref: { kind: "generated", id: localSecrets.agent.id }, file: localSecrets.agent.file },
    ],
    published: [],
  };
};

function workload(spec: MysqlSpec, site: Site): Workload {
  const size = sizing(spec);
  const override = site.images[workloadName];
  return {
    name: workloadName,
    image: { name: workloadName, ...(override === undefined ? {} : { override }) },
    user: { uid: 10001, gid: 10001 },
    instances: nodeIds.map((id) => node(spec, id)),
    ports: [
      { name: "mysql", number: ports.mysql, encryption: "starttls", protocol: "mysql", audience: "clients" },
      {
        name: "admin",
        number: ports.admin,
        encryption: "starttls",
        protocol: "mysql",
        audience: "operators",
      },
    ],
    volumes: [{ name: "data", path: dataDir, sizeBytes: spec.storage }],
    scratch: [
      { path: runDir, sizeBytes: 8 * MiB },
      { path: "/tmp", sizeBytes: 16 * MiB },
    ],
    // The first start makes the data directory, a clone replaces it: both may take long on a slow disk.
    health: healthcheck(300),
    resources: {
      memoryBytes: spec.memory,
      cpus: spec.cpus,
      pids: size.maxConnections + 256,
      files: size.files,
    },
    // An orderly stop flushes the pool's dirty pages.
    stopGraceSeconds: 60,
    stateful: true,
  };
}

/**
 * `mysql-replicas` has no member while no replica is in service: it does not fall back to the primary. Reports that
 * were sent away from the primary on purpose would else fall on it in the moment when it is alone.
 */
const route = (site: Site, name: string, role: string, port: number, offset: number): Route => ({
  name,
  protocol: "mysql",
  port,
  hostPort: site.portBase + offset,
  members: nodeNames.map((instance) => ({ instance, port: ports.mysql })),
  select: { kind: "role", role },
});

/** Pure: same spec, same bytes. */
export function mysqlPlan(spec: MysqlSpec, site: Site): ServicePlan {
  return {
    service: "mysql",
    workloads: [workload(spec, site)],
    routes: [
      route(site, routeNames.primary, roles.primary, ports.mysql, hostPortOffsets.primary),
      // On Compose one proxy serves both under two names: two ports tell them apart.
      route(site, routeNames.replicas, roles.replica, ports.mysql + 1, hostPortOffsets.replicas),
    ],
    credentials: [
      localSecrets.root.id,
      localSecrets.agent.id,
      ...accounts(spec).map((account) => account.secret),
    ].map((id) => ({
      kind: "generated" as const,
      id,
    })),
  };
}
