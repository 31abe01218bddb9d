/**
 * A broadcast while it is made: runs of ffmpeg one after the other, what they write cut into segments, the playlists.
 * A run that ends while its publisher is there is followed by another; viewers see a discontinuity, not an end.
 */
import { type FfmpegEvents, type FfmpegRun, runFfmpeg } from "./ffmpeg.ts";
import type { Log } from "./log.ts";
import { type Media, renderMaster, unsupportedCodec } from "./master.ts";
import { sourceRendition } from "./names.ts";
import type { Received } from "./nginx.ts";
import { probe } from "./probe.ts";
import { type KeptSegment, openRendition, type RenditionFigures } from "./rendition.ts";
import { type CutSegment, segmenter } from "./segmenter.ts";
import type { Store } from "./store.ts";

export interface BroadcastOptions {
  readonly store: Store;
  readonly stream: string;
  readonly broadcast: string;
  readonly segmentSeconds: number;
  readonly playlistSeconds: number;
  readonly log: Log;
  /** The publisher sends what is not broadcast; said once. */
  readonly onUnsupported: (reason: string) => void;
  /** What nginx gets of the stream, whether ffmpeg can read it or not. */
  readonly received: () => Promise<Received>;
  readonly now?: () => number;
  readonly run?: (source: string, events: FfmpegEvents) => FfmpegRun;
  readonly probe?: (path: string) => Promise<Media>;
  readonly onKept?: (segment: KeptSegment) => void;
}

export interface BroadcastFigures {
  readonly ffmpegPid: number | undefined;
  readonly restarts: number;
  readonly renditions: readonly RenditionFigures[];
}

export interface Broadcast {
  /** @param ended whether the playlist says so: not where the publisher will go on through another instance */
  stop(ended: boolean): Promise<void>;
  /** Removes its files; `alone` when no other broadcast has taken over its playlists. */
  remove(alone: boolean): Promise<void>;
  figures(): BroadcastFigures;
}

/** The module closes ffmpeg's connection when the publisher has gone; one that does not notice is ended. */
const stopGraceMs = 3_000;
const firstPauseMs = 100;
const longestPauseMs = 2_000;
/** Nothing for this long, though the publisher is there, and the run is tried again. */
const silenceMs = 15_000;
/** Longer than any keyframe is waited for: what was sent until then cannot be shown. */
const fruitlessMs = 45_000;
/**
 * The module passes on no enhanced RTMP: it takes the first byte of such a picture for a priority at which everything is
 * dropped. So ffmpeg never hears of HEVC or AV1; what nginx gets and ffmpeg does not is found by comparing the two, once
 * the module's figures, of ten seconds each, have come.
 */
const compareFromMs = 11_000;
const compareUntilMs = 40_000;
const unreadable = {
  video: "video that is not H.264 (HEVC and AV1 come by enhanced RTMP)",
  audio: "audio that is not AAC",
} as const;

export function startBroadcast(options: BroadcastOptions): Broadcast {
  const { store, stream, log } = options;
  const now = options.now ?? Date.now;
  const run = options.run ?? runFfmpeg;
  const rendition = openRendition({ ...options, name: sourceRendition, now, probe: options.probe ?? probe });
  const masterPath = `${stream}.m3u8`;
  let master = "";
  let current: FfmpegRun | undefined;
  let stopping = false;
  let refused = false;
  let restarts = 0;
  let total = 0;
  const heard = new Set<"video" | "audio">();
  const beganAtMs = now();
  let work: Promise<void> = Promise.resolve();
  let wake = (): void => {};
  const finished = loop();

  return {
    async stop(ended) {
      stopping = true;
      wake();
      current?.stop(stopGraceMs);
      await finished;
      await work;
      if (ended) await rendition.end();
    },
    async remove(alone) {
      await rendition.removeSegments();
      if (alone) await store.remove([masterPath, rendition.playlistPath, stream]);
    },
    figures: () => ({ ffmpegPid: current?.pid, restarts, renditions: [rendition.figures()] }),
  };

  async function loop(): Promise<void> {
    let pauseMs = firstPauseMs;
    for (let first = true; !stopping && !refused; first = false) {
      if (!first) restarts += 1;
      const made = await once();
      if (stopping || refused) return;
      // A run that made something was a good one: what ended it is over.
      pauseMs = made > 0 ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs);
      await pause(pauseMs);
    }
  }

  /** One run. @returns how many segments it made */
  async function once(): Promise<number> {
    let made = 0;
    let startedAtMs: number | undefined;
    let heardAt = now();
    const cutter = segmenter({
      segmentSeconds: options.segmentSeconds,
      mostSeconds: () => rendition.mostSeconds(),
      onSegment: (segment) => {
        // The first segment's picture arrived as long ago as it lasted; the rest follows in the stream's own time.
        startedAtMs ??= now() - segment.durationSeconds * 1000;
        add(segment, startedAtMs + segment.offsetSeconds * 1000, segment.jumped || made === 0);
        made += 1;
        total += 1;
      },
    });
    const active = run(`rtmp://127.0.0.1:1935/live/${stream}`, {
      onData: (chunk) => {
        heardAt = now();
        cutter.push(chunk);
      },
      // Named before anything of it was seen, it may be no stream at all.
      onCodec: (kind, codec) => {
        if (codec === "none") return;
        heard.add(kind);
        refuse(unsupportedCodec(kind, codec));
      },
      onTimesWentBack: () => {
        log("warn", "time stamps went back: ffmpeg starts anew", { stream });
        active.stop(stopGraceMs);
      },
      onWarning: (line) => log("warn", "ffmpeg", { stream, line }),
    });
    current = active;
    const watch = setInterval(() => {
      void compare();
      if (total === 0 && now() - beganAtMs > fruitlessMs) refuse("nothing that can be shown");
      if (now() - heardAt < silenceMs) return;
      log("warn", "ffmpeg writes nothing: it starts anew", { stream });
      active.stop(0);
    }, 1_000);
    const why = await active.gone;
    clearInterval(watch);
    current = undefined;
    cutter.end();
    if (!stopping) log("warn", "ffmpeg ended", { stream, why, segments: made });
    return made;
  }

  async function compare(): Promise<void> {
    const age = now() - beganAtMs;
    if (refused || age < compareFromMs || age > compareUntilMs) return;
    const flows = await options.received().catch(() => undefined);
    if (flows === undefined || stopping) return;
    for (const kind of ["video", "audio"] as const) {
      if (flows[kind] && !heard.has(kind)) refuse(unreadable[kind]);
    }
  }

  function refuse(reason: string | undefined): void {
    if (reason === undefined || refused) return;
    refused = true;
    current?.stop(stopGraceMs);
    options.onUnsupported(reason);
  }

  function add(segment: CutSegment, startedAtMs: number, discontinuity: boolean): void {
    if (refused) return;
    // One after the other: a playlist names a segment once it is there.
    work = work.then(async () => {
      await rendition.add(segment, startedAtMs, discontinuity);
      const shown = rendition.forMaster();
      const text = shown === undefined ? master : renderMaster([shown]);
      if (text === master) return;
      await store.put(masterPath, text).then(
        () => {
          master = text;
        },
        (error: unknown) =>
          log("error", "the master playlist was not written", { stream, why: String(error) }),
      );
    });
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
