/**
 * The shop's Redis Cluster. Nothing in it is authoritative, so every command is bounded in time and a cluster
 * that does not answer is left alone for a moment instead of slowing every page down.
 * A command whose time is over may still be executed later: whatever is built on this must bear that.
 */
import { createHash } from "node:crypto";
import { createCluster } from "@redis/client";
import { caOf, passwordOf, type RedisSettings } from "./connect.ts";

export interface Redis {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  del(key: string): Promise<void>;
  /** Runs a Lua script on the one key that it touches, as one atomic step. */
  script(script: Script, key: string, args: readonly string[]): Promise<unknown>;
  /** Keys that the masters have evicted since they started. */
  evicted(): Promise<number>;
  close(): Promise<void>;
}

export interface Script {
  readonly source: string;
  readonly sha: string;
}

export const luaScript = (source: string): Script => ({
  source,
  sha: createHash("sha1").update(source).digest("hex"),
});

/**
 * Prefix of every key of a shop. It carries the load's id: Redis outlives a database that is emptied and filled
 * again, and would answer with pages of the shop before.
 */
export const keySpace = (load: string): string => `shop:${load.slice(0, 12)}`;

/** The cluster could not be asked: go on without it. */
export class RedisUnavailable extends Error {
  override readonly name = "RedisUnavailable";
}

export interface RedisOptions {
  /** Bound of each command, in ms. */
  readonly timeoutMs?: number;
  /** After this many failures in a row the cluster is left alone … */
  readonly failures?: number;
  /** … for so many ms. */
  readonly restMs?: number;
}

export async function openRedis(settings: RedisSettings, options: RedisOptions = {}): Promise<Redis> {
  const { timeoutMs = 500, failures = 20, restMs = 500 } = options;
  const ca = caOf(settings);
  const password = passwordOf(settings);
  const tls =
    ca === undefined
      ? {}
      : {
          tls: true as const,
          ca,
          ...(settings.serverName === undefined ? {} : { servername: settings.serverName }),
        };
  const cluster = createCluster({
    rootNodes: settings.nodes.map((node) => ({ socket: { host: node.host, port: node.port, ...tls } })),
    defaults: {
      ...(settings.user === undefined ? {} : { username: settings.user }),
      ...(password === undefined ? {} : { password }),
      socket: {
        ...tls,
        connectTimeout: 2_000,
        reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, 1_000),
      },
    },
    nodeAddressMap: { ...settings.natMap },
    // A node that is down must not keep the others from being used.
    minimizeConnections: true,
  });
  // Reconnecting is the client's business; each command's own failure is what is handled here.
  cluster.on("error", () => {});
  const bounded = breaker({ timeoutMs, failures, restMs });
  await bounded(() => cluster.connect(), 10_000);
  return {
    get: (key) => bounded(() => cluster.get(key)),
    set: async (key, value, ttlMs) => {
      await bounded(() => cluster.set(key, value, { expiration: { type: "PX", value: ttlMs } }));
    },
    del: async (key) => {
      await bounded(() => cluster.del(key));
    },
    script: (script, key, args) =>
      bounded(async () => {
        const given = { keys: [key], arguments: [...args] };
        try {
          return await cluster.evalSha(script.sha, given);
        } catch (error) {
          if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
          return await cluster.eval(script.source, given);
        }
      }),
    evicted: () =>
      bounded(async () => {
        const stats = await Promise.all(
          cluster.masters.map(async (node) => (await cluster.nodeClient(node)).info("stats")),
        );
        return stats.reduce((sum, text) => sum + Number(/^evicted_keys:(\d+)/m.exec(text)?.[1] ?? 0), 0);
      }, 5_000),
    close: async () => {
      cluster.destroy();
    },
  };
}

/** Bounds commands in time and, after a row of failures, refuses at once for a while. Exported for its test. */
export function breaker(options: Required<RedisOptions>, now: () => number = Date.now) {
  let failed = 0;
  let restUntil = 0;
  return async <T>(command: () => Promise<T>, timeoutMs = options.timeoutMs): Promise<T> => {
    if (now() < restUntil) throw new RedisUnavailable("left alone after repeated failures");
    let timer: NodeJS.Timeout | undefined;
    try {
      const running = command();
      running.catch(() => {});
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new RedisUnavailable(`no answer in ${timeoutMs} ms`)), timeoutMs);
      });
      const value = await Promise.race([running, late]);
      failed = 0;
      return value;
    } catch (error) {
      failed += 1;
      if (failed >= options.failures) {
        failed = 0;
        restUntil = now() + options.restMs;
      }
      throw error instanceof RedisUnavailable
        ? error
        : new RedisUnavailable(error instanceof Error ? error.message : String(error), { cause: error });
    } finally {
      clearTimeout(timer);
    }
  };
}
