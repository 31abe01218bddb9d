/** One run of ffmpeg: plays a stream from the nginx beside it and writes it as a transport stream to its output. */
import { type ChildProcess, spawn } from "node:child_process";
import { lineSplitter } from "./lines.ts";

export interface FfmpegRun {
  readonly pid: number | undefined;
  /** Resolves when it is gone, with why. */
  readonly gone: Promise<string>;
  /** Asks it to write what it has and end; after `graceMs` it is made to. */
  stop(graceMs: number): void;
}

export interface FfmpegEvents {
  readonly onData: (chunk: Uint8Array) => void;
  /** A stream that it found, by ffmpeg's name of the codec. */
  readonly onCodec: (kind: "video" | "audio", codec: string) => void;
  /** Time stamps went back: what follows would be written with made-up ones. */
  readonly onTimesWentBack: () => void;
  readonly onWarning: (line: string) => void;
}

/**
 * `analyzeduration`: sound alone or pictures alone are looked at for as long before ffmpeg believes that the other will
 * not come. `flush_packets`: otherwise a slow stream waits for a buffer of 32 KiB to fill.
 */
export const ffmpegArguments = (source: string): readonly string[] => [
  ...["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+info"],
  ...["-analyzeduration", "1500000", "-probesize", "5000000", "-fpsprobesize", "0"],
  ...["-rtmp_live", "live", "-i", source],
  ...["-map", "0:v:0?", "-map", "0:a:0?", "-dn", "-sn", "-c", "copy"],
  ...["-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1"],
  ...["-f", "mpegts", "-mpegts_flags", "+pat_pmt_at_frames", "pipe:1"],
];

/** `  Stream #0:1[0x101]: Video: h264 (High), yuv420p, …`, of the input: ffmpeg prints the output's later. */
const streamLine = /Stream #0:\d+(?:\[0x[0-9a-f]+\])?(?:\([a-z]+\))?: (Video|Audio): ([a-z0-9_]+)/;
const wentBack = /[Nn]on.?monoton(?:ic|ous) DTS/;
const warningLine = /\[(?:warning|error|fatal|panic)\]/;

export function runFfmpeg(source: string, events: FfmpegEvents): FfmpegRun {
  const child: ChildProcess = spawn("ffmpeg", [...ffmpegArguments(source)], {
    stdio: ["ignore", "pipe", "pipe"],
    // Nothing of ours that it needs not have.
    env: { PATH: process.env.PATH },
  });
  child.stdout?.on("data", (chunk: Buffer) => events.onData(chunk));
  child.stderr?.setEncoding("utf8").on(
    "data",
    lineSplitter((line) => {
      const [, kind, codec] = streamLine.exec(line) ?? [];
      if (kind !== undefined && codec !== undefined) {
        events.onCodec(kind === "Video" ? "video" : "audio", codec);
      }
      if (wentBack.test(line)) events.onTimesWentBack();
      else if (warningLine.test(line)) events.onWarning(line.slice(0, 500));
    }),
  );
  // `close` comes after all that it wrote has been read, `exit` may not.
  const gone = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  return {
    pid: child.pid,
    gone,
    stop(graceMs) {
      child.kill("SIGINT");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      gone.then(() => clearTimeout(timer));
    },
  };
}
