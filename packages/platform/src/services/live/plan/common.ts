/** What the workloads of live streaming have alike. Pure. */
import type { CertificateSecret, InstanceName, SecretFile } from "../../../plan/model.ts";
import type { Site } from "../../../spec/site.ts";
import { addressOf, type Kind, namesOf, ports, users, workloadNames } from "../names.ts";
import type { LiveSpec } from "../spec.ts";

export const MiB = 2 ** 20;

export const certificate = (
  kind: Kind,
  name: InstanceName,
  routes: readonly string[],
): CertificateSecret => ({
  kind: "certificate",
  id: name,
  commonName: workloadNames[kind],
  dnsNames: [addressOf(kind, name), name, "localhost", ...routes],
  ipAddresses: ["127.0.0.1"],
  // Each is a client of the next: the edge of the ingests, the ingest of the application.
  usage: ["server", "client"],
  // All of them read their files again while they run.
  rotate: "watch",
});

export const upstreamOf = (kind: Kind, port: number, name: string) => ({
  name,
  servers: namesOf(kind).map((instance) => ({ host: addressOf(kind, instance), port })),
});

export const generated = (secret: { readonly id: string; readonly file: string }): SecretFile => ({
  file: secret.file,
  ref: { kind: "generated", id: secret.id },
});

/** Where a kind's limits stand in the spec. */
const limits = { ingest: "ingest", edge: "edge", app: "app", livekit: "auctions" } as const;

/** LiveKit as a program of the mall asks it. */
export function livekitServer() {
  const [instance = ""] = namesOf("livekit");
  const host = addressOf("livekit", instance);
  return { host, port: ports.signal.number, serverName: host };
}

export function common(spec: LiveSpec, site: Site, kind: Kind) {
  const { memory, cpus } = spec[limits[kind]];
  const name = workloadNames[kind];
  const override = site.images[name];
  return {
    name,
    image: { name, ...(override === undefined ? {} : { override }) },
    user: { uid: users[kind], gid: users[kind] },
    volumes: [],
    resources: { memoryBytes: memory, cpus, pids: 256, files: 65_536 },
    // Broadcasts are what runs now; what must stay is in MySQL.
    stateful: false,
  };
}
