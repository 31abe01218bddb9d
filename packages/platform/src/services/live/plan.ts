/** Two ingests, two edges and two instances of the application, each pair behind a name. Pure. */
import type {
  CertificateSecret,
  Instance,
  InstanceName,
  Port,
  Route,
  SecretFile,
  ServicePlan,
  Workload,
} from "../../plan/model.ts";
import { routeAddress, runDir } from "../../plan/names.ts";
import type { Site } from "../../spec/site.ts";
import { text } from "../../text.ts";
import { edgeConfiguration } from "./edge-config.ts";
import { hlsFolder, ingestFiles } from "./ingest-config.ts";
import {
  addressOf,
  authority,
  database,
  files,
  hostPortOffsets,
  type Kind,
  namesOf,
  ports,
  probePort,
  routeNames,
  rtmpApplication,
  secrets,
  serviceName,
  users,
  workloadNames,
} from "./names.ts";
import { sizesOf, timings } from "./sizing.ts";
import type { LiveSpec } from "./spec.ts";

const MiB = 2 ** 20;

/** Viewers' sessions that an edge tells apart. */
const countedViewers = 20_000;

const probe = (startSeconds: number) => ({
  command: ["/usr/local/bin/healthcheck"],
  intervalSeconds: 5,
  timeoutSeconds: 5,
  retries: 3,
  startSeconds,
});

const certificate = (kind: Kind, name: InstanceName, routes: readonly string[]): CertificateSecret => ({
  kind: "certificate",
  id: name,
  commonName: workloadNames[kind],
  dnsNames: [addressOf(kind, name), name, "localhost", ...routes],
  ipAddresses: ["127.0.0.1"],
  // Each is a client of the next: the edge of the ingests, the ingest of the application.
  usage: ["server", "client"],
  // All three read their files again while they run.
  rotate: "watch",
});

const upstreamOf = (kind: Kind, port: number, name: string) => ({
  name,
  servers: namesOf(kind).map((instance) => ({ host: addressOf(kind, instance), port })),
});

interface Addresses {
  readonly publicUrl: string;
  readonly pushUrl: string;
  readonly pushUrlTls: string;
}

/** What the user says, else this machine's own ports. */
function addressesOf(spec: LiveSpec, site: Site): Addresses {
  const at = (offset: number): string => `localhost:${site.portBase + offset}`;
  return {
    publicUrl: spec.publicUrl ?? `https://${at(hostPortOffsets.https)}`,
    pushUrl: spec.pushUrl ?? `rtmp://${at(hostPortOffsets.rtmp)}/${rtmpApplication}`,
    pushUrlTls: spec.pushUrlTls ?? `rtmps://${at(hostPortOffsets.rtmps)}/${rtmpApplication}`,
  };
}

const generated = (secret: { readonly id: string; readonly file: string }): SecretFile => ({
  file: secret.file,
  ref: { kind: "generated", id: secret.id },
});

function ingest(spec: LiveSpec, site: Site): Workload {
  const kind = "ingest";
  const instance = (name: InstanceName, index: number): Instance => ({
    name,
    index,
    files: Object.entries(
      ingestFiles({
        instance: name,
        fragmentSeconds: timings.fragment,
        playlistSeconds: timings.playlist,
        keepEndedSeconds: timings.keepEnded,
        chunkSize: timings.chunkBytes,
        connections: 64 + 8 * spec.ingest.broadcasts,
        originWorkers: 1,
        applications: namesOf("app").map((app) => ({
          host: addressOf("app", app),
          port: ports.https.number,
          serverName: addressOf("app", app),
        })),
      }),
    ).map(([path, content]) => ({ format: "text", path, content, apply: "restart" })),
    environment: {},
    secrets: [{ file: "tls", ref: certificate(kind, name, [routeNames.rtmps]) }],
    published: [],
  });
  const segments = sizesOf(spec).segmentBytes;
  return {
    ...common(spec, site, kind),
    instances: namesOf(kind).map((name, i) => instance(name, i + 1)),
    ports: [
      {
        ...ports.rtmp,
        encryption: "plain",
        plainBecause: text(
          "the deployment plan has RTMP as it is; a publisher who wants TLS has RTMPS beside it",
          "部署计划要求使用 RTMP；需要加密的推流端可改用旁边的 RTMPS",
        ),
        protocol: "rtmp",
        audience: "clients",
      },
      { ...ports.rtmps, encryption: "tls", protocol: "rtmps", audience: "clients" },
      { ...ports.origin, encryption: "tls", protocol: "https", audience: "peers" },
      { ...ports.status, encryption: "tls", protocol: "https", audience: "operators" },
    ],
    hosts: [authority],
    scratch: [
      { path: runDir, sizeBytes: 4 * MiB },
      { path: "/tmp", sizeBytes: segments + 16 * MiB },
      { path: hlsFolder, sizeBytes: segments + 16 * MiB },
    ],
    health: probe(30),
    stopGraceSeconds: 15,
  };
}

