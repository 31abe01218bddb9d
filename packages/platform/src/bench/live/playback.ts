/** A viewer's player without a picture: what it fetches, and whether that came in time. Pure. */

export interface Listed {
  readonly uri: string;
  readonly sequence: number;
  readonly seconds: number;
}

/** Segments of a media playlist (RFC 8216, 4.3), in their order. */
export function segmentsOf(playlist: string): readonly Listed[] {
  let sequence = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(playlist)?.[1] ?? 0);
  let seconds = 0;
  const listed: Listed[] = [];
  for (const line of playlist.split("\n")) {
    const [, length] = /^#EXTINF:([0-9.]+)/.exec(line) ?? [];
    if (length !== undefined) seconds = Number(length);
    else if (line !== "" && !line.startsWith("#")) listed.push({ uri: line, sequence: sequence++, seconds });
  }
  return listed;
}

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
    received({ sequence, seconds }, at) {
      next = sequence + 1;
      const isLate = playedUntil !== undefined && at > playedUntil;
      playedUntil = Math.max(playedUntil ?? at, isLate ? at : 0) + seconds * 1_000;
      return isLate;
    },
  };
}
