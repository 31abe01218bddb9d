/** The nodes as instances of one workload; what differs between them stands in their files. */
import type { GeneratedSecret, Instance, ServicePlan, Workload } from "../../plan/model.ts";
import { dataDir, instanceAddress, runDir } from "../../plan/names.ts";
import type { Site } from "../../spec/site.ts";
import { healthcheck } from "../healthcheck.ts";
import { firstMasters, jvmOptions, nodeSettings, yamlText } from "./config.ts";
import {
  builtInUsers,
  configFile,
  firstMastersFile,
  hostPortOffset,
  jvmFile,
  nodeName,
  passwordFile,
  ports,
  secretId,
  serviceName,
  snapshotsFolder,
  snapshotsVolume,
  usersFile,
  workloadName,
} from "./names.ts";
import type { ElasticsearchSpec } from "./spec.ts";
import { fileUsers } from "./users.ts";

const MiB = 2 ** 20;
const generated = (user: string): GeneratedSecret => ({ kind: "generated", id: secretId(user) });

export function planElasticsearch(spec: ElasticsearchSpec, site: Site): ServicePlan {
  return {
    service: serviceName,
    workloads: [
      {
        name: workloadName,
        image: image(site),
        user: { uid: 10007, gid: 10007 },
        instances: spec.roles.map((_, i) => instance(spec, site, i + 1)),
        ports: [
          { ...ports.http, encryption: "tls", protocol: "https", audience: "clients" },
          { ...ports.transport, encryption: "tls", protocol: "elasticsearch-transport", audience: "peers" },
        ],
        volumes: [
          { name: "data", path: dataDir, sizeBytes: spec.storage },
          {
            name: "snapshots",
            path: snapshotsFolder,
            sizeBytes: spec.snapshotStorage,
            shared: { name: snapshotsVolume, access: "write" },
          },
        ],
        scratch: [
          { path: runDir, sizeBytes: 4 * MiB },
          { path: "/tmp", sizeBytes: 64 * MiB },
        ],
        health: healthcheck(120),
        // 65,535 is the least that the server's own bootstrap checks take (bootstrap-checks-file-descriptor.html).
        resources: { memoryBytes: spec.memory, cpus: spec.cpus, pids: 1024, files: 65_535, maps: 262_144 },
        stopGraceSeconds: 30,
        stateful: true,
      },
    ],
    routes: [],
    credentials: [...fileUsers(spec).map((u) => u.name), ...builtInUsers].map(generated),
  };
}

function instance(spec: ElasticsearchSpec, site: Site, index: number): Instance {
  const name = nodeName(index);
  const users = fileUsers(spec);
  return {
    name,
    index,
    files: [
      {
        format: "text",
        path: configFile,
        content: yamlText(nodeSettings(spec, site, index)),
        apply: "restart",
      },
      { format: "text", path: jvmFile, content: jvmOptions(spec), apply: "restart" },
      // Read once in a mall's life.
      { format: "text", path: firstMastersFile, content: firstMasters(spec), apply: "live" },
      {
        format: "directives",
        path: usersFile,
        settings: users.map((u) => ({ key: u.name, value: `${u.name} ${u.role}`, apply: "live" })),
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
          dnsNames: [instanceAddress(workloadName, name), name, "localhost"],
          ipAddresses: ["127.0.0.1"],
          // A node is its peers' client too.
          usage: ["server", "client"],
          // The entrypoint's follower brings the files where the server watches them.
          rotate: "watch",
        },
      },
      ...users.map((u) => ({ file: passwordFile(u.name), ref: generated(u.name) })),
    ],
    published: [{ port: ports.http.name, hostPort: site.portBase + hostPortOffset + index }],
  };
}

function image(site: Site): Workload["image"] {
  const override = site.images[workloadName];
  return override === undefined ? { name: workloadName } : { name: workloadName, override };
}