function edge(spec: LiveSpec, site: Site): Workload {
  const kind = "edge";
  const sizes = sizesOf(spec);
  const instance = (name: InstanceName, index: number): Instance => {
    const quicPort = site.portBase + hostPortOffsets.quic + index - 1;
    return {
      name,
      index,
      files: [
        {
          format: "text",
          path: files.edge,
          content: edgeConfiguration({
            instance: name,
            origin: upstreamOf("ingest", ports.origin.number, routeNames.rtmps),
            app: upstreamOf("app", ports.https.number, routeNames.app),
            ports: { https: ports.https.number, status: ports.status.number, probe: probePort },
            publicPort: quicPort,
            referers: spec.edge.referers,
            allowEmptyReferer: spec.edge.allowEmptyReferer,
            trustedProxies: spec.edge.trustedProxies,
            workers: sizes.edgeWorkers,
            workerConnections: spec.edge.connections,
            cacheBytes: sizes.cacheBytes,
            viewers: countedViewers,
            mediaRate: spec.edge.mediaRate,
            apiRate: spec.edge.apiRate,
          }),
          apply: "restart",
        },
      ],
      environment: {},
      secrets: [{ file: "tls", ref: certificate(kind, name, [routeNames.edge]) }, generated(secrets.play)],
      // HAProxy carries TCP only: each edge's QUIC is reached at a port of its own, which the edge itself announces.
      published: [{ port: ports.quic.name, hostPort: quicPort }],
    };
  };
  return {
    ...common(spec, site, kind),
    instances: namesOf(kind).map((name, i) => instance(name, i + 1)),
    ports: [
      { ...ports.https, encryption: "tls", protocol: "https", audience: "clients" },
      { ...ports.quic, encryption: "tls", protocol: "http3", audience: "clients", transport: "udp" },
      { ...ports.status, encryption: "tls", protocol: "https", audience: "operators" },
    ],
    scratch: [
      { path: runDir, sizeBytes: 4 * MiB },
      { path: "/tmp", sizeBytes: sizes.cacheBytes + 16 * MiB },
    ],
    health: probe(15),
    stopGraceSeconds: 15,
  };
}

function app(spec: LiveSpec, site: Site): Workload {
  const kind = "app";
  const content = (): string =>
    `${JSON.stringify(
      {
        mysql: {
          host: routeAddress("mysql-primary"),
          port: 3306,
          serverName: "mysql-primary",
          database: database.name,
          user: database.account,
        },
        ...addressesOf(spec, site),
        playTtlSeconds: Math.round(spec.playTtl / 1000),
      },
      null,
      2,
    )}\n`;
  const instance = (name: InstanceName, index: number): Instance => ({
    name,
    index,
    files: [{ format: "text", path: files.app, content: content(), apply: "restart" }],
    environment: {},
    secrets: [
      { file: "tls", ref: certificate(kind, name, [routeNames.app]) },
      ...[secrets.mysql, secrets.seal, secrets.play, secrets.token].map(generated),
    ],
    published: [],
  });
  return {
    ...common(spec, site, kind),
    instances: namesOf(kind).map((name, i) => instance(name, i + 1)),
    ports: [{ ...ports.https, encryption: "tls", protocol: "https", audience: "clients" }],
    scratch: [
      { path: runDir, sizeBytes: 4 * MiB },
      { path: "/tmp", sizeBytes: 16 * MiB },
    ],
    health: probe(30),
    stopGraceSeconds: 15,
  };
}

function common(spec: LiveSpec, site: Site, kind: Kind) {
  const name = workloadNames[kind];
  const override = site.images[name];
  return {
    name,
    image: { name, ...(override === undefined ? {} : { override }) },
    user: { uid: users[kind], gid: users[kind] },
    volumes: [],
    resources: { memoryBytes: spec[kind].memory, cpus: spec[kind].cpus, pids: 256, files: 65_536 },
    // Broadcasts are what runs now; what must stay is in MySQL.
    stateful: false,
  };
}

const route = (
  site: Site,
  kind: Kind,
  key: keyof typeof routeNames,
  port: Pick<Port, "number">,
  own: number,
  offset: number,
  protocol: string,
): Route => ({
  name: routeNames[key],
  protocol,
  port: own,
  hostPort: site.portBase + offset,
  members: namesOf(kind).map((instance) => ({ instance, port: port.number })),
  select: { kind: "any" },
});

/** Pure: same spec, same bytes. */
export const planLive = (spec: LiveSpec, site: Site): ServicePlan => ({
  service: serviceName,
  workloads: [app(spec, site), ingest(spec, site), edge(spec, site)],
  routes: [
    route(site, "ingest", "rtmp", ports.rtmp, 1935, hostPortOffsets.rtmp, "rtmp"),
    route(site, "ingest", "rtmps", ports.rtmps, 1936, hostPortOffsets.rtmps, "rtmps"),
    route(site, "edge", "edge", ports.https, 443, hostPortOffsets.https, "https"),
    { ...route(site, "app", "app", ports.https, 8449, hostPortOffsets.app, "https"), ready: "/ready" },
  ],
  credentials: [secrets.play, secrets.seal, secrets.token].map(({ id }) => ({ kind: "generated", id })),
});
