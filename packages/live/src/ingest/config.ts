/** `/config/<instance>/ingest.json`: what the platform tells the supervisor. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { bucketSettings } from "../bucket/bucket.ts";

const port = z.int().min(1).max(65_535);
const seconds = z.number().positive().max(3600);

const schema = z.strictObject({
  /** Instances of the application, any of which answers. */
  applications: z
    .array(z.strictObject({ host: z.string().min(1), port, serverName: z.string().min(1) }))
    .min(1),
  /** A cut comes at the first keyframe this long after the one before. */
  segmentSeconds: seconds.default(3),
  /** Length of a live playlist. */
  playlistSeconds: seconds.default(60),
  /** How long an ended broadcast can still be watched. */
  keepEndedSeconds: seconds.default(60),
  /** Broadcasts that have smaller renditions at once; further ones pass through. */
  ladders: z.int().min(0).max(100).default(0),
  /** Threads of each part of a ladder's ffmpeg: what reads, what scales, what encodes a rendition. */
  ladderThreads: z.int().min(1).max(64).default(1),
  /** LiveKit, for broadcasts that are seen by WebRTC as well; absent: there is none. */
  livekit: z.strictObject({ host: z.string().min(1), port, serverName: z.string().min(1) }).optional(),
  /** Broadcasts that are seen so at once. */
  stages: z.int().min(0).max(100).default(1),
  /** Longest wait for one instance's answer to a question. */
  answerSeconds: seconds.max(10).default(2),
  /** Where recordings go; absent: nothing is recorded. */
  minio: bucketSettings.optional(),
});

export type IngestConfig = Readonly<z.output<typeof schema>>;

/** @throws with the file's path, when it cannot be read or says something else */
export async function readConfig(path: string): Promise<IngestConfig> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    throw new Error(`${path}: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}`);
  }
}

/** Where everything is; the image's own, others in tests. */
export interface Places {
  readonly instance: string;
  readonly config: string;
  readonly secrets: string;
  /** Playlists and segments, below it the folder `.work` for what is not whole yet. */
  readonly hls: string;
  /** Socket of nginx-rtmp's control module. */
  readonly control: string;
  /** Socket of the origin's own figures. */
  readonly figures: string;
}

export const placesOf = (instance: string): Places => ({
  instance,
  config: `/config/${instance}`,
  secrets: `/secrets/${instance}/current`,
  hls: "/run/hls",
  control: "/run/mall/control.sock",
  figures: "/run/mall/figures.sock",
});
