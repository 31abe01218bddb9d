/**
 * Where the shop's servers are. The one place that knows the form of `mall connect --json`: everything else
 * sees {@link Connections}. Passwords stay in their files until a connection is opened, so that a rotated one
 * is found by the next connection.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "@mallstack/platform/src/errors.ts";
import { storefrontError } from "./errors.ts";

export interface Credentials {
  readonly user?: string;
  /** File whose whole content is the password. */
  readonly passwordFile?: string;
  /** PEM of the CAs to trust; absent: no TLS, which only a mall of somebody else's would offer. */
  readonly caFile?: string;
  /** Name the certificate must carry, where it is not the host's. */
  readonly serverName?: string;
}

export interface MysqlSettings extends Credentials {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface RedisSettings extends Credentials {
  readonly nodes: readonly HostPort[];
  /** Announced address (`10.0.0.1:6379`) → address that is reached from here. */
  readonly natMap: Readonly<Record<string, HostPort>>;
}

export interface KafkaSettings extends Credentials {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
}

export interface SearchSettings extends Credentials {
  /** `https://host:port` of each node. */
  readonly nodes: readonly string[];
}

export interface PicturesSettings extends Credentials {
  /** `https://host:port` of the S3 endpoint. */
  readonly endpoint: string;
  readonly region: string;
}

export interface Connections {
  readonly primary: MysqlSettings;
  readonly replicas: MysqlSettings;
  readonly redis: RedisSettings;
  readonly kafka: KafkaSettings;
  readonly search: SearchSettings;
  readonly pictures: PicturesSettings;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * `MALL_CONNECT` (the JSON itself, or a file of it), else what `<root>/mall connect --json` prints.
 * @throws CONNECT_UNREADABLE
 */
export async function connections(env: NodeJS.ProcessEnv = process.env): Promise<Connections> {
  const given = env.MALL_CONNECT;
  if (given?.trim().startsWith("{") === true) return parseConnections(given, "MALL_CONNECT");
  if (given !== undefined && given !== "") {
    if (!existsSync(given)) throw unreadable("MALL_CONNECT", `there is no file ${given}`);
    return parseConnections(readFileSync(given, "utf8"), given);
  }
  const launcher = join(env.MALL_ROOT ?? ".", "mall");
  try {
    const { stdout } = await promisify(execFile)(launcher, ["connect", "--json"], { env });
    return parseConnections(stdout, "'mall connect --json'");
  } catch (error) {
    if (error instanceof Error && error.name === "MallError") throw error;
    throw unreadable(`'${launcher} connect --json'`, messageOf(error), error);
  }
}

const unreadable = (source: string, detail: string, cause?: unknown) =>
  storefrontError.CONNECT_UNREADABLE({ source, detail }, cause);

/** @throws CONNECT_UNREADABLE naming what is missing. */
export function parseConnections(text: string, source: string): Connections {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw unreadable(source, messageOf(error), error);
  }
  const list = asRecord(document)?.services;
  if (!Array.isArray(list)) throw unreadable(source, "it has no list 'services'");
  const settings = (pattern: RegExp, name: string): Json => {
    const found = list.map(asRecord).find((entry) => pattern.test(String(entry?.title ?? "")));
    const value = asRecord(found?.settings);
    if (value === undefined) throw unreadable(source, `it has no entry for ${name}`);
    return value;
  };
  const at = (value: Json, name: string) =>
    mysql(value, (key) => unreadable(source, `${name} has no ${key}`));
  return {
    primary: at(settings(/mysql.*primary/i, "the MySQL primary"), "the MySQL primary"),
    replicas: at(settings(/mysql.*replica/i, "the MySQL replicas"), "the MySQL replicas"),
    redis: redis(settings(/redis/i, "Redis"), (key) => unreadable(source, `Redis has no ${key}`)),
    kafka: kafka(settings(/^kafka/i, "Kafka"), () => unreadable(source, "Kafka has no brokers")),
    search: search(settings(/^elasticsearch/i, "Elasticsearch"), () =>
      unreadable(source, "Elasticsearch has no nodes"),
    ),
    pictures: pictures(settings(/^(minio|s3)$/i, "MinIO"), () => unreadable(source, "MinIO has no endpoint")),
  };
}

const asRecord = (value: unknown): Json | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

function credentials(value: Json): Credentials {
  const named = (key: "user" | "passwordFile" | "caFile" | "serverName") => {
    const given = text(value[key]);
    return given === undefined ? {} : { [key]: given };
  };
  return { ...named("user"), ...named("passwordFile"), ...named("caFile"), ...named("serverName") };
}

function mysql(value: Json, missing: (key: string) => Error): MysqlSettings {
  const host = text(value.host);
  const port = Number(value.port);
  if (host === undefined) throw missing("host");
  if (!Number.isInteger(port)) throw missing("port");
  // A mall lists its databases once its servers are up; the first one is the shop's.
  const listed = Array.isArray(value.databases) ? value.databases.map(text) : [];
  const database = text(value.database) ?? listed.find((name) => name !== undefined);
  if (database === undefined) throw missing("database; is the mall up?");
  return { ...credentials(value), host, port, database };
}

function redis(value: Json, missing: (key: string) => Error): RedisSettings {
  const listed = Array.isArray(value.nodes) ? value.nodes : Object.values(asRecord(value.nodes) ?? {});
  const nodes = listed.map(hostPort).filter((node) => node !== undefined);
  const own = hostPort(value);
  const natMap: Record<string, HostPort> = {};
  for (const [announced, here] of Object.entries(asRecord(value.natMap ?? value.nodeAddressMap) ?? {})) {
    const address = hostPort(here);
    if (address !== undefined) natMap[announced] = address;
  }
  const all = nodes.length > 0 ? nodes : own !== undefined ? [own] : Object.values(natMap);
  if (all.length === 0) throw missing("nodes");
  return { ...credentials(value), nodes: all, natMap };
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(text).filter((one) => one !== undefined) : [];

function kafka(value: Json, missing: () => Error): KafkaSettings {
  const brokers = texts(value.brokers);
  if (brokers.length === 0) throw missing();
  return { ...credentials(value), brokers };
}

function search(value: Json, missing: () => Error): SearchSettings {
  const nodes = texts(value.nodes);
  if (nodes.length === 0) throw missing();
  return { ...credentials(value), nodes };
}

function pictures(value: Json, missing: () => Error): PicturesSettings {
  const endpoint = text(value.endpoint);
  if (endpoint === undefined) throw missing();
  return { ...credentials(value), endpoint, region: text(value.region) ?? "us-east-1" };
}

/** `{host, port}` or `host:port`. */
function hostPort(value: unknown): HostPort | undefined {
  const record = asRecord(value);
  if (record !== undefined) {
    const host = text(record.host);
    const port = Number(record.port);
    return host !== undefined && Number.isInteger(port) ? { host, port } : undefined;
  }
  const match = typeof value === "string" ? /^(.+):(\d+)$/.exec(value) : null;
  return match?.[1] !== undefined ? { host: match[1], port: Number(match[2]) } : undefined;
}

/** A password as its file holds it now. */
export const passwordOf = (credentials: Credentials): string | undefined =>
  credentials.passwordFile === undefined
    ? undefined
    : readFileSync(credentials.passwordFile, "utf8").replace(/\r?\n$/, "");

export const caOf = (credentials: Credentials): string | undefined =>
  credentials.caFile === undefined ? undefined : readFileSync(credentials.caFile, "utf8");
