/** The rules of RFC 8216 that a live playlist must keep, held against what a server gave over time. */
export interface ListedSegment {
  readonly uri: string;
  readonly sequence: number;
  readonly duration: number;
  readonly discontinuity: boolean;
  readonly programDateTime: number;
}

export interface ReadPlaylist {
  readonly targetDuration: number;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly ended: boolean;
  readonly segments: readonly ListedSegment[];
}

/** @throws for what is no media playlist */
export function readPlaylist(text: string): ReadPlaylist {
  const lines = text.split("\n");
  if (lines[0] !== "#EXTM3U") throw new Error(`not a playlist: ${text.slice(0, 80)}`);
  const tag = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`#${name}:`))?.slice(name.length + 2);
  const number = (name: string): number => {
    const value = tag(name);
    if (value === undefined || !/^\d+$/.test(value)) throw new Error(`${name} is ${value}`);
    return Number(value);
  };
  const mediaSequence = number("EXT-X-MEDIA-SEQUENCE");
  const segments: ListedSegment[] = [];
  let next: { duration?: number; discontinuity?: true; at?: number } = {};
  for (const line of lines) {
    if (line.startsWith("#EXTINF:")) next.duration = Number.parseFloat(line.slice(8));
    else if (line === "#EXT-X-DISCONTINUITY") next.discontinuity = true;
    else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) next.at = Date.parse(line.slice(25));
    else if (line !== "" && !line.startsWith("#")) {
      segments.push({
        uri: line,
        sequence: mediaSequence + segments.length,
        duration: next.duration ?? Number.NaN,
        discontinuity: next.discontinuity ?? false,
        programDateTime: next.at ?? Number.NaN,
      });
      next = {};
    }
  }
  return {
    targetDuration: number("EXT-X-TARGETDURATION"),
    mediaSequence,
    discontinuitySequence:
      tag("EXT-X-DISCONTINUITY-SEQUENCE") === undefined ? 0 : number("EXT-X-DISCONTINUITY-SEQUENCE"),
    ended: lines.includes("#EXT-X-ENDLIST"),
    segments,
  };
}

/** What one playlist breaks by itself. */
export function faultsOf(list: ReadPlaylist): readonly string[] {
  const faults: string[] = [];
  if (list.segments.length === 0) faults.push("no segment");
  for (const [index, each] of list.segments.entries()) {
    if (!(each.duration > 0)) faults.push(`${each.uri}: duration ${each.duration}`);
    if (Math.round(each.duration) > list.targetDuration) {
      faults.push(`${each.uri}: ${each.duration} s, target ${list.targetDuration} s`);
    }
    if (Number.isNaN(each.programDateTime)) faults.push(`${each.uri}: no date`);
    const before = list.segments[index - 1];
    if (before === undefined || each.discontinuity) continue;
    const drift = each.programDateTime - before.programDateTime - before.duration * 1000;
    if (Math.abs(drift) > 50) faults.push(`${each.uri}: its date is ${drift} ms off`);
  }
  return faults;
}

/** What changed between two readings of one broadcast's playlist that may not (6.2.1, 6.2.2). */
export function changesOf(before: ReadPlaylist, after: ReadPlaylist): readonly string[] {
  const faults: string[] = [];
  if (before.targetDuration !== after.targetDuration) faults.push("another target duration");
  if (after.mediaSequence < before.mediaSequence) faults.push("the media sequence fell");
  if (before.ended && JSON.stringify(before) !== JSON.stringify(after)) faults.push("changed after its end");
  const last = (list: ReadPlaylist): number => list.mediaSequence + list.segments.length;
  if (last(after) < last(before)) faults.push("segments went from its end");
  for (const each of before.segments) {
    const same = after.segments.find((other) => other.sequence === each.sequence);
    if (same !== undefined && JSON.stringify(same) !== JSON.stringify(each)) {
      faults.push(`segment ${each.sequence} changed`);
    }
  }
  const gone = before.segments.filter((each) => each.sequence < after.mediaSequence);
  const counted = after.discontinuitySequence - before.discontinuitySequence;
  if (last(before) >= after.mediaSequence && counted !== gone.filter((each) => each.discontinuity).length) {
    faults.push(`the discontinuity sequence grew by ${counted}`);
  }
  return faults;
}

/** All that a broadcast's readings break, each once. */
export function faultsOver(readings: readonly string[]): readonly string[] {
  const lists = readings.map(readPlaylist);
  const all = lists.flatMap((list, index) => {
    const before = lists[index - 1];
    return [...faultsOf(list), ...(before === undefined ? [] : changesOf(before, list))];
  });
  return [...new Set(all)];
}

/**
 * What keeps a player from changing from one rendition to another at any moment (6.2.4): the same number must mean the
 * same time, in both. Their lists may reach differently far.
 */
export function alignmentFaults(one: ReadPlaylist, other: ReadPlaylist): readonly string[] {
  const faults: string[] = [];
  if (one.targetDuration !== other.targetDuration) faults.push("another target duration");
  const [own, others] = [countedDiscontinuities(one), countedDiscontinuities(other)];
  let shared = 0;
  for (const each of one.segments) {
    const same = other.segments.find(({ sequence }) => sequence === each.sequence);
    if (same === undefined) continue;
    shared += 1;
    const at = `segment ${each.sequence}`;
    if (Math.abs(same.duration - each.duration) > 0.001)
      faults.push(`${at}: ${same.duration} s instead of ${each.duration} s`);
    if (same.programDateTime !== each.programDateTime)
      faults.push(`${at}: ${same.programDateTime - each.programDateTime} ms apart`);
    if (same.discontinuity !== each.discontinuity) faults.push(`${at}: a discontinuity in one of them`);
    if (own.get(each.sequence) !== others.get(each.sequence))
      faults.push(`${at}: another discontinuity sequence`);
  }
  if (shared === 0) faults.push("nothing in common");
  return faults;
}

/** Discontinuity sequence number of each segment (4.3.3.3). */
function countedDiscontinuities(list: ReadPlaylist): ReadonlyMap<number, number> {
  let count = list.discontinuitySequence;
  return new Map(
    list.segments.map(({ sequence, discontinuity }) => {
      if (discontinuity) count += 1;
      return [sequence, count];
    }),
  );
}
