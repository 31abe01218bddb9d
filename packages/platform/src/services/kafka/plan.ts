/** The brokers as like instances: which of them leads a partition, or is the controller, is theirs to settle. */
import type { GeneratedSecret, Instance, ServicePlan, Workload } from "../../plan/model.ts";
import { dataDir, instanceAddress, runDir } from "../../plan/names.ts";
import type { Site } from "../../spec/site.ts";
import { healthcheck } from "../healthcheck.ts";
import { jvmOptions, kafkaSettings } from "./config.ts";
import {
  configFile,
  hostPortOffset,
  jvmFile,
  nodeName,
  operatorUser,
  passwordFile,
  ports,
  secretId,
  serviceName,
  workloadName,
} from "./names.ts";
import { sizesOf } from "./sizing.ts";
import { type KafkaSpec, usersOf } from "./spec.ts";

const generated = (user: string): GeneratedSecret => ({ kind: "generated", id: secretId(user) });

export function planKafka(spec: KafkaSpec, site: Site, others: readonly ServicePlan[]): ServicePlan {
  const sizes = sizesOf(spec);
  return {
    service: serviceName,
    workloads: [
      {
        name: workloadName,
        image: image(site),
        user: { uid: 10006, gid: 10006 },
        instances: Array.from({ length: spec.brokers }, (_, i) => instance(spec, site, i + 1, others)),
        ports: [
          { ...ports.clients, encryption: "tls", protocol: "kafka", audience: "clients" },
          { ...ports.peers, encryption: "tls", protocol: "kafka", audience: "peers" },
          { ...ports.external, encryption: "tls", protocol: "kafka", audience: "clients" },
        ],
        volumes: [{ name: "data", path: dataDir, sizeBytes: spec.storage }],
        scratch: [
          { path: runDir, sizeBytes: 2 ** 20 },
          // snappy, lz4 and zstd unpack and map their native code here.
          { path: "/tmp", sizeBytes: 32 * 2 ** 20, exec: true },
        ],
        health: healthcheck(sizes.startSeconds),
        resources: { memoryBytes: spec.memory, cpus: spec.cpus, pids: 512, files: sizes.files },
        stopGraceSeconds: sizes.stopGraceSeconds,
        // A broker hands its partitions over with the help of ZooKeeper, and waits for it without end.
        leansOn: zookeepers(others).map((found) => found.workload.name),
        stateful: true,
      },
    ],
    routes: [],
    credentials: usersOf(spec).map(generated),
  };
}

function instance(spec: KafkaSpec, site: Site, index: number, others: readonly ServicePlan[]): Instance {
  const name = nodeName(index);
  const externalPort = site.portBase + hostPortOffset + index;
  const place = { instance: name, externalPort, zookeeper: zookeeperAddresses(others) };
  return {
    name,
    index,
    files: [
      { format: "directives", path: configFile, settings: kafkaSettings(spec, site, place) },
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
          // The bare name is by which ZooKeeper knows a broker.
          dnsNames: [instanceAddress(workloadName, name), name, "localhost", workloadName],
          ipAddresses: [...new Set(["127.0.0.1", ...bindAddress(site.bind)])],
          // A broker is its peers' and ZooKeeper's client too.
          usage: ["server", "client"],
          rotate: "watch",
        },
      },
      // For the shell in the container; the brokers keep nobody's password in a file.
      { file: passwordFile(operatorUser), ref: generated(operatorUser) },
    ],
    published: [{ port: ports.external.name, hostPort: externalPort }],
  };
}

/** Clients on the host are told the bind address and verify it. */
const bindAddress = (bind: string): readonly string[] => (bind === "0.0.0.0" || bind === "::" ? [] : [bind]);

/** Whoever of the services before offers ZooKeeper's protocol to clients. */
const zookeepers = (others: readonly ServicePlan[]) =>
  others
    .flatMap(({ workloads }) => workloads)
    .flatMap((workload) =>
      workload.ports
        .filter((port) => port.protocol === "zookeeper" && port.audience === "clients")
        .map((port) => ({ workload, port })),
    );

const zookeeperAddresses = (others: readonly ServicePlan[]): string =>
  zookeepers(others)
    .flatMap(({ workload, port }) =>
      workload.instances.map((one) => `${instanceAddress(workload.name, one.name)}:${port.number}`),
    )
    .join(",");

function image(site: Site): Workload["image"] {
  const override = site.images[workloadName];
  return override === undefined ? { name: workloadName } : { name: workloadName, override };
}
