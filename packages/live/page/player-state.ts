/** What the player shows, and what it does next. Pure: the page tells what happened and does what is answered. */
import type { Word } from "./words.ts";

export type Phase =
  /** Nothing is known yet. */
  | { readonly is: "asking" }
  /** `starting`: the room is live, its first segments are not there yet. */
  | { readonly is: "waiting"; readonly why: "idle" | "starting" }
  | { readonly is: "playing" }
  /** It plays no longer, and the player itself tries to go on. */
  | { readonly is: "stalled" }
  | { readonly is: "ended" }
  /** No connection; what was shown may still be on the screen. */
  | { readonly is: "away" }
  | { readonly is: "refused"; readonly code: string };

export type Happened =
  | { readonly room: "idle" | "live" | "ended" }
  /** What the application answered to the question for an address, or for the room. */
  | { readonly problem: string }
  /** What the edge or the player says. `missing`: 404. `refused`: 403, with its code. */
  | { readonly player: "playing" | "stalled" | "ended" | "missing" | "lost" }
  | { readonly refusedBy: string }
  | { readonly again: true };

/** `ask`: for the room, and when it is live for an address. `close`: the picture is of no use any more. */
export type Next = {
  readonly phase: Phase;
  readonly does?: "ask" | "close";
  /** Ask (again) after so many ms. */
  readonly askAfterMs?: number;
  /** Signatures refused one after the other. */
  readonly refusals: number;
};

export interface Now {
  readonly phase: Phase;
  readonly refusals: number;
}

export const start: Now = { phase: { is: "asking" }, refusals: 0 };

const idleMs = 4_000;
/** What plays needs nothing of the room but what qualities there are. */
const liveMs = 15_000;
const startingMs = 1_500;
const awayMs = 3_000;
/** Problems that pass by themselves. */
const passing = ["DATABASE_AWAY", "STOPPING", "INTERNAL", "NO_ANSWER", "TOO_MANY"];

export function next(now: Now, happened: Happened): Next {
  const { refusals } = now;
  if ("again" in happened) return { phase: { is: "asking" }, does: "ask", refusals: 0 };
  if ("room" in happened) return afterRoom(now, happened.room);
  if ("problem" in happened) {
    if (passing.includes(happened.problem)) {
      // What plays, plays on: only the question failed.
      const phase: Phase = isShowing(now.phase) ? now.phase : { is: "away" };
      return { phase, askAfterMs: awayMs, refusals };
    }
    return { phase: { is: "refused", code: happened.problem }, does: "close", refusals };
  }
  if ("refusedBy" in happened) {
    // An address may be too old, or the clock of its maker behind: once a new one is asked for.
    if (refusals === 0) return { phase: { is: "asking" }, does: "ask", refusals: 1 };
    return { phase: { is: "refused", code: happened.refusedBy }, does: "close", refusals };
  }
  switch (happened.player) {
    case "playing":
      return { phase: { is: "playing" }, refusals: 0 };
    case "stalled":
      return isShowing(now.phase) ? { phase: { is: "stalled" }, refusals } : { ...now };
    case "ended":
      return { phase: { is: "ended" }, does: "close", askAfterMs: idleMs, refusals: 0 };
    case "missing":
      return { phase: { is: "waiting", why: "starting" }, does: "close", askAfterMs: startingMs, refusals };
    case "lost":
      return { phase: { is: "away" }, does: "close", askAfterMs: awayMs, refusals };
  }
}

function afterRoom(now: Now, room: "idle" | "live" | "ended"): Next {
  const { refusals } = now;
  // What plays tells of its end by itself, some seconds behind the room.
  if (room === "live" || isShowing(now.phase)) return { phase: now.phase, askAfterMs: liveMs, refusals };
  const phase: Phase = room === "ended" ? { is: "ended" } : { is: "waiting", why: "idle" };
  return { phase, askAfterMs: idleMs, refusals };
}

const isShowing = (phase: Phase): boolean => phase.is === "playing" || phase.is === "stalled";

/** What is written over the picture; nothing while it plays. */
export function saying(phase: Phase): { readonly title: Word; readonly more?: Word } | undefined {
  switch (phase.is) {
    case "playing":
      return undefined;
    case "stalled":
      return { title: "loading" };
    case "asking":
      return { title: "asking" };
    case "waiting":
      return phase.why === "idle" ? { title: "notLive", more: "notLiveMore" } : { title: "starting" };
    case "ended":
      return { title: "ended", more: "endedMore" };
    case "away":
      return { title: "away" };
    case "refused":
      return refusal(phase.code);
  }
}

function refusal(code: string): { readonly title: Word; readonly more?: Word } {
  switch (code) {
    case "NO_SUCH_ROOM":
      return { title: "noRoom", more: "noRoomMore" };
    case "LOGIN_REQUIRED":
    case "TOKEN_WRONG":
      return { title: "loginNeeded", more: "loginNeededMore" };
    case "expired":
      return { title: "refused", more: "refusedExpired" };
    case "referer":
      return { title: "refused", more: "refusedReferer" };
    case "UNPLAYABLE":
      return { title: "unplayable", more: "unplayableMore" };
    default:
      return { title: "refused" };
  }
}

/** Whether a button may help: another address, another look. */
export const mayTryAgain = (phase: Phase): boolean =>
  phase.is === "refused" && !["NO_SUCH_ROOM", "UNPLAYABLE"].includes(phase.code);
