/** Everything that follows from a node's memory, and from how large an index is to grow. */
import { countOf, type ElasticsearchSpec, type TemplateSpec } from "./spec.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/**
 * A node without its heap and direct buffers: classes 95 MiB, of which most come from the archive, code up to 80 MiB,
 * the collector's own tables, threads' stacks, libraries. 190 MiB measured idle on 7.10.2, and what load adds.
 */
export const baseBytes = 300 * MiB;

/** Below this a node collects garbage more than it serves (the circuit breakers leave 70 % of it to requests). */
export const leastHeapBytes = 256 * MiB;

/**
 * Above it the JVM needs eight bytes for a reference instead of four; 31 GiB is below that line on every platform
 * (elastic.co/guide/en/elasticsearch/reference/7.10/heap-size.html).
 */
export const mostHeapBytes = 31 * GiB;

/** Direct buffers of the network in parts of the heap. The server's own default is a half, for heaps of gigabytes. */
export const directRatio = 0.25;

/** A shard is best between 10 and 50 GB (reference/7.10/size-your-shards.html). */
export const shardBytes = 30 * GiB;

export interface Sizes {
  readonly heapBytes: number;
  readonly directBytes: number;
  /** What the node may need, by the formula above. */
  readonly neededBytes: number;
  /** Free space of the volume below which no shard comes, shards go, and indices become read-only. */
  readonly watermarks: { readonly low: number; readonly high: number; readonly flood: number };
}

export function sizesOf(spec: ElasticsearchSpec): Sizes {
  const half = spec.memory / 2;
  const fitting = (spec.memory - baseBytes) / (1 + directRatio);
  const heapBytes = spec.heap ?? Math.max(MiB, roundTo(Math.min(half, fitting, mostHeapBytes), MiB));
  const directBytes = roundTo(Math.max(64 * MiB, heapBytes * directRatio), MiB);
  // Bytes, not parts: on Compose the volume is the host's disk, of which a tenth may be more than all of this.
  const low = Math.min(8 * GiB, roundTo(spec.storage * 0.15, MiB));
  return {
    heapBytes,
    directBytes,
    neededBytes: heapBytes + directBytes + baseBytes,
    watermarks: { low, high: roundTo((low * 2) / 3, MiB), flood: roundTo(low / 3, MiB) },
  };
}

/** The least memory whose heap is large enough. */
export const leastMemoryBytes = (): number => leastHeapBytes * (1 + directRatio) + baseBytes;

export const shardsOf = (template: TemplateSpec): number =>
  template.shards ?? Math.max(1, Math.ceil(template.size / shardBytes));

export const replicasOf = (spec: ElasticsearchSpec, template: TemplateSpec): number =>
  template.replicas ?? Math.max(0, Math.min(1, countOf(spec, "data") - 1));

const roundTo = (value: number, unit: number): number => Math.max(unit, Math.floor(value / unit) * unit);
