/**
 * The mall's Redis Cluster. Nothing in it is authoritative, so every command is bounded in time, and a cluster that
 * does not answer is left alone for a moment instead of slowing every request down. A command whose time is over may
 * still be executed later: whatever is built on this must bear that.
 */
import { createCluster } from "@redis/client";
import type { Config } from "./config.ts";
import { messageOf } from "./errors.ts";
import type { Secrets } from "./secrets.ts";

export interface Redis {
  /** Of keys on any nodes, in one round. */
  get(keys: readonly string[]): Promise<readonly (string | null)[]>;
  set(key: string, value: string, lifeMs: number): Promise<void>;
  members(key: string): Promise<readonly string[]>;
  /** These and no others. */
  setMembers(key: string, members: readonly string[], lifeMs: number): Promise<void>;
  close(): void;
}

/** The cluster could not be asked: go on without it. */
export class RedisAway extends Error {
  override readonly name = "RedisAway";
}

export interface Bounds {
  /** Of each command, in ms. */
  readonly timeoutMs: number;
  /** After so many failures in a row … */
  readonly failures: number;
  /** … it is left alone for so many ms. */
  readonly restMs: number;
}

const bounds: Bounds = { timeoutMs: 300, failures: 5, restMs: 1_000 };
const connectTimeoutMs = 2_000;

type Told = (state: "ok" | "away", cause?: string) => void;

export function openRedis(settings: NonNullable<Config["redis"]>, secrets: Secrets, told: Told): Redis {
  const bounded = boundedBy(bounds, told, Date.now);
  const dial = (ca: string) => {
    const tls = { tls: true as const, ca, servername: settings.nodes[0]?.serverName ?? "" };
    const cluster = createCluster({
      rootNodes: settings.nodes.map(({ host, port }) => ({ socket: { host, port, ...tls } })),
      defaults: {
        credentialsProvider: {
          type: "async-credentials-provider",
          // Asked for every new connection: the password may be another by then.
          credentials: async () => ({ username: settings.user, password: secrets.read("redis.password") }),
        },
        socket: {
          ...tls,
          connectTimeout: connectTimeoutMs,
          reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, 1_000),
        },
        disableOfflineQueue: true,
      },
      // A node that is down must not keep the others from being used.
      minimizeConnections: true,
    });
    // Reconnecting is the client's business; each command's own failure is what is handled here.
    cluster.on("error", () => {});
    return { ca, cluster, ready: cluster.connect() };
  };
  let open: ReturnType<typeof dial> | undefined;
  let closed = false;

  /** A cluster that never answered is dialled anew, as is one that was verified by a CA that is no longer ours. */
  const connected = async () => {
    if (closed) throw new RedisAway("closed");
    const ca = secrets.read("ca.crt");
    if (open !== undefined && open.ca !== ca) {
      open.cluster.destroy();
      open = undefined;
    }
    open ??= dial(ca);
    const mine = open;
    try {
      await mine.ready;
    } catch (error) {
      if (open === mine) open = undefined;
      throw error;
    }
    return mine.cluster;
  };

  return {
    get: (keys) =>
      bounded(async () => {
        const cluster = await connected();
        return Promise.all(keys.map((key) => cluster.get(key)));
      }),
    set: async (key, value, lifeMs) => {
      await bounded(async () =>
        (await connected()).set(key, value, { expiration: { type: "PX", value: lifeMs } }),
      );
    },
    members: (key) => bounded(async () => (await connected()).sMembers(key)),
    setMembers: async (key, members, lifeMs) => {
      await bounded(async () => {
        const cluster = await connected();
        if (members.length === 0) return cluster.del(key);
        return cluster
          .multi()
          .del(key)
          .sAdd(key, [...members])
          .pExpire(key, lifeMs)
          .exec();
      });
    },
    close: () => {
      closed = true;
      open?.ready.catch(() => {});
      open?.cluster.destroy();
    },
  };
}

/** Bounds commands in time and, after a row of failures, refuses at once for a while. Exported for its test. */
export function boundedBy({ timeoutMs, failures, restMs }: Bounds, told: Told, now: () => number) {
  let failed = 0;
  let restUntil = 0;
  return async <T>(command: () => Promise<T>): Promise<T> => {
    if (now() < restUntil) throw new RedisAway("left alone after repeated failures");
    let timer: NodeJS.Timeout | undefined;
    try {
      const running = command();
      running.catch(() => {});
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
      });
      const value = await Promise.race([running, late]);
      failed = 0;
      told("ok");
      return value;
    } catch (error) {
      failed += 1;
      if (failed >= failures) {
        failed = 0;
        restUntil = now() + restMs;
        told("away", messageOf(error));
      }
      throw new RedisAway(messageOf(error), { cause: error });
    } finally {
      clearTimeout(timer);
    }
  };
}
