/**
 * The ladder of one broadcast: smaller renditions that one ffmpeg makes of what the source's ffmpeg copied, so nothing
 * of it can hold up the source. Its segments get the source's numbers, times and discontinuities. Where one is missing,
 * as while ffmpeg starts anew, the source's own stands in its place.
 */
import { type LadderEvents, type LadderRun, runLadder } from "./ffmpeg.ts";
import { type Follower, follower, type Piece } from "./follower.ts";
import type { LadderSlots } from "./ladder-slots.ts";
import type { Log } from "./log.ts";
import type { Rendition as Shown } from "./master.ts";
import type { Placed, Rendition, RenditionFigures } from "./rendition.ts";
import { ladderArguments, type Picture, type Rung, rungsFor } from "./rungs.ts";
import type { Cut } from "./segmenter.ts";

/** What `/v1/state` and the room's document say. */
export type LadderState =
  | "starting"
  | "on"
  | "source only: ladders are off"
  | "source only: limit reached"
  | "source only: no pictures"
  | "source only: nothing smaller to make"
  | "source only: could not keep up"
  | "source only: ffmpeg failed";

export interface LadderOptions {
  readonly stream: string;
  readonly log: Log;
  readonly now: () => number;
  readonly slots: LadderSlots;
  /** Of each of ffmpeg's parts that has any. */
  readonly threads: number;
  readonly open: (name: string) => Rendition;
  /** What `forMaster` says is another. Resolves when viewers are told. */
  readonly onChange: () => Promise<void>;
  readonly run?: (args: readonly string[], rungs: number, events: LadderEvents) => LadderRun;
}

export interface Ladder {
  /** What the source's pictures are, as soon as it is known. */
  describe(picture: Picture): void;
  /** A segment of the source begins; they are numbered from 0. */
  begin(cut: Cut): void;
  /** A packet of it. */
  feed(packet: Uint8Array): void;
  /** Where the source's next segment stands, undefined where it was lost. */
  placed(placed: Placed | undefined): void;
  /** The source's time stamps end here. */
  endRun(): void;
  /** Waits for what is being made, at most `withinMs`; writes ENDLIST where all has `ended`. */
  stop(ended: boolean, withinMs: number): Promise<void>;
  renditions(): readonly Rendition[];
  /** Undefined while the first renditions are on their way. */
  forMaster(): readonly Shown[] | undefined;
  figures(): LadderFigures;
}

export interface LadderFigures {
  readonly ladder: LadderState;
  readonly ladderPid: number | undefined;
  readonly ladderRestarts: number;
  readonly renditions: readonly RenditionFigures[];
}

interface Step {
  readonly rung: Rung;
  readonly rendition: Rendition;
  readonly made: Map<number, Piece | undefined>;
  /** Number of the source's segment that it has not followed yet. */
  next: number;
}

interface Run {
  readonly process: LadderRun;
  readonly followers: readonly Follower[];
  readonly first: number;
  /** The first one that is not its any more. */
  until: number;
  made: number;
}

/** A rendition that has not made by then what the source has will not catch up: viewers keep three segments ahead. */
const mostLateMs = 10_000;
/** Ten seconds of 20 Mbit/s. */
const mostBehindBytes = 25_000_000;
const pauseMs = 1_000;
/** Runs without a segment, one after the other, that show that the next will have none either. */
const mostFruitless = 3;

