/**
 * Everything that follows from a node's memory. The container's limit is hard: a node that exceeds it is killed,
 * so the data may take only what leaves room for the worst moment: a fork for RDB or an AOF rewrite while all data
 * is being overwritten.
 */
import type { RedisSpec } from "./spec.ts";

const MiB = 2 ** 20;

/** The server itself with its cluster bus, TLS library and slot tables; 12 MiB measured idle. */
export const baseBytes = 20 * MiB;

/**
 * A TLS connection. 240 idle ones took 43 KiB of the container each on 6.0.16, of which 20 KiB count as data in the
 * server's own figures and the rest, OpenSSL's, nowhere; the remainder here is for buffers of connections in use.
 */
export const bytesPerClient = 64 * 1024;

/**
 * Bytes of the container per byte of data at the worst moment:
 * 1.1  the data with the allocator's fragmentation (`mem_fragmentation_ratio` of a filled node);
 * 1.1  the same once more, when all of it changes while a child writes RDB or AOF: each page is then copied
 *      (redis.io/docs, "Diagnosing latency issues" and the administration page on overcommit);
 * 0.3  what `maxmemory` leaves out: writes kept for an AOF rewrite, which 6.0 holds in both processes, and the
 *      replicas' output buffers (`mem_not_counted_for_evict`).
 * With 2.1 a child was killed once on a busy machine, at 72 MiB of data in 192 MiB, while the node was filled half as
 * much again over, saved, rewrote and fed its replica (check redis.full-memory-evicts). With 2.5 (61 MiB) the most was
 * 125 MiB of processes and 34 MiB of file pages on their way to the disk, with two other busy programs on two cores.
 */
export const bytesPerDataByte = 1.1 + 1.1 + 0.3;

/** Redis' own default, and more than a shop's application servers open. */
const wantedClients = 10_000;

/** Descriptors beside clients: 32 that Redis keeps back, two bus links a peer, files and pipes. */
export const filesBesideClients = 96;

export interface Sizes {
  readonly maxMemoryBytes: number;
  readonly maxClients: number;
  /** Open files to ask for; a target gives `min(this, what its host can give)` and Redis then lowers maxclients. */
  readonly files: number;
  readonly replicationBacklogBytes: number;
  /** Per replica: the hard limit, and the one that may be exceeded for a minute. */
  readonly replicaBuffer: { readonly hardBytes: number; readonly softBytes: number };
  /** A client that does not read its answers is cut off here, before it evicts everybody's data. */
  readonly clientBufferBytes: number;
  readonly stopGraceSeconds: number;
  readonly loadSeconds: number;
  /** What the node may need at the worst moment, by the formula above. */
  readonly worstCaseBytes: number;
  /** RDB and AOF, each with its successor while it is rewritten, and an AOF that may double before that. */
  readonly diskBytes: number;
}

export function sizesOf(spec: RedisSpec): Sizes {
  const maxClients = spec.maxClients ?? Math.min(wantedClients, roundTo(clientShare(spec.memory), 50));
  const fixedBytes = baseBytes + maxClients * bytesPerClient;
  const maxMemoryBytes =
    spec.maxMemory ??
    roundTo(
      spec.maxMemoryRatio === undefined
        ? (spec.memory - fixedBytes) / bytesPerDataByte
        : spec.memory * spec.maxMemoryRatio,
      MiB,
    );
  const hardBytes = Math.max(16 * MiB, roundTo(maxMemoryBytes / 4, MiB));
  return {
    maxMemoryBytes,
    maxClients,
    files: maxClients + filesBesideClients,
    replicationBacklogBytes: Math.max(MiB, Math.min(256 * MiB, roundTo(maxMemoryBytes / 20, MiB))),
    replicaBuffer: { hardBytes, softBytes: hardBytes / 2 },
    clientBufferBytes: Math.max(16 * MiB, roundTo(maxMemoryBytes / 8, MiB)),
    // A stop writes the RDB file, a start reads the AOF: at 30 MB/s and 20 MB/s on a slow disk.
    stopGraceSeconds: 15 + Math.ceil(maxMemoryBytes / 30e6),
    loadSeconds: 30 + Math.ceil(maxMemoryBytes / 20e6),
    worstCaseBytes: fixedBytes + Math.ceil(maxMemoryBytes * bytesPerDataByte),
    diskBytes: maxMemoryBytes * 5,
  };
}

/** A tenth of the memory for connections. */
const clientShare = (memoryBytes: number): number => memoryBytes / 10 / bytesPerClient;

const roundTo = (value: number, unit: number): number => Math.max(unit, Math.floor(value / unit) * unit);
