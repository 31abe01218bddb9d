/** The quorum as like instances: which of them leads is theirs to elect. */
import type { Instance, ServicePlan, Workload } from "../../plan/model.ts";
import { dataDir, instanceAddress, runDir } from "../../plan/names.ts";
import type { Site } from "../../spec/site.ts";
import { healthcheck } from "../healthcheck.ts";
import { jvmOptions, zookeeperSettings } from "./config.ts";
import { configFile, jvmFile, nodeName, ports, serviceName, workloadName } from "./names.ts";
import { sizesOf } from "./sizing.ts";
import type { ZookeeperSpec } from "./spec.ts";

export function planZookeeper(spec: ZookeeperSpec, site: Site): ServicePlan {
  const sizes = sizesOf(spec);
  return {
    service: serviceName,
    workloads: [
      {
        name: workloadName,
        image: image(site),
        user: { uid: 10005, gid: 10005 },
        instances: Array.from({ length: spec.nodes }, (_, i) => instance(spec, i + 1)),
        ports: [
          { ...ports.client, encryption: "tls", protocol: "zookeeper", audience: "clients" },
          {
            ...ports.quorum,
            encryption: "tls",
            protocol: "zookeeper-quorum",
            audience: "peers",
            onlyLeader: true,
          },
          { ...ports.election, encryption: "tls", protocol: "zookeeper-election", audience: "peers" },
        ],
        volumes: [{ name: "data", path: dataDir, sizeBytes: spec.storage }],
        scratch: [
          { path: runDir, sizeBytes: 2 ** 20 },
          { path: "/tmp", sizeBytes: 8 * 2 ** 20 },
        ],
        health: healthcheck(sizes.startSeconds),
        resources: { memoryBytes: spec.memory, cpus: spec.cpus, pids: 256, files: 4096 },
        stopGraceSeconds: sizes.stopGraceSeconds,
        stateful: true,
      },
    ],
    routes: [],
    credentials: [],
  };
}

function instance(spec: ZookeeperSpec, index: number): Instance {
  const name = nodeName(index);
  return {
    name,
    index,
    files: [
      { format: "directives", path: configFile, settings: zookeeperSettings(spec) },
      { format: "text", path: jvmFile, content: jvmOptions(spec), apply: "restart" },
    ],
    environment: {},
    secrets: [
      {
        file: "tls",
        ref: {
          kind: "certificate",
          id: name,
          commonName: name,
          dnsNames: [instanceAddress(workloadName, name), name, "localhost", workloadName],
          ipAddresses: ["127.0.0.1"],
          // A node is its peers' client too.
          usage: ["server", "client"],
          rotate: "watch",
        },
      },
    ],
    published: [],
  };
}

function image(site: Site): Workload["image"] {
  const override = site.images[workloadName];
  return override === undefined ? { name: workloadName } : { name: workloadName, override };
}
