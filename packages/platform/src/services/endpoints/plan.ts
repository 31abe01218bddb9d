/** HAProxy as a workload: one port per route of the services before it. Kubernetes follows roles by labels instead. */
import type { Port, Route, ServicePlan, Volume, Workload } from "../../plan/model.ts";
import { instanceAddress, runDir } from "../../plan/names.ts";
import type { Site } from "../../spec/site.ts";
import { healthcheck } from "../healthcheck.ts";
import { configuration, type ResolvedRoute } from "./config.ts";
import { configFile, instance, ports, stateFolder, stateVolume, workloadName } from "./names.ts";
import type { EndpointsSpec } from "./spec.ts";

const MiB = 2 ** 20;

export function planEndpoints(spec: EndpointsSpec, site: Site, others: readonly ServicePlan[]): ServicePlan {
  const routes = others.flatMap((s) => s.routes);
  const service = { service: "endpoints", routes: [], credentials: [] };
  if (routes.length === 0) return { ...service, workloads: [] };
  refuseSharedPorts(routes);
  const resolved = routes.map((route) => resolve(route, others));
  return { ...service, workloads: [workload(spec, site, resolved)] };
}

interface Found extends ResolvedRoute {
  readonly speaks: Pick<Port, "encryption" | "plainBecause">;
}

/** What speaks behind a route is said by the ports of its members' workload. */
function resolve(route: Route, others: readonly ServicePlan[]): Found {
  const workloads = others.flatMap((s) => s.workloads);
  const found = route.members.map((member) => {
    const owner = workloads.find((w) => w.instances.some((i) => i.name === member.instance));
    const port = owner?.ports.find((p) => p.number === member.port);
    if (owner === undefined || port === undefined)
      throw new Error(`route ${route.name} leads to ${member.instance}:${member.port}, which nothing plans`);
    return { instance: member.instance, workload: owner.name, speaks: spoken(port) };
  });
  const [first] = found;
  if (first === undefined) throw new Error(`route ${route.name} has no member`);
  return {
    route,
    workloadOf: Object.fromEntries(found.map((f) => [f.instance, f.workload])),
    speaks: first.speaks,
  };
}

const spoken = ({ encryption, plainBecause }: Port): Found["speaks"] => ({
  encryption,
  ...(plainBecause === undefined ? {} : { plainBecause }),
});

/** All routes share one container here, hence its ports. */
function refuseSharedPorts(routes: readonly Route[]): void {
  const owners = new Map<number, string>(Object.values(ports).map((p) => [p.number, p.name]));
  for (const { name, port } of routes) {
    const other = owners.get(port);
    if (other !== undefined) throw new Error(`routes ${other} and ${name} both ask for port ${port}`);
    owners.set(port, name);
  }
}

function workload(spec: EndpointsSpec, site: Site, routes: readonly Found[]): Workload {
  const override = site.images[workloadName];
  return {
    name: workloadName,
    image: { name: workloadName, ...(override === undefined ? {} : { override }) },
    user: { uid: 10003, gid: 10003 },
    instances: [
      {
        name: instance,
        index: 1,
        files: [{ format: "text", path: configFile, content: configuration(spec, routes), apply: "restart" }],
        environment: {},
        aliases: routes.map(({ route }) => route.name),
        secrets: [
          {
            file: "tls",
            ref: {
              kind: "certificate",
              id: instance,
              commonName: instance,
              dnsNames: [instanceAddress(workloadName, instance), instance, "localhost"],
              ipAddresses: ["127.0.0.1"],
              usage: ["server"],
              // The image's entrypoint hands changed files to the running process.
              rotate: "watch",
            },
          },
        ],
        published: [...routes.map(({ route }) => ({ port: route.name, hostPort: route.hostPort }))],
      },
    ],
    ports: [
      ...routes.map(
        ({ route, speaks }): Port => ({
          name: route.name,
          number: route.port,
          ...speaks,
          protocol: route.protocol,
          audience: "clients",
        }),
      ),
      { ...ports.runtime, encryption: "tls", protocol: "haproxy", audience: "operators" },
      { ...ports.metrics, encryption: "tls", protocol: "https", audience: "operators" },
    ],
    volumes: [stateToRead],
    scratch: [
      { path: runDir, sizeBytes: 4 * MiB },
      { path: "/tmp", sizeBytes: 4 * MiB },
    ],
    health: healthcheck(15),
    resources: {
      memoryBytes: spec.memory,
      cpus: spec.cpus,
      pids: 64,
      // HAProxy computes it as 2 * maxconn plus listeners, checks and its own; it refuses to start with fewer.
      files: 2 * spec.maxConnections + 200,
    },
    stopGraceSeconds: 10,
    // Which server is open is the agent's to say again; the volume only bridges its absence.
    stateful: false,
    onlyOn: "compose",
  };
}

const stateToRead: Volume = {
  name: "state",
  path: stateFolder,
  sizeBytes: MiB,
  shared: { name: stateVolume, access: "read" },
};
