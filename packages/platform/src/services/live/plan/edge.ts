/** The edges, which viewers play from. Pure. */
import type { Instance, InstanceName, Workload } from "../../../plan/model.ts";
import { runDir } from "../../../plan/names.ts";
import type { Site } from "../../../spec/site.ts";
import { healthcheck } from "../../healthcheck.ts";
import { edgeConfiguration } from "../edge-config.ts";
import {
  files,
  hostPortOffsets,
  namesOf,
  ports,
  probePort,
  routeNames,
  secrets,
  workloadNames,
} from "../names.ts";
import { sizesOf } from "../sizing.ts";
import type { LiveSpec } from "../spec.ts";
import { certificate, common, generated, MiB, upstreamOf } from "./common.ts";

/** Viewers' sessions that an edge tells apart. */
const countedViewers = 20_000;

/** The host that viewers are told of may be one in front, which asks the edges by another name. */
const ownPages = ({ publicUrl }: LiveSpec): readonly string[] =>
  publicUrl === undefined ? [] : [new URL(publicUrl).hostname];

export function edge(spec: LiveSpec, site: Site): Workload {
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
            ...(spec.auctions.enabled
              ? { webrtc: upstreamOf("livekit", ports.signal.number, workloadNames.livekit) }
              : {}),
            ports: { https: ports.https.number, status: ports.status.number, probe: probePort },
            publicPort: quicPort,
            referers: [...ownPages(spec), ...spec.edge.referers],
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
    health: healthcheck(15),
    stopGraceSeconds: 15,
  };
}
