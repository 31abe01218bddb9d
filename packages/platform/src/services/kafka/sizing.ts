/** What follows from a broker's memory and cores. */
import type { KafkaSpec } from "./spec.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/**
 * Beside the heap: classes, compiled code, a hundred threads, TLS and network buffers outside of the heap. Three brokers
 * with a heap of 326 MiB had 230 to 260 MiB in their containers when idle; after 1.5 million records of 1 KiB with
 * acks=all their processes had 315 to 330 MiB, heap in use included, and the most beside it was files that are read again
 * from memory (docs/design/0007-kafka.md). The heap may fill up to its limit, the buffers up to theirs of 96 MiB.
 */
export const besideHeapBytes = 288 * MiB;

/**
 * What the operating system keeps of the files is what consumers that keep up read from: a part of the memory is left to
 * it ("kafka.apache.org/39/documentation.html#design_filesystem").
 */
const pageCacheShare = 0.2;

/** Kafka's own scripts give a broker 1 GiB; beyond 6 GiB more heap brings nothing but longer collections. */
export const mostHeapBytes = 6 * GiB;
export const leastHeapBytes = 192 * MiB;

export interface Sizes {
  readonly heapBytes: number;
  /** Each of the three listeners has as many. */
  readonly networkThreads: number;
  readonly ioThreads: number;
  readonly socketBufferBytes: number;
  /** The largest request that is read at all: one batch a partition, for several partitions. */
  readonly requestBytes: number;
  /** Requests that may wait for a thread before the network's threads stop reading. */
  readonly queuedRequests: number;
  readonly replicaFetchBytes: number;
  readonly maxConnections: number;
  readonly files: number;
  readonly startSeconds: number;
  readonly stopGraceSeconds: number;
}

export function sizesOf(spec: KafkaSpec): Sizes {
  const forHeap = spec.memory * (1 - pageCacheShare) - besideHeapBytes;
  const heapBytes = Math.max(
    leastHeapBytes,
    Math.min(mostHeapBytes, Math.floor(Math.min(forHeap, spec.memory / 2) / MiB) * MiB),
  );
  const cores = Math.max(1, Math.floor(spec.cpus));
  const maxConnections = Math.min(10_000, Math.max(500, Math.floor(heapBytes / MiB)));
  return {
    heapBytes,
    // The manual's defaults are 3 and 8, for machines with many cores.
    networkThreads: Math.max(2, cores),
    ioThreads: Math.max(4, 2 * cores),
    // A megabyte would fill a link of 1 Gbit/s over 8 ms; in one place a quarter does.
    socketBufferBytes: heapBytes >= GiB ? MiB : 256 * 1024,
    requestBytes: Math.max(16 * MiB, 4 * spec.maxMessage),
    queuedRequests: Math.max(50, Math.min(500, Math.floor(heapBytes / (4 * MiB)))),
    // A copy takes a batch that is larger than this all the same, but alone and slowly.
    replicaFetchBytes: Math.max(MiB, spec.maxMessage + 64 * 1024),
    maxConnections,
    // Each partition has a segment and its indexes open; 4,000 partitions with three segments each, and connections.
    files: 40_000 + 2 * maxConnections,
    // 8 s alone on two quiet cores; nine servers that start together on them take turns.
    startSeconds: 90,
    // An orderly stop hands each partition over and writes what it knows of its logs.
    stopGraceSeconds: 45,
  };
}
