/** What follows from a node's memory. All data is in the heap; a mall's is a few MiB. */
import type { ZookeeperSpec } from "./spec.ts";

const MiB = 2 ** 20;

/**
 * Beside the heap: classes, compiled code, threads, and buffers of TLS. Measured with a heap of up to 128 MiB: 105 to 120 MiB
 * of the container in all, of a mall at work (docs/design/0007-kafka.md).
 */
export const besideHeapBytes = 128 * MiB;

/** With less it stops for the garbage collector all the time. */
export const leastHeapBytes = 64 * MiB;

export interface Sizes {
  readonly heapBytes: number;
  readonly startSeconds: number;
  readonly stopGraceSeconds: number;
}

export function sizesOf(spec: Pick<ZookeeperSpec, "memory">): Sizes {
  return {
    heapBytes: Math.max(leastHeapBytes, Math.floor((spec.memory - besideHeapBytes) / MiB) * MiB),
    // 2 s alone on two quiet cores; nine servers that start together on them take turns.
    startSeconds: 60,
    stopGraceSeconds: 15,
  };
}
