/**
 * An application of the Redis cluster while its certificates and passwords are replaced: writes and reads through a
 * cluster client that stays connected, and new connections all the time, each with the files as they are then.
 */
import { createClient, createCluster } from "@redis/client";
import type { SecretReader } from "../../packages/platform/src/services/service.ts";
import { type RunningTraffic, startTraffic } from "./traffic.ts";

export interface TrafficTarget {
  /** `host:port` of every node, from here. */
  readonly nodes: readonly string[];
  readonly serverName: string;
  /** Address that a node announces → `host:port` from here. */
  readonly natMap: Readonly<Record<string, string>>;
  readonly secrets: SecretReader;
  /** Id of the application's password. */
  readonly password: string;
}

const at = (address: string) => {
  const [host = "", port = ""] = address.split(":");
  return { host, port: Number(port) };
};

/** A busy machine is slow, which is no failure; a server that refuses does so at once. */
const connectTimeout = 10_000;

/** One new connection, a request, the end. @throws what the client would see */
export async function connectOnce(
  target: Pick<TrafficTarget, "serverName">,
  address: string,
  login: { readonly ca: string; readonly password: string },
): Promise<void> {
  const client = createClient({
    username: "default",
    password: login.password,
    disableOfflineQueue: true,
    socket: {
      ...at(address),
      tls: true,
      ca: login.ca,
      servername: target.serverName,
      connectTimeout,
      reconnectStrategy: false,
    },
  });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.destroy();
  }
}

/** Runs until stopped. */
export async function startRedisTraffic(target: TrafficTarget): Promise<RunningTraffic> {
  const { ca } = await target.secrets.identity();
  const cluster = createCluster({
    rootNodes: target.nodes.map((node) => ({ socket: at(node) })),
    nodeAddressMap: Object.fromEntries(
      Object.entries(target.natMap).map(([announced, node]) => [announced, at(node)]),
    ),
    defaults: {
      username: "default",
      password: await target.secrets.value(target.password),
      socket: { tls: true, ca, servername: target.serverName },
    },
  });
  let noteError: (error: unknown) => void = () => {};
  cluster.on("error", (error) => noteError(error));
  await cluster.connect();
  const traffic = startTraffic({
    pauseMs: { request: 10, connect: 40 },
    async request(n) {
      const key = `traffic:${n % 1000}`;
      await cluster.set(key, String(n));
      const read = await cluster.get(key);
      if (read !== String(n)) throw new Error(`wrote ${n}, read ${read}`);
      return 2;
    },
    async connect(n) {
      const node = target.nodes[n % target.nodes.length] ?? "";
      const [identity, password] = await Promise.all([
        target.secrets.identity(),
        target.secrets.value(target.password),
      ]);
      await connectOnce(target, node, { ca: identity.ca, password });
    },
    close: () => cluster.destroy(),
  });
  noteError = (error) => traffic.fail("cluster", error);
  return traffic;
}
