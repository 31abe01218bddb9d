/** What the application is told of a running broadcast, for its streamer to see. Pure. */
import type { LadderInfo } from "../app/api.ts";
import type { BroadcastFigures } from "./broadcast.ts";
import type { LadderState } from "./ladder.ts";
import { sourceRendition } from "./names.ts";

export interface Report {
  /** Of the last segment of what the publisher sends: bits per second, pictures per second, seconds. */
  readonly bitsPerSecond: number;
  readonly frameRate: number;
  /** Longest time between two keyframes. */
  readonly keyframeSeconds: number;
  readonly segments: number;
  /** Segments that could not be kept. */
  readonly lost: number;
  /** How often reading began anew. */
  readonly restarts: number;
  readonly lastSegmentAt: string;
  readonly video?: { readonly codec: string; readonly width: number; readonly height: number };
  readonly audio?: { readonly codec: string; readonly channels: number };
  readonly ladder: LadderInfo;
}

/** As the application's interface names them. */
const ladderStates: Readonly<Record<LadderState, LadderInfo["state"]>> = {
  starting: "starting",
  on: "on",
  "source only: ladders are off": "off",
  "source only: limit reached": "limitReached",
  "source only: no pictures": "noPictures",
  "source only: nothing smaller to make": "nothingSmaller",
  "source only: could not keep up": "tooSlow",
  "source only: ffmpeg failed": "failed",
};

/** @returns undefined until the first segment */
export function reportOf(figures: BroadcastFigures | undefined): Report | undefined {
  const source = figures?.renditions.find(({ name }) => name === sourceRendition);
  if (figures === undefined || source?.lastSegmentAt === undefined) return undefined;
  const { video, audio } = source.media;
  return {
    bitsPerSecond: source.bandwidth,
    frameRate: source.frameRate,
    keyframeSeconds: source.keyframeSeconds,
    segments: source.segments,
    lost: source.lost,
    restarts: figures.restarts,
    lastSegmentAt: source.lastSegmentAt,
    ...(video === undefined
      ? {}
      : { video: { codec: video.codec, width: video.width, height: video.height } }),
    ...(audio === undefined ? {} : { audio: { codec: audio.codec, channels: audio.channels } }),
    ladder: {
      state: ladderStates[figures.ladder],
      renditions: figures.renditions
        .map(({ name }) => name)
        .filter((name) => name === sourceRendition || figures.ladder === "on"),
    },
  };
}
