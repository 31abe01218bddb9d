/** What ffprobe says of a segment. */
import { execFile } from "node:child_process";
import { z } from "zod";
import type { Media } from "./master.ts";

const schema = z.object({
  streams: z.array(
    z.object({
      codec_type: z.string(),
      codec_name: z.string().default("unknown"),
      profile: z.string().default(""),
      level: z.number().default(0),
      width: z.number().default(0),
      height: z.number().default(0),
      avg_frame_rate: z.string().default("0/0"),
      sample_rate: z.string().default("0"),
      channels: z.number().default(0),
    }),
  ),
});

/** @throws when ffprobe fails, says something else, or takes longer than `timeoutMs` */
export async function probe(path: string, timeoutMs = 10_000): Promise<Media> {
  const args = ["-v", "error", "-of", "json", "-show_streams", "-f", "mpegts", path];
  const output = await new Promise<string>((resolve, reject) => {
    execFile("ffprobe", args, { timeout: timeoutMs, killSignal: "SIGKILL" }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
  return mediaOf(output);
}

/** @throws for what ffprobe does not say */
export function mediaOf(output: string): Media {
  const { streams } = schema.parse(JSON.parse(output));
  const video = streams.find((each) => each.codec_type === "video");
  const audio = streams.find((each) => each.codec_type === "audio");
  return {
    ...(video === undefined
      ? {}
      : {
          video: {
            codec: video.codec_name,
            profile: video.profile,
            level: video.level,
            width: video.width,
            height: video.height,
            frameRate: rateOf(video.avg_frame_rate),
          },
        }),
    ...(audio === undefined
      ? {}
      : {
          audio: {
            codec: audio.codec_name,
            profile: audio.profile,
            sampleRate: Number(audio.sample_rate),
            channels: audio.channels,
          },
        }),
  };
}

function rateOf(fraction: string): number {
  const [above = 0, below = 0] = fraction.split("/").map(Number);
  return below > 0 ? above / below : 0;
}
