/** redis.conf as settings, with how a change of each reaches the running server. */
import type { InstanceName, Setting } from "../../plan/model.ts";
import { certificateFiles, ports } from "./names.ts";
import { sizesOf } from "./sizing.ts";
import type { RedisSpec } from "./spec.ts";

/** Applied by the agent with CONFIG SET. */
const live = (key: string, value: string | number): Setting => ({ key, value: `${value}`, apply: "live" });
const restart = (key: string, value: string | number): Setting => ({
  key,
  value: `${value}`,
  apply: "restart",
});

/** Sizes are written in bytes and times in the server's own unit: CONFIG GET answers in the same form. */
export function redisSettings(spec: RedisSpec, instance: InstanceName): readonly Setting[] {
  const sizes = sizesOf(spec);
  return [...network(instance), ...cluster(spec), ...persistence, ...memory(spec), ...operation];

  function network(self: InstanceName): readonly Setting[] {
    const files = certificateFiles(self);
    return [
      restart("port", 0),
      restart("tls-port", ports.redis.number),
      restart("tls-cert-file", files.cert),
      restart("tls-key-file", files.key),
      restart("tls-ca-cert-file", files.ca),
      // Clients prove themselves by password, so that an application needs no key of its own; a certificate that is
      // shown must be ours. The bus asks for one in any case: the server is not told to, it always does.
      live("tls-auth-clients", "optional"),
      // Passwords keep strangers out, and the agent keeps the passwords. The mode would keep the agent out too when a
      // user's password is taken away, and with it who could put it back.
      live("protected-mode", "no"),
      live("tls-protocols", '"TLSv1.2 TLSv1.3"'),
      live("tls-replication", "yes"),
      live("tls-cluster", "yes"),
      restart("tcp-backlog", 511),
      // A peer that vanished without a word is noticed within a minute; idle clients are never cut.
      live("tcp-keepalive", 60),
      live("timeout", 0),
      restart("maxclients", sizes.maxClients),
      restart("databases", 1),
    ];
  }

  function memory(s: RedisSpec): readonly Setting[] {
    const { hardBytes, softBytes } = sizes.replicaBuffer;
    return [
      live("maxmemory", sizes.maxMemoryBytes),
      live("maxmemory-policy", s.evictionPolicy),
      live("maxmemory-samples", 5),
      live("repl-backlog-size", sizes.replicationBacklogBytes),
      live("client-output-buffer-limit", `normal ${sizes.clientBufferBytes} 0 0`),
      live("client-output-buffer-limit", `replica ${hardBytes} ${softBytes} 60`),
      live(
        "client-output-buffer-limit",
        `pubsub ${sizes.clientBufferBytes} ${sizes.clientBufferBytes / 2} 60`,
      ),
      // Freeing a large value stops nobody: it is done beside the command loop.
      live("lazyfree-lazy-eviction", "yes"),
      live("lazyfree-lazy-expire", "yes"),
      live("lazyfree-lazy-server-del", "yes"),
      live("lazyfree-lazy-user-del", "yes"),
      live("replica-lazy-flush", "yes"),
    ];
  }
}

function cluster(spec: RedisSpec): readonly Setting[] {
  return [
    restart("cluster-enabled", "yes"),
    restart("cluster-config-file", "nodes.conf"),
    live("cluster-node-timeout", spec.nodeTimeout),
    // A cache with a part missing is slower; a cache that answers nothing takes the shop with it.
    live("cluster-require-full-coverage", "no"),
    live("cluster-allow-reads-when-down", "no"),
    // A replica moves to an orphaned master by itself only when its own keeps as many as planned.
    live("cluster-migration-barrier", Math.max(1, spec.replicasPerMaster)),
    live("cluster-replica-validity-factor", 10),
    // A write must not wait for a copy: what is here can be read again from MySQL.
    live("min-replicas-to-write", 0),
    live("repl-diskless-sync", "no"),
  ];
}

/** RE-3: RDB every 15 minutes and an AOF that loses at most a second. */
const persistence: readonly Setting[] = [
  restart("dir", "/data"),
  live("save", "900 1"),
  live("rdbcompression", "yes"),
  // A cache goes on when its disk is full; the check of the last save's status says so.
  live("stop-writes-on-bgsave-error", "no"),
  live("appendonly", "yes"),
  live("appendfsync", "everysec"),
  live("no-appendfsync-on-rewrite", "no"),
  live("auto-aof-rewrite-percentage", 100),
  live("auto-aof-rewrite-min-size", 64 * 2 ** 20),
  restart("aof-use-rdb-preamble", "yes"),
  restart("aof-load-truncated", "yes"),
];

const operation: readonly Setting[] = [
  restart("daemonize", "no"),
  restart("logfile", '""'),
  live("loglevel", "notice"),
  live("slowlog-log-slower-than", 10_000),
  live("slowlog-max-len", 256),
  live("latency-monitor-threshold", 100),
];

/** What CONFIG GET should say of every live setting, by name. */
export function liveSettings(settings: readonly Setting[]): ReadonlyMap<string, string> {
  const wanted = new Map<string, string>();
  for (const { key, value, apply } of settings) {
    if (apply !== "live") continue;
    const before = wanted.get(key);
    const text = normalised(value);
    wanted.set(key, before === undefined ? text : `${before} ${text}`);
  }
  return wanted;
}

/** A value in the form of CONFIG GET: without quotes, and with the older word for replica. */
export const normalised = (value: string): string =>
  value.replaceAll('"', "").replaceAll("replica ", "slave ").trim();
