/**
 * Broadcasts that are seen by WebRTC as well, while an auction is open in their room: an ffmpeg each, which is begun anew
 * as long as the application wants it. Nothing of the broadcast itself depends on it.
 */
import type { Server } from "node:http";
import { type FfmpegProcess, runStage, stageArguments } from "./ffmpeg-stage.ts";
import type { LadderSlots } from "./ladder-slots.ts";
import type { Log } from "./log.ts";

export interface StageRelayOptions {
  readonly slots: LadderSlots;
  readonly log: Log;
  readonly run?: (args: readonly string[], onWarning: (line: string) => void) => FfmpegProcess;
  readonly pauseMs?: number;
}

export interface StageRelay {
  /** @param token lets it publish; undefined: it is not wanted any more */
  want(stream: string, token: string | undefined): void;
  /** Where its programs publish to: before the first is wanted. */
  through(gate: Pick<Server, "address">): void;
  tokenOf(stream: string): string | undefined;
  figures(): readonly StageFigures[];
  close(): void;
}

export interface StageFigures {
  readonly stream: string;
  readonly state: "on" | "limit reached";
  readonly restarts: number;
}

interface Shown {
  token: string;
  hasSlot: boolean;
  restarts: number;
  process?: FfmpegProcess;
  timer?: NodeJS.Timeout;
}

/** A connection that does not come about at once usually does the next time. */
const usualPauseMs = 1_000;

export function stageRelay(options: StageRelayOptions): StageRelay {
  const { slots, log } = options;
  const run = options.run ?? runStage;
  const all = new Map<string, Shown>();
  let port = 0;

  const begin = (stream: string, shown: Shown): void => {
    const process = run(stageArguments(stream, `http://127.0.0.1:${port}/${stream}`), (line) =>
      log("warn", "ffmpeg for WebRTC", { stream, line }),
    );
    shown.process = process;
    void process.gone.then((why) => {
      if (all.get(stream) !== shown) return;
      log("warn", "ffmpeg for WebRTC ended", { stream, why });
      shown.restarts += 1;
      shown.timer = setTimeout(() => begin(stream, shown), options.pauseMs ?? usualPauseMs);
    });
  };
  const end = (stream: string, shown: Shown): void => {
    all.delete(stream);
    clearTimeout(shown.timer);
    shown.process?.stop();
    if (shown.hasSlot) slots.giveBack();
    log("info", "no longer seen by WebRTC", { stream });
  };
  return {
    through(gate) {
      const place = gate.address();
      if (place === null || typeof place === "string") throw new Error("the gate does not listen");
      port = place.port;
    },
    want(stream, token) {
      const known = all.get(stream);
      if (token === undefined) {
        if (known !== undefined) end(stream, known);
        return;
      }
      const shown = known ?? { token, hasSlot: false, restarts: 0 };
      shown.token = token;
      all.set(stream, shown);
      if (shown.hasSlot) return;
      shown.hasSlot = slots.take();
      if (shown.hasSlot) {
        log("info", "seen by WebRTC as well", { stream });
        begin(stream, shown);
      } else if (known === undefined) log("warn", "not seen by WebRTC: limit reached", { stream });
    },
    tokenOf: (stream) => all.get(stream)?.token,
    figures: () =>
      [...all].map(([stream, { hasSlot, restarts }]) => ({
        ...{ stream, restarts },
        state: hasSlot ? "on" : "limit reached",
      })),
    close: () => {
      for (const [stream, shown] of [...all]) end(stream, shown);
    },
  };
}
