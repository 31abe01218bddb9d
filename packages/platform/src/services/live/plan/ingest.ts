/** The ingests: nginx-rtmp, the supervisor and its packagers. Pure. */
import type { Instance, InstanceName, ServicePlan, Workload } from "../../../plan/model.ts";
import { runDir } from "../../../plan/names.ts";
import type { Site } from "../../../spec/site.ts";
import { text } from "../../../text.ts";
import { healthcheck } from "../../healthcheck.ts";
import { hlsFolder, type IngestSettings, ingestFiles } from "../ingest-config.ts";
import { addressOf, authority, namesOf, ports, routeNames } from "../names.ts";
import { sizesOf, timings } from "../sizing.ts";
import type { LiveSpec } from "../spec.ts";
import { certificate, common, livekitServer, MiB } from "./common.ts";
import { objectStoreOf } from "./stores.ts";

/** Connections of publishers, by RTMP or RTMPS. */
const publishersOf = (spec: LiveSpec): number => 64 + 8 * spec.ingest.broadcasts;
/** Two edges keep 32 a worker, and may open as many again when a playlist is late. */
const edgesConnections = 512;

/** What both the plan and its check are made from. */
export const ingestSettings = (spec: LiveSpec, instance: InstanceName): Omit<IngestSettings, "stores"> => ({
  instance,
  fragmentSeconds: timings.fragment,
  playlistSeconds: timings.playlist,
  keepEndedSeconds: timings.keepEnded,
  chunkSize: timings.chunkBytes,
  connections: publishersOf(spec),
  originConnections: publishersOf(spec) + edgesConnections,
  originWorkers: 1,
  ladders: spec.ingest.ladders,
  ladderThreads: sizesOf(spec).ladderThreads,
  applications: namesOf("app").map((app) => ({
    host: addressOf("app", app),
    port: ports.https.number,
    serverName: addressOf("app", app),
  })),
});

export function ingest(spec: LiveSpec, site: Site, others: readonly ServicePlan[]): Workload {
  const kind = "ingest";
  const store = objectStoreOf(others);
  const stage = spec.auctions.enabled ? { livekit: livekitServer(), stages: spec.ingest.auctions } : {};
  const instance = (name: InstanceName, index: number): Instance => ({
    name,
    index,
    files: Object.entries(
      ingestFiles({ ...ingestSettings(spec, name), stores: { ...store.sections, ...stage } }),
    ).map(([path, content]) => ({
      format: "text",
      path,
      content,
      apply: "restart",
    })),
    environment: {},
    secrets: [{ file: "tls", ref: certificate(kind, name, [routeNames.rtmps]) }, ...store.secrets],
    published: [],
  });
  const { segmentBytes, ladderSegmentBytes } = sizesOf(spec);
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
      { path: "/tmp", sizeBytes: segmentBytes + 16 * MiB },
      { path: hlsFolder, sizeBytes: segmentBytes + ladderSegmentBytes + 16 * MiB },
    ],
    health: healthcheck(30),
    stopGraceSeconds: 15,
  };
}
