/** What follows from the memory that mall.yaml gives each part. Pure. */
import type { LiveSpec } from "./spec.ts";

const MiB = 2 ** 20;

/** nginx before it, the program itself, and buffers of sockets. */
const besideLivekitHeap = 64 * MiB;

/** From which on LiveKit's memory is collected at any price, in bytes. */
export const livekitHeapBytes = ({ auctions }: LiveSpec): number =>
  Math.max(32 * MiB, auctions.memory - besideLivekitHeap);

/** The plan's figures (LV-2), in seconds; an ended broadcast stays for a playlist's length. */
export const timings = { fragment: 3, playlist: 60, keepEnded: 60, chunkBytes: 4096 } as const;

export interface LiveSizes {
  /** Bytes of the ingest's two folders of segments: what viewers get, and what nginx-rtmp keeps for itself. */
  readonly segmentBytes: number;
  /** Beside them, where viewers get theirs: of the ladders' renditions. */
  readonly ladderSegmentBytes: number;
  /** Of each part of a ladder's ffmpeg, so that all ladders together have the ingest's cores. */
  readonly ladderThreads: number;
  /** Bytes of the edge's cache of segments, in memory. */
  readonly cacheBytes: number;
  readonly edgeWorkers: number;
}

/**
 * A segment is deleted one playlist after it left the playlist, so up to two playlists and a segment of each broadcast
 * are there; nginx-rtmp keeps its own for as long. The renditions of a ladder have together about as much as a source.
 * The edge needs 96 MiB beside its cache: two workers, their connections' buffers, the table of viewers.
 */
export function sizesOf(spec: LiveSpec): LiveSizes {
  const seconds = 2 * timings.playlist + timings.fragment;
  const { broadcasts, bitrate, ladders, cpus } = spec.ingest;
  const bytesOf = (sources: number): number => Math.ceil(((sources * bitrate) / 8) * seconds);
  return {
    segmentBytes: bytesOf(broadcasts),
    ladderSegmentBytes: bytesOf(Math.min(ladders, broadcasts)),
    ladderThreads: Math.max(1, Math.floor(cpus / Math.max(1, ladders))),
    cacheBytes: Math.max(16 * MiB, spec.edge.memory - 96 * MiB),
    edgeWorkers: Math.max(1, Math.ceil(spec.edge.cpus)),
  };
}
