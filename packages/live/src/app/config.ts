/** `/config/<instance>/live.json`: what the platform's plan tells the application. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { bucketSettings } from "../bucket/bucket.ts";
import { messageOf } from "./errors.ts";

const port = z.int().min(1).max(65_535);
const address = {
  host: z.string().min(1),
  port,
  /** Name that the server's certificate is verified against. */
  serverName: z.string().min(1),
};
const addresses = z.array(z.strictObject(address)).min(1);
const user = z.string().min(1);

export const configSchema = z.strictObject({
  mysql: z.strictObject({
    ...address,
    database: z.string().regex(/^[A-Za-z0-9_]{1,64}$/),
    user,
    /** Connections of this instance at most; three are held for as long as it tells events, counts viewers and keeps the index. */
    connections: z.int().min(4).max(100).default(12),
  }),
  /** Where viewers find pages and streams: the edges, `https://live.example.com`. */
  publicUrl: z.url({ protocol: /^https$/ }).transform(withoutSlash),
  /** Where publishers push to, without the stream: `rtmp://live.example.com:1935/live`. */
  pushUrl: z.url({ protocol: /^rtmp$/ }).transform(withoutSlash),
  /** The same over TLS: `rtmps://…`; absent: there is none. */
  pushUrlTls: z
    .url({ protocol: /^rtmps$/ })
    .transform(withoutSlash)
    .optional(),
  /** How long a signed play address is valid, in seconds. */
  playTtlSeconds: z.int().min(30).max(86_400).default(3_600),
  /**
   * A broadcast whose ingest instance has been silent for this long may be replaced by another publisher, in ms. An
   * ingest instance reports every two seconds; two lost reports and a slow third are no loss.
   */
  lostAfterMs: z.int().min(2_000).max(60_000).default(5_000),
  /** Who issues the tokens of users. */
  tokens: z
    .strictObject({ issuer: z.string().min(1).default("mall"), audience: z.string().min(1).default("live") })
    .prefault({}),
  /** Where events go, secret `kafka.password`. Each of the following parts is off when it is absent. */
  kafka: z.strictObject({ brokers: addresses, user, topic: z.string().min(1) }).optional(),
  /** Who watches, and what many ask for, secret `redis.password`: a Redis Cluster. */
  redis: z.strictObject({ nodes: addresses, user, prefix: z.string().min(1) }).optional(),
  /** Search, secret `elasticsearch.password`. `index`: what names of its indices begin with. */
  elasticsearch: z
    .strictObject({ nodes: addresses, user, index: z.string().regex(/^[a-z][a-z0-9-]*$/) })
    .optional(),
  /** Replays, secret `minio.password`. */
  minio: bucketSettings.optional(),
  /** How long a replay is kept after its broadcast began, in days. */
  replays: z.strictObject({ keepDays: z.int().min(1).max(3_650).default(90) }).prefault({}),
  /** LiveKit's signalling and interface, secret `livekit.key`: sound and picture of auctions. */
  livekit: z.strictObject(address).optional(),
  /** Status ports of the edges, which count who watches. */
  edges: z.array(z.strictObject(address)).default([]),
  listen: z.strictObject({ host: z.string().default("0.0.0.0"), port: port.default(8443) }).prefault({}),
});

export type Config = z.output<typeof configSchema>;

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

/** @throws Error that names the file and each setting that is wrong */
export async function readConfig(path: string): Promise<Config> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new Error(`${path}: ${messageOf(error)}`);
  }
  return parseConfig(json, path);
}

/** Pure. @throws Error that names each setting that is wrong */
export function parseConfig(json: unknown, path = "live.json"): Config {
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`${path}: ${issues.join("; ")}`);
}
