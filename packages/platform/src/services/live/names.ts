/** Every name that two parts of this service agree on: workloads, ports, secrets, files. */
import type { InstanceName } from "../../plan/model.ts";
import { instanceAddress, instanceName } from "../../plan/names.ts";

export const serviceName = "live";

/** Folder of the image and name of the workload are one. */
export const workloadNames = {
  ingest: "live-ingest",
  edge: "live-edge",
  app: "live-app",
  livekit: "livekit",
} as const;
export type Kind = keyof typeof workloadNames;
export const kinds: readonly Kind[] = ["ingest", "edge", "app", "livekit"];

/** Of the images' users (docs/design/0001-contracts.md). */
export const users = { ingest: 10009, edge: 10010, app: 10011, livekit: 10012 } as const;

/** Two of each: one may be lost. LiveKit is one node: several would need a Redis of their own that never evicts. */
const perWorkload: Readonly<Record<Kind, number>> = { ingest: 2, edge: 2, app: 2, livekit: 1 };

export const namesOf = (kind: Kind): readonly InstanceName[] =>
  Array.from({ length: perWorkload[kind] }, (_, i) => instanceName(workloadNames[kind], i + 1));

export const addressOf = (kind: Kind, instance: InstanceName): string =>
  instanceAddress(workloadNames[kind], instance);

export const ports = {
  rtmp: { name: "rtmp", number: 1935 },
  rtmps: { name: "rtmps", number: 1936 },
  origin: { name: "origin", number: 8080 },
  status: { name: "status", number: 9443 },
  https: { name: "https", number: 8443 },
  quic: { name: "quic", number: 8443 },
  signal: { name: "signal", number: 7880 },
} as const;

/**
 * Sound and picture of auctions, by UDP and, where networks carry none, by TCP. Browsers are told the number that LiveKit
 * listens on, so it is the same in its container and on the host.
 */
export const mediaPorts = { udp: "media", tcp: "media-tcp" } as const;

/** Answered on the container's loopback, to its own probe. */
export const probePort = 9080;

/** Names behind which any of the instances answers. */
export const routeNames = {
  rtmp: "live-rtmp",
  rtmps: "live-rtmps",
  edge: "live-edge",
  app: "live-app",
} as const;

/** Offsets from the site's `portBase`: RTMP and HTTPS remind of their usual ports, and QUIC stands beside. */
export const hostPortOffsets = {
  rtmp: 935,
  rtmps: 936,
  https: 443,
  quic: 444,
  mediaTcp: 447,
  mediaUdp: 448,
  app: 449,
} as const;

/** The name that the deployment plan's nginx.conf asks for leave to publish; it is the supervisor beside nginx. */
export const authority = { name: "auth-server.local", address: "127.0.0.1" } as const;

/** RTMP application of the deployment plan. */
export const rtmpApplication = "live";

/** MySQL: the application's own account and database. */
export const database = { account: "live", name: "live" } as const;

/** Rooms' events in order: a room's are all in one partition, and there can be no fewer of them later. */
export const eventPartitions = 12;

/**
 * Its accounts in the stores that a mall may leave out, and what each may use there. The certificates of all Redis
 * nodes carry the one name; MinIO's access key begins with the account's name.
 */
export const stores = {
  kafka: { service: "kafka", port: "clients", user: "live", topic: "live.events" },
  redis: { service: "redis", port: "redis", serverName: "redis", user: "live", prefix: "live:" },
  elasticsearch: { service: "elasticsearch", port: "http", user: "live", index: "live-" },
  minio: { service: "minio", route: "minio", user: "live", bucket: "replays" },
} as const;

export const secrets = {
  /** Signs play addresses: the application makes them, the edges judge them. */
  play: { id: "live.play", file: "play.key" },
  /** Seals stream keys in the database. */
  seal: { id: "live.seal", file: "seal.key" },
  /** Signs users' tokens. */
  token: { id: "live.jwt", file: "jwt.key" },
  /** Signs who may join an auction's room, and the application's own calls of LiveKit. */
  livekit: { id: "live.livekit", file: "livekit.key" },
  mysql: { id: `mysql.${database.account}`, file: "mysql.password" },
  kafka: { id: `kafka.${stores.kafka.user}`, file: "kafka.password" },
  redis: { id: `redis.${stores.redis.user}`, file: "redis.password" },
  elasticsearch: { id: `elasticsearch.${stores.elasticsearch.user}`, file: "elasticsearch.password" },
  minio: { id: `minio.${stores.minio.user}`, file: "minio.password" },
} as const;

export const files = { edge: "nginx.conf", app: "live.json", livekit: "livekit.yaml" } as const;