export function openLadder(options: LadderOptions): Ladder {
  const { stream, log, now, slots } = options;
  let state: LadderState = slots.limit === 0 ? "source only: ladders are off" : "starting";
  let picture: Picture | undefined;
  let holds = false;
  let steps: readonly Step[] = [];
  const runs = new Set<Run>();
  let current: Run | undefined;
  let restarts = 0;
  let fruitless = 0;
  let restart: NodeJS.Timeout | undefined;
  /** The source's segments: how many were begun and placed, those begun last with what is in it, and where others stand. */
  let begun = 0;
  let settled = 0;
  let open: { readonly cut: Cut; readonly packets: Uint8Array[] } | undefined;
  const places = new Map<number, { readonly placed: Placed | undefined; readonly atMs: number }>();
  let work: Promise<void> = Promise.resolve();
  const watch = setInterval(judge, 1_000);

  return {
    describe(found) {
      picture ??= found;
      look();
    },
    begin(cut) {
      if (cut.jumped) endRun();
      begun += 1;
      open = { cut, packets: [] };
      expect(cut);
      look();
    },
    feed(packet) {
      open?.packets.push(packet);
      current?.process.write(packet);
    },
    placed(placed) {
      if (picture === undefined && state === "starting") state = "source only: no pictures";
      places.set(settled, { placed, atMs: now() });
      settled += 1;
      advance();
    },
    endRun,
    async stop(ended, withinMs) {
      clearInterval(watch);
      endRun();
      clearTimeout(restart);
      const all = Promise.all([...runs].map((each) => each.process.gone));
      const timer = setTimeout(kill, ended ? withinMs : 0);
      await all;
      clearTimeout(timer);
      giveBack();
      await work;
      if (ended) await Promise.all(steps.map(({ rendition }) => rendition.end()));
    },
    renditions: () => steps.map(({ rendition }) => rendition),
    forMaster() {
      if (state === "starting") return undefined;
      return steps.flatMap(({ rendition }) => rendition.forMaster() ?? []);
    },
    figures: () => ({
      ladder: state,
      ladderPid: current?.process.pid,
      ladderRestarts: restarts,
      renditions: steps.map(({ rendition }) => rendition.figures()),
    }),
  };

  /** Whether it is time for a run. */
  function look(): void {
    if (current !== undefined || restart !== undefined || picture === undefined || open === undefined) return;
    if (!holds) {
      if (state !== "starting" && state !== "source only: limit reached") return;
      const rungs = rungsFor(picture);
      if (rungs.length === 0) {
        state = "source only: nothing smaller to make";
        return;
      }
      holds = slots.take();
      state = holds ? "starting" : "source only: limit reached";
      if (!holds) return;
      const next = begun - 1;
      steps = rungs.map((rung) => ({ rung, rendition: options.open(rung.name), made: new Map(), next }));
    }
    start(open.cut, open.packets);
  }

  function start(cut: Cut, packets: readonly Uint8Array[]): void {
    const args = ladderArguments(
      steps.map(({ rung }) => rung),
      picture?.frameRate ?? 30,
      options.threads,
    );
    const followers = steps.map((step) =>
      follower((id, piece) => {
        const number = run.first + id;
        run.made += 1;
        step.made.set(number, piece);
        advance();
      }),
    );
    const process = (options.run ?? runLadder)(args, steps.length, {
      onData: (rung, chunk) => followers[rung]?.push(chunk),
      onWarning: (line) => log("warn", "ffmpeg of the ladder", { stream, line }),
    });
    const run: Run = { process, followers, first: begun - 1, until: Number.POSITIVE_INFINITY, made: 0 };
    runs.add(run);
    current = run;
    expect(cut);
    for (const packet of packets) process.write(packet);
    process.gone.then(({ why, whole }) => {
      runs.delete(run);
      if (whole) for (const each of followers) each.end();
      advance();
      if (current !== run) return;
      current = undefined;
      if (!holds) return;
      log("warn", "the ladder's ffmpeg ended", { stream, why });
      restarts += 1;
      fruitless = run.made > 0 ? 0 : fruitless + 1;
      if (fruitless >= mostFruitless) drop("source only: ffmpeg failed");
      else
        restart = setTimeout(() => {
          restart = undefined;
          look();
        }, pauseMs);
    });
  }

  function expect({ presentation, independent }: Cut): void {
    if (current === undefined) return;
    const id = begun - 1 - current.first;
    for (const each of current.followers) each.expect({ id, presentation, independent });
  }

  function endRun(): void {
    open = undefined;
    if (current === undefined) return;
    current.until = begun;
    current.process.finish();
    current = undefined;
  }

  /** Whether a run may still make the segment of this number. */
  function isComing(number: number): boolean {
    return [...runs].some((run) => run.first <= number && number < run.until);
  }

  function advance(): void {
    for (const step of steps) {
      for (let place = places.get(step.next); place !== undefined; place = places.get(step.next)) {
        if (!step.made.has(step.next) && isComing(step.next)) break;
        const piece = step.made.get(step.next);
        step.made.delete(step.next);
        step.next += 1;
        const { placed } = place;
        if (placed === undefined) continue;
        work = work.then(() => step.rendition.follow(placed, piece)).then(tell);
      }
    }
    const oldest = steps.reduce((least, { next }) => Math.min(least, next), holds ? settled : begun);
    for (const number of places.keys()) if (number < oldest) places.delete(number);
  }

  async function tell(): Promise<void> {
    if (!holds) return;
    if (state === "starting" && steps.every(({ rendition }) => rendition.forMaster() !== undefined))
      state = "on";
    await options.onChange();
  }

  function judge(): void {
    const late = steps.some(({ next }) => now() - (places.get(next)?.atMs ?? now()) > mostLateMs);
    if (holds && (late || (current?.process.behindBytes() ?? 0) > mostBehindBytes))
      drop("source only: could not keep up");
  }

  /** Its renditions leave the master; a player that had one finds its playlist gone, and takes another. */
  function drop(why: LadderState): void {
    log("warn", "the ladder is given up", { stream, why });
    state = why;
    giveBack();
    current = undefined;
    kill();
    const gone = steps;
    steps = [];
    places.clear();
    work = work
      .then(() => options.onChange())
      .then(() => Promise.all(gone.map(({ rendition }) => rendition.remove(true))))
      .then(() => undefined);
  }

  function kill(): void {
    for (const run of runs) run.process.kill();
  }

  function giveBack(): void {
    if (holds) slots.giveBack();
    holds = false;
  }
}
