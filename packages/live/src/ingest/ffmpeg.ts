/**
 * Runs of ffmpeg. One plays a stream from the nginx beside it and writes it as a transport stream to its output; another
 * makes a ladder's renditions of such a stream.
 */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { setPriority } from "node:os";
import type { Readable } from "node:stream";
import { lineSplitter } from "./lines.ts";
import { firstOutput, type Picture } from "./rungs.ts";

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
  /** What its pictures are. */
  readonly onPicture: (picture: Picture) => void;
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
const sizeOf = /, (\d{2,5})x(\d{2,5})\b/;
const rateOf = /, ([\d.]+) fps\b/;
const wentBack = /[Nn]on.?monoton(?:ic|ous) DTS/;
const warningLine = /\[(?:warning|error|fatal|panic)\]/;

export function runFfmpeg(source: string, events: FfmpegEvents): FfmpegRun {
  const { child, gone } = begin(ffmpegArguments(source), ["ignore", "pipe", "pipe"], (line) => {
    const [, kind, codec] = streamLine.exec(line) ?? [];
    if (kind !== undefined && codec !== undefined) {
      events.onCodec(kind === "Video" ? "video" : "audio", codec);
    }
    const picture = kind === "Video" ? pictureOf(line) : undefined;
    if (picture !== undefined) events.onPicture(picture);
    if (wentBack.test(line)) events.onTimesWentBack();
    else if (warningLine.test(line)) events.onWarning(line.slice(0, 500));
  });
  child.stdout?.on("data", (chunk: Buffer) => events.onData(chunk));
  return {
    pid: child.pid,
    gone: gone.then(({ why }) => why),
    stop(graceMs) {
      child.kill("SIGINT");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      gone.then(() => clearTimeout(timer));
    },
  };
}

/** From the line in which ffmpeg names the stream. */
export function pictureOf(line: string): Picture | undefined {
  const [, width, height] = sizeOf.exec(line) ?? [];
  if (width === undefined || height === undefined) return undefined;
  const [, rate] = rateOf.exec(line) ?? [];
  return {
    width: Number(width),
    height: Number(height),
    ...(rate === undefined ? {} : { frameRate: Number(rate) }),
  };
}

export interface LadderRun {
  readonly pid: number | undefined;
  /** Resolves when it is gone and all that it wrote was read: with why, and whether that is all it was given. */
  readonly gone: Promise<{ readonly why: string; readonly whole: boolean }>;
  write(packet: Uint8Array): void;
  /** Bytes that it was given and did not take yet. */
  behindBytes(): number;
  /** Nothing follows: it writes what it has and ends. */
  finish(): void;
  kill(): void;
}

export interface LadderEvents {
  /** Of the rung with this index. */
  readonly onData: (rung: number, chunk: Uint8Array) => void;
  readonly onWarning: (line: string) => void;
}

/** Whoever copies a broadcast, and nginx, come before it. */
const niceness = 10;

export function runLadder(args: readonly string[], rungs: number, events: LadderEvents): LadderRun {
  const outputs = Array.from({ length: rungs }, () => "pipe" as const);
  const { child, gone } = begin(args, ["pipe", "ignore", "pipe", ...outputs], (line) => {
    if (warningLine.test(line)) events.onWarning(line.slice(0, 500));
  });
  try {
    // Before it has made a thread: those have their priority of the one that makes them.
    if (child.pid !== undefined) setPriority(child.pid, niceness);
  } catch {
    // It is gone already, and says so itself.
  }
  for (let rung = 0; rung < rungs; rung++) {
    (child.stdio[firstOutput + rung] as Readable | undefined)?.on("data", (chunk: Buffer) =>
      events.onData(rung, chunk),
    );
  }
  const { stdin } = child;
  let finished = false;
  let corked = false;
  // That it is gone is said once, by the process.
  stdin?.on("error", () => {});
  return {
    pid: child.pid,
    gone: gone.then(({ why, code }) => ({ why, whole: finished && code === 0 })),
    write(packet) {
      if (stdin === null || finished || !stdin.writable) return;
      if (!corked) {
        // A packet has 188 bytes: those of one moment go out together.
        corked = true;
        stdin.cork();
        process.nextTick(() => {
          corked = false;
          stdin.uncork();
        });
      }
      stdin.write(packet);
    },
    behindBytes: () => stdin?.writableLength ?? 0,
    finish() {
      finished = true;
      stdin?.end();
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

interface Begun {
  readonly child: ChildProcess;
  readonly gone: Promise<{ readonly why: string; readonly code: number | null }>;
}

function begin(args: readonly string[], stdio: StdioOptions, onLine: (line: string) => void): Begun {
  // Nothing of ours that it needs not have.
  const child = spawn("ffmpeg", args, { stdio, env: { PATH: process.env.PATH } });
  child.stderr?.setEncoding("utf8").on("data", lineSplitter(onLine));
  // `close` comes after all that it wrote has been read, `exit` may not.
  const gone = new Promise<Awaited<Begun["gone"]>>((resolve) => {
    child.on("error", (error) => resolve({ why: error.message, code: null }));
    child.on("close", (code, signal) => resolve({ why: signal ?? `exit code ${code}`, code }));
  });
  return { child, gone };
}
