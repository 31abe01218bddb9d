/**
 * A broadcast while it is made: runs of ffmpeg one after the other, what they write cut into segments, the playlists.
 * A run that ends while its publisher is there is followed by another; viewers see a discontinuity, not an end.
 */
import { type FfmpegEvents, type FfmpegRun, runFfmpeg } from "./ffmpeg.ts";
import { type LadderFigures, type LadderOptions, openLadder } from "./ladder.ts";
import type { LadderSlots } from "./ladder-slots.ts";
import type { Log } from "./log.ts";
import { type Media, renderMaster, unsupportedCodec } from "./master.ts";
import { sourceRendition } from "./names.ts";
import type { Received } from "./nginx.ts";
import { probe } from "./probe.ts";
import { type KeptSegment, openRendition } from "./rendition.ts";
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
  readonly ladderSlots: LadderSlots;
  /** Of each part of a ladder's ffmpeg. */
  readonly ladderThreads: number;
  readonly now?: () => number;
  readonly runLadder?: LadderOptions["run"];
  readonly run?: (source: string, events: FfmpegEvents) => FfmpegRun;
  readonly probe?: (path: string) => Promise<Media>;
  readonly onKept?: (segment: KeptSegment) => void;
}

export interface BroadcastFigures extends LadderFigures {
  readonly ffmpegPid: number | undefined;
  readonly restarts: number;
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
/** Players read the master playlist once: the first one waits as long for the ladder's first segments. */
const ladderPatienceMs = 2_000;
/** Nothing for this long, though the publisher is there, and the run is tried again. */
const silenceMs = 15_000;
/** Longer than any keyframe is waited for: what was sent until then cannot be shown. */
const fruitlessMs = 45_000;
/**
 * The module passes on no enhanced RTMP: it takes the first byte of such a picture for a priority at which everything is
 * dropped. So ffmpeg may never hear of HEVC or AV1, and what nginx gets is compared with what ffmpeg hears of: by the
 * module's name of it, twice, as the first may be the publisher's own word; where it has none, by its figures of ten
 * seconds each.
 */
const figuresFromMs = 11_000;
const playable = { video: "H264", audio: "AAC" } as const;
/** What is playable and begins after ffmpeg has looked needs another look of it. */
const lateMs = 4_000;
const mostLooks = 3;
const unreadable = {
  video: "video that is not H.264 (HEVC and AV1 come by enhanced RTMP)",
  audio: "audio that is not AAC",
} as const;

export function startBroadcast(options: BroadcastOptions): Broadcast {
  const { store, stream, log } = options;
  const now = options.now ?? Date.now;
  const run = options.run ?? runFfmpeg;
  const shelf = { ...options, now, probe: options.probe ?? probe };
  const source = openRendition({ ...shelf, name: sourceRendition });
  const ladder = openLadder({
    ...{ stream, log, now, slots: options.ladderSlots, threads: options.ladderThreads, onChange: tell },
    ...(options.runLadder === undefined ? {} : { run: options.runLadder }),
    open: (name) => openRendition({ ...shelf, name }),
  });
  const masterPath = `${stream}.m3u8`;
  let master = "";
  let firstAtMs: number | undefined;
  let current: FfmpegRun | undefined;
  let stopping = false;
  let refused = false;
  let restarts = 0;
  let total = 0;
  const heard = new Set<"video" | "audio">();
  const strange = { video: 0, audio: 0 };
  let looks = 0;
  const beganAtMs = now();
  let work: Promise<void> = Promise.resolve();
  let telling: Promise<void> = Promise.resolve();
  let wake = (): void => {};
  const finished = loop();

  return {
    async stop(ended) {
      stopping = true;
      wake();
      current?.stop(stopGraceMs);
      await finished;
      await work;
      if (ended) await source.end();
      await ladder.stop(ended, stopGraceMs);
      await telling;
    },
    async remove(alone) {
      for (const each of [source, ...ladder.renditions()]) await each.remove(alone);
      if (alone) await store.remove([masterPath, stream]);
    },
    figures: () => {
      const own = ladder.figures();
      return { ffmpegPid: current?.pid, restarts, ...own, renditions: [source.figures(), ...own.renditions] };
    },
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
    const runAtMs = now();
    let heardAt = runAtMs;
    heard.clear();
    const cutter = segmenter({
      segmentSeconds: options.segmentSeconds,
      mostSeconds: () => source.mostSeconds(),
      onBegin: ladder.begin,
      onPacket: ladder.feed,
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
      onPicture: ladder.describe,
      onTimesWentBack: () => {
        log("warn", "time stamps went back: ffmpeg starts anew", { stream });
        active.stop(stopGraceMs);
      },
      onWarning: (line) => log("warn", "ffmpeg", { stream, line }),
    });
    current = active;
    const watch = setInterval(() => {
      void compare(active, runAtMs);
      if (master === "") void tell();
      if (total === 0 && now() - beganAtMs > fruitlessMs) refuse("nothing that can be shown");
      if (now() - heardAt < silenceMs) return;
      log("warn", "ffmpeg writes nothing: it starts anew", { stream });
      active.stop(0);
    }, 1_000);
    const why = await active.gone;
    clearInterval(watch);
    current = undefined;
    cutter.end();
    ladder.endRun();
    if (!stopping) log("warn", "ffmpeg ended", { stream, why, segments: made });
    return made;
  }

  async function compare(active: FfmpegRun, runAtMs: number): Promise<void> {
    if (refused || (heard.has("video") && heard.has("audio"))) return;
    const flows = await options.received().catch(() => undefined);
    if (flows === undefined || stopping || current !== active) return;
    for (const kind of ["video", "audio"] as const) {
      const { codec, flows: isThere } = flows[kind];
      if (heard.has(kind)) continue;
      if (codec === undefined) {
        if (isThere && now() - beganAtMs > figuresFromMs) refuse(unreadable[kind]);
      } else if (codec !== playable[kind]) {
        strange[kind] += 1;
        if (strange[kind] > 1) refuse(unreadable[kind]);
      } else if (isThere && now() - runAtMs > lateMs) {
        looks += 1;
        if (looks > mostLooks) refuse(unreadable[kind]);
        log("warn", `${kind} began late: ffmpeg starts anew`, { stream });
        active.stop(stopGraceMs);
        return;
      }
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
      const placed = await source.add(segment, startedAtMs, discontinuity);
      const { fault, lost } = source.figures();
      if (placed === undefined) log("error", "a segment was lost", { stream, lost, why: fault });
      ladder.placed(placed);
      await tell();
    });
  }

  /** Writes the master playlist where it says something else. */
  function tell(): Promise<void> {
    telling = telling.then(async () => {
      const own = source.forMaster();
      if (own === undefined) return;
      firstAtMs ??= now();
      const smaller = ladder.forMaster();
      if (master === "" && smaller === undefined && now() - firstAtMs < ladderPatienceMs) return;
      const text = renderMaster([own, ...(smaller ?? [])]);
      if (text === master) return;
      await store.put(masterPath, text).then(
        () => {
          master = text;
        },
        (error: unknown) =>
          log("error", "the master playlist was not written", { stream, why: String(error) }),
      );
    });
    return telling;
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
