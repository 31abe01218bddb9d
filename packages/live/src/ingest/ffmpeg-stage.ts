/** ffmpeg that sends a broadcast on by WHIP, as browsers can take it at once: no B-frames, Opus, a keyframe a second. */
import { spawn } from "node:child_process";
import { setPriority } from "node:os";
import { lineSplitter } from "./lines.ts";

export interface FfmpegProcess {
  /** Why it ended. */
  readonly gone: Promise<string>;
  stop(): void;
}

/** Before ladders, which may be late, and behind what copies broadcasts. */
const niceness = 5;
const graceMs = 2_000;
const warningLine = /\[(?:warning|error|fatal|panic)\]/;

/**
 * 720p at most and 30 pictures a second, so that one of it takes about half a core. Whoever joins waits for a keyframe, as
 * the muxer hears of nobody's wish for one.
 */
export const stageArguments = (stream: string, address: string): readonly string[] => [
  ...["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+warning"],
  ...["-fflags", "nobuffer", "-flags", "low_delay", "-analyzeduration", "1000000", "-probesize", "1000000"],
  ...["-rtmp_live", "live", "-i", `rtmp://127.0.0.1:1935/live/${stream}`],
  ...["-map", "0:v:0", "-map", "0:a:0?"],
  ...["-vf", "scale=-2:'min(720,ih)',fps=fps='min(30,source_fps)'", "-pix_fmt", "yuv420p"],
  ...["-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-profile:v", "baseline"],
  ...["-bf", "0", "-threads", "1", "-force_key_frames", "expr:gte(t,n_forced)"],
  ...["-crf", "26", "-maxrate", "2M", "-bufsize", "1M"],
  ...["-c:a", "libopus", "-ar", "48000", "-ac", "2", "-b:a", "64k"],
  ...["-f", "whip", address],
];

export function runStage(args: readonly string[], onWarning: (line: string) => void): FfmpegProcess {
  const child = spawn("ffmpeg", args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env.PATH },
  });
  child.stderr.setEncoding("utf8").on(
    "data",
    lineSplitter((line) => {
      if (warningLine.test(line)) onWarning(line.slice(0, 500));
    }),
  );
  const gone = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  try {
    if (child.pid !== undefined) setPriority(child.pid, niceness);
  } catch {
    // It is gone already, and says so itself.
  }
  return {
    gone,
    stop: () => {
      child.kill("SIGINT");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      void gone.then(() => clearTimeout(timer));
    },
  };
}
