/**
 * What a replay is in the bucket: `<room>/<broadcast>/` with its segments, `index.m3u8` and `poster.jpg`. A segment's
 * name says all that its playlist needs, so that a segment and its record come, or are lost, together.
 */

export interface Recorded {
  /** Media sequence number that it had live: rises by one, a hole is a segment that was lost. */
  readonly sequence: number;
  /** Unix ms: when its first picture arrived. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Its time stamps do not continue those of the one before. */
  readonly discontinuity: boolean;
}

export const folderOf = (room: string, broadcast: string): string => `${room}/${broadcast}/`;
export const playlistFile = "index.m3u8";
export const posterFile = "poster.jpg";

export const recordedFile = ({ sequence, startedAtMs, durationMs, discontinuity }: Recorded): string =>
  `source-${sequence}-${startedAtMs}-${durationMs}${discontinuity ? "-d" : ""}.ts`;

const recordedPattern = /^source-(0|[1-9]\d{0,9})-([1-9]\d{12})-([1-9]\d{0,4})(-d)?\.ts$/;

/** Undefined for what is no segment's name. */
export function recordedOf(file: string): Recorded | undefined {
  const [, sequence, startedAtMs, durationMs, discontinuity] = recordedPattern.exec(file) ?? [];
  if (sequence === undefined) return undefined;
  return {
    sequence: Number(sequence),
    startedAtMs: Number(startedAtMs),
    durationMs: Number(durationMs),
    discontinuity: discontinuity !== undefined,
  };
}
