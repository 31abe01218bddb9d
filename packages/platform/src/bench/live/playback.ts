/** A viewer's player without a picture: what it fetches, and whether that came in time. Pure. */
import type { ListedSegment } from "../../../../live/src/hls/rules.ts";

export type Listed = Pick<ListedSegment, "uri" | "sequence" | "duration">;

/** Where a player begins (RFC 8216, 6.3.3). */
const behind = 3;

export interface Playback {
  /** What of the list is to be fetched now. */
  wants(list: readonly Listed[]): readonly Listed[];
  /** @param at ms @returns whether the picture had to wait for it */
  received(segment: Listed, at: number): boolean;
}

/** Plays from its first segment on, as soon as that is there, without a pause but where a segment is missing. */
export function playback(): Playback {
  let next: number | undefined;
  let playedUntil: number | undefined;
  return {
    wants: (list) =>
      next === undefined ? list.slice(-behind) : list.filter((s) => s.sequence >= (next ?? 0)),
    received({ sequence, duration }, at) {
      next = sequence + 1;
      const isLate = playedUntil !== undefined && at > playedUntil;
      playedUntil = Math.max(playedUntil ?? at, isLate ? at : 0) + duration * 1_000;
      return isLate;
    },
  };
}
