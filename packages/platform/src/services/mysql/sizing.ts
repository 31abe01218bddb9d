/**
 * From one number, the memory of a node, to everything in it that takes memory.
 *
 *     limit ≥ pool × 1.03 + base + connections × per-thread buffers
 *
 * Sources: "How MySQL Uses Memory" and "InnoDB Buffer Pool Size" of the Reference Manual for what is
 * allocated when; the figures marked "measured" by test/e2e/mysql.test.ts on MySQL 9.7.4.
 */
import type { MysqlSpec } from "./spec.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** Control structures of the pool: 392.7 MiB allocated for a pool of 384 MiB (measured: `memory/innodb/buf_buf_pool`). */
export const poolOverhead = 1.03;

/**
 * A node without its pool, after work: the server's own structures, trimmed performance_schema, redo buffer, a
 * replica's receiver and appliers, and what the allocator keeps. Measured with the pool wholly touched and
 * transactions of 500,000 rows: 267 MiB on the primary, 282 MiB on a replica (216 MiB freshly started).
 */
export const baseBytes = 288 * MiB;

/** Buffers that each connection's thread may allocate; set to exactly these in my.cnf. */
export const perThread = {
  sort_buffer_size: 256 * KiB,
  join_buffer_size: 256 * KiB,
  read_buffer_size: 128 * KiB,
  read_rnd_buffer_size: 256 * KiB,
  binlog_cache_size: 32 * KiB,
  thread_stack: 1024 * KiB,
  net_buffer_length: 16 * KiB,
} as const;

/**
 * What a session takes beside its buffers. The sum is an upper bound: 50 sessions that sorted, joined, grouped and
 * wrote at once took 1.15 MiB each (measured), the stack's untouched part being the most of the difference.
 */
const sessionBytes = 128 * KiB;
export const perConnectionBytes = Object.values(perThread).reduce((a, b) => a + b, sessionBytes);

/** Fewer clients than this cannot serve an application through its pool; the validator refuses such memory. */
export const minConnections = 20;
/** More threads than this only wait for each other; beyond it a pooler is the better tool. */
const maxUsefulConnections = 4_000;

export interface Sizing {
  readonly limitBytes: number;
  readonly bufferPoolBytes: number;
  readonly bufferPoolChunkBytes: number;
  readonly temporaryTableBytes: number;
  readonly redoBytes: number;
  readonly maxConnections: number;
  readonly tableOpenCache: number;
  readonly tableDefinitionCache: number;
  readonly applierThreads: number;
  readonly files: number;
  /** What all of it may take together; above the limit only when the spec forces it. */
  readonly committedBytes: number;
}

/** 50 % while the fixed part dominates, more as it shrinks beside the whole (MY-5: 50–70 %). */
export function defaultPoolRatio(limitBytes: number): number {
  if (limitBytes < 2 * GiB) return 0.5;
  return limitBytes < 8 * GiB ? 0.6 : 0.7;
}

/** The connections' share includes none of this: internal temporary tables in memory, one bound for all sessions. */
const temporaryTables = (limitBytes: number): number =>
  Math.min(Math.max(16 * MiB, roundDown(limitBytes * 0.02, MiB)), GiB);

const roundDown = (value: number, unit: number): number => Math.floor(value / unit) * unit;
const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** Pure. What the manual calls the total of global and per-thread buffers. */
export function committed(limitBytes: number, bufferPoolBytes: number, connections: number): number {
  return Math.ceil(
    bufferPoolBytes * poolOverhead +
      baseBytes +
      temporaryTables(limitBytes) +
      connections * perConnectionBytes,
  );
}

/** Pure. Sizes of one node by its spec. */
export function sizing(spec: MysqlSpec): Sizing {
  const limitBytes = spec.memory;
  // A pool is a whole number of chunks; the server rounds up, which could pass the 70 %.
  const bufferPoolChunkBytes = limitBytes < 2 * GiB ? 16 * MiB : 128 * MiB;
  const wanted = limitBytes * (spec.bufferPoolRatio ?? defaultPoolRatio(limitBytes));
  const below = roundDown(wanted, bufferPoolChunkBytes);
  const bufferPoolBytes = below >= limitBytes * 0.5 ? below : below + bufferPoolChunkBytes;
  const left = limitBytes - committed(limitBytes, bufferPoolBytes, 0);
  const maxConnections =
    spec.maxConnections ?? clamp(Math.floor(left / perConnectionBytes), 1, maxUsefulConnections);
  const tableOpenCache = limitBytes < 2 * GiB ? 1_000 : 4_000;
  return {
    limitBytes,
    bufferPoolBytes,
    bufferPoolChunkBytes,
    temporaryTableBytes: temporaryTables(limitBytes),
    // "innodb_redo_log_capacity": enough that checkpoints are not forced by it; half the pool is the usual start.
    redoBytes: clamp(roundDown(bufferPoolBytes / 2, MiB), 256 * MiB, 4 * GiB),
    maxConnections,
    tableOpenCache,
    tableDefinitionCache: limitBytes < 2 * GiB ? 800 : 2_000,
    // "How MySQL Opens and Closes Tables": a connection each, two per open table, and the server's own.
    files: maxConnections + 2 * tableOpenCache + 1_000,
    applierThreads: clamp(Math.floor(spec.cpus) * 2, 2, 16),
    committedBytes: committed(limitBytes, bufferPoolBytes, maxConnections),
  };
}
