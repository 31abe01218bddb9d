/**
 * Cuts a transport stream, as one ffmpeg writes it, into segments. ffmpeg's own segmenters cut at multiples of a time,
 * so that a keyframe every 2 s gives segments of 4, 2, 4, 2 s, and have no longest length; a constant TARGETDURATION
 * needs one (RFC 8216, 6.2.1). Deterministic: what goes in decides what comes out, no clock is read.
 *
 * A viewer is three of the longest segment behind. So a cut comes early rather than late: at the first keyframe at which
 * the segment is as long as it should be, or at one before it where the next would make it too long.
 */
import { roundsDown } from "./playlist.ts";
import { isVideo, unwrap } from "./ts.ts";
import { type Beginning, concat, tsReader } from "./ts-reader.ts";

export interface CutSegment {
  readonly data: Uint8Array;
  readonly durationSeconds: number;
  /** Since the first segment's beginning, in the stream's own time. */
  readonly offsetSeconds: number;
  /** Begins with a keyframe, or there are no pictures. */
  readonly independent: boolean;
  /** Time stamps do not continue those of the segment before it. */
  readonly jumped: boolean;
  /** Longest time between keyframes within it, its end included where that is one; 0 without pictures. */
  readonly keyframeSeconds: number;
}

/** Where a segment begins. */
export interface Cut {
  /** When its first picture is to be seen, seconds below `wrapSeconds`. */
  readonly presentation: number;
  readonly independent: boolean;
  readonly jumped: boolean;
}

export interface SegmenterOptions {
  /** How long a segment should be. */
  readonly segmentSeconds: number;
  /** Cut at any picture rather than become as long as this; asked anew for each. */
  readonly mostSeconds: () => number;
  /** A segment begins, as its first picture does; `onSegment` follows when it is whole. */
  readonly onBegin?: (cut: Cut) => void;
  /** Packets of the segment that was begun, its tables first. */
  readonly onPacket?: (raw: Uint8Array) => void;
  readonly onSegment: (segment: CutSegment) => void;
}

export interface Segmenter {
  push(chunk: Uint8Array): void;
  /** What was begun becomes the last segment. */
  end(): void;
}

/** What is shorter than half of what it should be is no segment, however far away the next keyframe is. */
const leastOf = 0.5;
/** RTMP counts milliseconds: a keyframe every 3 s comes after 2.999 s at times, and the next one 3 s later. */
const slackSeconds = { pictures: 0.1, sound: 0.001 };
/** Pictures further apart than this, or in the wrong order, are a jump of the publisher's clock. */
const jumpSeconds = 10;
/** Sound may run ahead of pictures by as much. */
const skewSeconds = 2;

interface Open {
  readonly packets: Uint8Array[];
  readonly start: number;
  readonly independent: boolean;
  readonly jumped: boolean;
  lastKey: number | undefined;
  keyframeSeconds: number;
  /** Latest decoding time of the timing stream, and the time before it: the last picture is shown as long as that one. */
  latest: number;
  frame: number;
}

export function segmenter(options: SegmenterOptions): Segmenter {
  let open: Open | undefined;
  let count = 0;
  let played = 0;
  let jumped = false;
  let last: number | undefined;
  /** Longest time between keyframes of the segment before. */
  let keyframesApart = 0;
  const reader = tsReader({
    onPacket(raw, begun) {
      if (begun !== undefined) begins(begun);
      if (open === undefined) return;
      open.packets.push(raw);
      options.onPacket?.(raw);
    },
  });
  const hasPictures = (): boolean => reader.streams().some((each) => isVideo(each.type));

  return {
    push: reader.push,
    end() {
      if (open !== undefined) close(open.latest + open.frame);
      open = undefined;
    },
  };

  /** A picture or a piece of sound begins: it may end the segment before it. */
  function begins(beginning: Beginning): void {
    const { stream, decoding: stamp, randomAccess } = beginning;
    const pictures = hasPictures();
    const timing = pictures ? isVideo(stream.type) : true;
    const key = timing && (randomAccess || !pictures);
    const time = last === undefined ? stamp : unwrap(stamp, last);
    if (open === undefined) {
      // Sound before the first keyframe could be heard only, and pictures not even decoded.
      if (key) start(time, beginning, true);
      return;
    }
    if (timing) {
      const step = time - open.latest;
      if (step < -skewSeconds || step > jumpSeconds) {
        close(open.latest + open.frame);
        jumped = true;
        open = undefined;
        last = undefined;
        if (key) start(stamp, beginning, true);
        return;
      }
      if (step > 0) open.frame = step;
    }
    const length = time - open.start;
    const slack = slackSeconds[pictures ? "pictures" : "sound"];
    const due = key && (length >= options.segmentSeconds - slack || (pictures && nextIsTooLate(open, time)));
    // Sound says that it is time only where the pictures have stopped.
    const counts = timing || time - open.latest > skewSeconds;
    if (due || (counts && length > 0 && length + open.frame > options.mostSeconds())) {
      if (key) noteKey(open, time);
      close(time);
      start(time, beginning, key);
      return;
    }
    if (!timing) return;
    open.latest = Math.max(open.latest, time);
    last = open.latest;
    if (key) noteKey(open, time);
  }

  /** At a keyframe: the one after it, as far away as the last ones were, would make the segment too long. */
  function nextIsTooLate({ start: from, lastKey, keyframeSeconds }: Open, time: number): boolean {
    const length = time - from;
    if (lastKey === undefined || length < options.segmentSeconds * leastOf) return false;
    const apart = Math.max(time - lastKey, keyframeSeconds, keyframesApart);
    return length + apart > Math.ceil(options.segmentSeconds) + roundsDown;
  }

  function noteKey(segment: Open, time: number): void {
    if (!hasPictures()) return;
    if (segment.lastKey !== undefined) {
      segment.keyframeSeconds = Math.max(segment.keyframeSeconds, time - segment.lastKey);
    }
    segment.lastKey = time;
  }

  function start(time: number, { presentation }: Beginning, independent: boolean): void {
    open = {
      packets: [...(reader.tables(count) ?? [])],
      start: time,
      independent,
      jumped,
      lastKey: independent ? time : undefined,
      keyframeSeconds: 0,
      latest: time,
      frame: open?.frame ?? 0.04,
    };
    options.onBegin?.({ presentation, independent, jumped });
    for (const each of open.packets) options.onPacket?.(each);
    last = time;
    jumped = false;
  }

  function close(end: number): void {
    if (open === undefined) return;
    const durationSeconds = end - open.start;
    options.onSegment({
      data: concat(open.packets),
      durationSeconds,
      offsetSeconds: played,
      independent: open.independent,
      jumped: open.jumped,
      keyframeSeconds: open.keyframeSeconds,
    });
    played += durationSeconds;
    keyframesApart = open.keyframeSeconds;
    count += 1;
  }
}
