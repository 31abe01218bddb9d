/** The cluster as six like instances (3 masters + 3 replicas): which of them is what, the agent decides. */
import type { GeneratedSecret, Instance, ServicePlan, Workload } from "../../plan/model.ts";
import { dataDir, instanceAddress, runDir } from "../../plan/names.ts";
import type { Site } from "../../spec/site.ts";
import { healthcheck } from "../healthcheck.ts";
import { redisSettings } from "./config.ts";
import {
  configFile,
  hostPortOffset,
  nodeName,
  passwordFile,
  ports,
  secretId,
  serverName,
  serviceName,
  usersFile,
  workloadName,
} from "./names.ts";
import { sizesOf } from "./sizing.ts";
import { nodeCount, type RedisSpec } from "./spec.ts";
import { rulesOf, usersOf } from "./users.ts";

const passwordsOf = (spec: RedisSpec): readonly string[] => [
  ...new Set(usersOf(spec).map((u) => u.password)),
];
const generated = (password: string): GeneratedSecret => ({ kind: "generated", id: secretId(password) });

export function planRedis(spec: RedisSpec, site: Site): ServicePlan {
  const sizes = sizesOf(spec);
  return {
    service: serviceName,
    workloads: [
      {
        name: workloadName,
        image: image(site),
        user: { uid: 10002, gid: 10002 },
        instances: Array.from({ length: nodeCount(spec) }, (_, i) => instance(spec, site, i + 1)),
        ports: [
          { ...ports.redis, encryption: "tls", protocol: "redis", audience: "clients" },
          { ...ports.bus, encryption: "tls", protocol: "redis-cluster", audience: "peers" },
        ],
        volumes: [{ name: "data", path: dataDir, sizeBytes: spec.storage }],
        scratch: [
          { path: runDir, sizeBytes: 2 ** 20 },
          { path: "/tmp", sizeBytes: 4 * 2 ** 20 },
        ],
        health: healthcheck(sizes.loadSeconds),
        resources: { memoryBytes: spec.memory, cpus: spec.cpus, pids: 64, files: sizes.files },
        stopGraceSeconds: sizes.stopGraceSeconds,
        stateful: true,
      },
    ],
    routes: [],
    credentials: passwordsOf(spec).map(generated),
  };
}

function instance(spec: RedisSpec, site: Site, index: number): Instance {
  const name = nodeName(index);
  return {
    name,
    index,
    files: [
      { format: "directives", path: configFile, settings: redisSettings(spec, name) },
      {
        format: "directives",
        path: usersFile,
        // `<user> <secret> <rules>`: a changed rule is set by the agent, the file serves the next start.
        settings: usersOf(spec).map((u) => ({
          key: u.name,
          value: `${u.password} ${rulesOf(u)}`,
          apply: "live",
        })),
      },
    ],
    environment: {},
    secrets: [
      {
        file: "tls",
        ref: {
          kind: "certificate",
          id: name,
          commonName: name,
          dnsNames: [instanceAddress(workloadName, name), name, "localhost", serverName],
          ipAddresses: ["127.0.0.1"],
          // A node is its peers' client too: of the bus, and of its master.
          usage: ["server", "client"],
          rotate: "command",
        },
      },
      ...passwordsOf(spec).map((p) => ({ file: passwordFile(p), ref: generated(p) })),
    ],
    published: [{ port: ports.redis.name, hostPort: site.portBase + hostPortOffset + index }],
  };
}

function image(site: Site): Workload["image"] {
  const override = site.images[workloadName];
  return override === undefined ? { name: workloadName } : { name: workloadName, override };
}
