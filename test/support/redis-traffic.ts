/**
 * An application of the Redis cluster while its certificates and passwords are replaced: writes and reads through a
 * cluster client that stays connected, and new connections all the time, each with the files as they are then.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, createCluster } from "@redis/client";
import { messageOf } from "../../packages/platform/src/errors.ts";
import type { SecretReader } from "../../packages/platform/src/services/service.ts";

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

export interface Traffic {
  readonly requests: number;
  readonly connections: number;
  readonly failures: readonly string[];
}

const at = (address: string) => {
  const [host = "", port = ""] = address.split(":");
  return { host, port: Number(port) };
};

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
      connectTimeout: 5_000,
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
export async function startTraffic(target: TrafficTarget): Promise<{ stop(): Promise<Traffic> }> {
  const failures: string[] = [];
  let requests = 0;
  let connections = 0;
  let isOver = false;
  const fail = (what: string, error: unknown) =>
    failures.push(`${new Date().toISOString()} ${what}: ${messageOf(error)}`);

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
  cluster.on("error", (error) => fail("cluster", error));
  await cluster.connect();

  const staying = async (): Promise<void> => {
    for (let n = 0; !isOver; n += 1) {
      try {
        const key = `traffic:${n % 1000}`;
        await cluster.set(key, String(n));
        const read = await cluster.get(key);
        if (read !== String(n)) throw new Error(`wrote ${n}, read ${read}`);
        requests += 2;
      } catch (error) {
        fail("request", error);
      }
      await sleep(10);
    }
  };
  const coming = async (): Promise<void> => {
    for (let n = 0; !isOver; n += 1) {
      const node = target.nodes[n % target.nodes.length] ?? "";
      try {
        const [identity, password] = await Promise.all([
          target.secrets.identity(),
          target.secrets.value(target.password),
        ]);
        await connectOnce(target, node, { ca: identity.ca, password });
        connections += 1;
      } catch (error) {
        fail(`connection to ${node}`, error);
      }
      await sleep(40);
    }
  };
  const running = Promise.all([staying(), coming()]);
  return {
    async stop() {
      isOver = true;
      await running;
      cluster.destroy();
      return { requests, connections, failures };
    },
  };
}
