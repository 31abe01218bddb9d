/**
 * A live media playlist by the rules of RFC 8216, as data. Pure: who holds the files asks here which to keep.
 * Section numbers below are the RFC's.
 */
export interface Segment {
  readonly sequence: number;
  /** Relative to the playlist. */
  readonly uri: string;
  readonly durationSeconds: number;
  /** Its timestamps do not continue those of the segment before it (4.3.2.3). */
  readonly discontinuity: boolean;
  /** When its first picture arrived (4.3.2.6). */
  readonly startedAtMs: number;
}

export interface Retained {
  readonly segment: Segment;
  /** On the broadcast's clock. */
  readonly untilSeconds: number;
}

export interface MediaPlaylist {
  /** Most segments listed. */
  readonly windowSegments: number;
  /** Whole seconds; never changes (6.2.1). */
  readonly targetDuration: number;
  readonly segments: readonly Segment[];
  /** Left the list, but may still be asked for (6.2.2), the oldest first. */
  readonly retained: readonly Retained[];
  /** Seconds of media so far: time as far as a live broadcast is concerned, and none while it stands still. */
  readonly clockSeconds: number;
  /** The longest that the list has been. */
  readonly longestSeconds: number;
  /** How many segments with a discontinuity left the list, counted from where the broadcast began (4.3.3.3). */
  readonly discontinuitySequence: number;
  readonly ended: boolean;
}

export interface Appended {
  readonly playlist: MediaPlaylist;
  /** Nobody may ask for these any more. */
  readonly expired: readonly Segment[];
}

/**
 * The figure for a broadcast whose first segment is this long. Pictures cut at every n-th keyframe are never longer
 * than the first cut, so it is the whole broadcast's (docs in packager.ts); never below what was asked for.
 */
export const targetDurationFor = (firstSeconds: number, wantedSeconds: number): number =>
  Math.max(Math.ceil(firstSeconds - roundingSlack), Math.ceil(wantedSeconds), 1);

/** How much longer than the target a segment may be: half a second rounds down (4.3.3.1), less a picture's length. */
export const roundsDown = 0.45;

/** Milliseconds of RTMP make 3 s into 3.001 s; a whole second more for that would cost every viewer three. */
const roundingSlack = 0.25;

export interface Begin {
  readonly windowSegments: number;
  readonly targetDuration: number;
  readonly discontinuitySequence: number;
}

export const beginPlaylist = (begin: Begin): MediaPlaylist => ({
  ...begin,
  segments: [],
  retained: [],
  clockSeconds: 0,
  longestSeconds: 0,
  ended: false,
});

/** Whether a segment of this length may stand in the list: rounded to whole seconds it is at most the target (4.3.3.1). */
export const fits = (playlist: MediaPlaylist, durationSeconds: number): boolean =>
  Math.round(durationSeconds) <= playlist.targetDuration;

/** @throws RangeError for what no playlist may hold: a number out of order, a segment too long, one after the end. */
export function append(playlist: MediaPlaylist, segment: Segment): Appended {
  const last = playlist.segments.at(-1);
  if (playlist.ended) throw new RangeError(`segment ${segment.sequence} after the end`);
  if (last !== undefined && segment.sequence !== last.sequence + 1) {
    throw new RangeError(`segment ${segment.sequence} after ${last.sequence}`);
  }
  if (!fits(playlist, segment.durationSeconds)) {
    throw new RangeError(`segment of ${segment.durationSeconds} s, target ${playlist.targetDuration} s`);
  }
  const all = [...playlist.segments, segment];
  const leaving = all.slice(0, Math.max(0, all.length - playlist.windowSegments));
  const segments = all.slice(leaving.length);
  const clockSeconds = playlist.clockSeconds + segment.durationSeconds;
  const longestSeconds = Math.max(playlist.longestSeconds, durationOf(segments));
  // A segment that left is there for its own duration and that of the longest list that held it (6.2.2).
  const left = leaving.map((each) => ({
    segment: each,
    untilSeconds: clockSeconds + each.durationSeconds + longestSeconds,
  }));
  const gone = [...playlist.retained, ...left];
  const isOver = (each: Retained): boolean => each.untilSeconds <= clockSeconds;
  return {
    playlist: {
      ...playlist,
      segments,
      retained: gone.filter((each) => !isOver(each)),
      clockSeconds,
      longestSeconds,
      discontinuitySequence:
        playlist.discontinuitySequence + leaving.filter((each) => each.discontinuity).length,
    },
    expired: gone.filter(isOver).map((each) => each.segment),
  };
}

/** Gives up what left the list before its time: for a disk that is full, where the alternative is no broadcast. */
export const relieve = (playlist: MediaPlaylist): Appended => ({
  playlist: { ...playlist, retained: [] },
  expired: playlist.retained.map((each) => each.segment),
});

export const endPlaylist = (playlist: MediaPlaylist): MediaPlaylist => ({ ...playlist, ended: true });

/** Number of the segment that follows, undefined before the first. */
export const nextSequence = (playlist: MediaPlaylist): number | undefined => {
  const last = playlist.segments.at(-1);
  return last === undefined ? undefined : last.sequence + 1;
};

/** Discontinuities of the broadcast up to the end of the list, on the count of EXT-X-DISCONTINUITY-SEQUENCE. */
export const discontinuitiesOf = ({ discontinuitySequence, segments }: MediaPlaylist): number =>
  discontinuitySequence + segments.filter((each) => each.discontinuity).length;

export const durationOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, each) => sum + each.durationSeconds, 0);

/** The playlist as text. Version 3 for fractions of a second in EXTINF (7). */
export function render(playlist: MediaPlaylist): string {
  const lines = [
    "#EXTM3U",
    "#EXT-X-VERSION:3",
    `#EXT-X-TARGETDURATION:${playlist.targetDuration}`,
    `#EXT-X-MEDIA-SEQUENCE:${playlist.segments[0]?.sequence ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}`,
  ];
  for (const segment of playlist.segments) {
    if (segment.discontinuity) lines.push("#EXT-X-DISCONTINUITY");
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.startedAtMs).toISOString()}`);
    lines.push(`#EXTINF:${segment.durationSeconds.toFixed(3)},`, segment.uri);
  }
  if (playlist.ended) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}
