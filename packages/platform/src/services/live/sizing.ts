/** What follows from the memory that mall.yaml gives each part. Pure. */
import type { LiveSpec } from "./spec.ts";

const MiB = 2 ** 20;

/** The plan's figures (LV-2), in seconds; an ended broadcast stays for a playlist's length. */
export const timings = { fragment: 3, playlist: 60, keepEnded: 60, chunkBytes: 4096 } as const;

export interface LiveSizes {
  /** Bytes of the ingest's two folders of segments: what viewers get, and what nginx-rtmp keeps for itself. */
  readonly segmentBytes: number;
  /** Bytes of the edge's cache of segments, in memory. */
  readonly cacheBytes: number;
  readonly edgeWorkers: number;
}

/**
 * A segment is deleted one playlist after it left the playlist, so up to two playlists and a segment of each broadcast
 * are there; nginx-rtmp keeps its own for as long. The edge needs 64 MiB beside its cache: two workers, their
 * connections' buffers, the table of viewers.
 */
export function sizesOf(spec: LiveSpec): LiveSizes {
  const seconds = 2 * timings.playlist + timings.fragment;
  return {
    segmentBytes: Math.ceil(((spec.ingest.broadcasts * spec.ingest.bitrate) / 8) * seconds),
    cacheBytes: Math.max(16 * MiB, spec.edge.memory - 96 * MiB),
    edgeWorkers: Math.max(1, Math.ceil(spec.edge.cpus)),
  };
}
