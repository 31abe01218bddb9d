/** The agent as a workload: one container that plans, observes and repairs the services beside it. */
import type { ServicePlan, Volume, Workload } from "../../plan/model.ts";
import { agentApi, dataDir, instanceAddress, mallFile } from "../../plan/names.ts";
import type { Mall } from "../../spec/mall.ts";
import type { Site } from "../../spec/site.ts";
import { healthcheck } from "../healthcheck.ts";
import { type AgentSpec, heapMiB } from "./spec.ts";

export const agentWorkload = "agent";
/** Host port of the API is the site's `portBase` plus this (docs/design/0001-contracts.md). */
const apiHostPortOffset = 100;
/** Holder and common name of the client certificate by which the command line is known. */
export const operatorName = "operator";

export function planAgent(
  spec: AgentSpec,
  site: Site,
  others: readonly ServicePlan[],
  mall: Mall,
): ServicePlan {
  const name = agentApi.instance;
  return {
    service: "agent",
    workloads: [
      {
        name: agentWorkload,
        image: image(site),
        user: { uid: 10004, gid: 10004 },
        instances: [
          {
            name,
            index: 1,
            // The spec's change is the agent's own business: it reads the file again, nothing restarts.
            files: [{ format: "text", path: mallFile, content: mallText(mall), apply: "live" }],
            environment: {
              // V8's young generation is three semi-spaces; by default it could grow to 48 MiB beside the heap.
              NODE_OPTIONS: `--max-old-space-size=${heapMiB(spec.memory)} --max-semi-space-size=4`,
              // Names of stopped containers are looked up through libuv's pool: a slow answer for one must not
              // hold the connections to all others (libuv's default is four threads).
              UV_THREADPOOL_SIZE: "16",
              // glibc keeps what was freed in an arena for each thread: with two the same work ends in half the memory.
              MALLOC_ARENA_MAX: "2",
            },
            secrets: [
              {
                file: "tls",
                ref: {
                  kind: "certificate",
                  id: name,
                  commonName: agentWorkload,
                  dnsNames: [instanceAddress(agentWorkload, name), name, "localhost"],
                  ipAddresses: ["127.0.0.1"],
                  usage: ["server", "client"],
                  rotate: "watch",
                },
              },
            ],
            allCredentials: true,
            published: [{ port: agentApi.port, hostPort: site.portBase + apiHostPortOffset }],
          },
        ],
        ports: [
          {
            name: agentApi.port,
            number: agentApi.number,
            encryption: "tls",
            protocol: "https",
            audience: "operators",
          },
        ],
        volumes: [{ name: "data", path: dataDir, sizeBytes: 64 * 2 ** 20 }, ...statesToWrite(others)],
        scratch: [
          { path: "/run/mall", sizeBytes: 4 * 2 ** 20 },
          { path: "/tmp", sizeBytes: 16 * 2 ** 20 },
        ],
        health: healthcheck(20),
        resources: { memoryBytes: spec.memory, cpus: spec.cpus, pids: 64, files: 4096 },
        stopGraceSeconds: 15,
        // Its volume holds events and derived state: all of it is made again when it is lost.
        stateful: false,
      },
    ],
    routes: [],
    credentials: [],
    clients: [
      {
        kind: "certificate",
        id: operatorName,
        commonName: operatorName,
        dnsNames: [],
        ipAddresses: [],
        usage: ["client"],
        rotate: "watch",
      },
    ],
  };
}

function image(site: Site): Workload["image"] {
  const override = site.images[agentWorkload];
  return override === undefined ? { name: agentWorkload } : { name: agentWorkload, override };
}

/** The shared volumes that others only read: the agent is their one writer, at the path the readers chose. */
function statesToWrite(others: readonly ServicePlan[]): readonly Volume[] {
  return others
    .flatMap((s) => s.workloads.flatMap((w) => w.volumes))
    .flatMap((v) =>
      v.shared?.access === "read"
        ? [{ ...v, shared: { name: v.shared.name, access: "write" as const } }]
        : [],
    );
}

/** The mall as the agent reads it back; plain JSON by construction of the spec's schema. */
const mallText = (mall: Mall): string => `${JSON.stringify(mall, null, 1)}\n`;
