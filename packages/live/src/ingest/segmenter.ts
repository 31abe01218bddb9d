/**
 * Cuts a transport stream, as one ffmpeg writes it, into segments. ffmpeg's own segmenters cut at multiples of a time,
 * so that a keyframe every 2 s gives segments of 4, 2, 4, 2 s, and have no longest length; a constant TARGETDURATION
 * needs one (RFC 8216, 6.2.1). Deterministic: what goes in decides what comes out, no clock is read.
 */
import {
  decodingTime,
  type Elementary,
  elementaryStreams,
  isReserved,
  isVideo,
  mapPid,
  packetBytes,
  programPid,
  readPacket,
  unwrap,
  withCounter,
} from "./ts.ts";

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

export interface SegmenterOptions {
  /** Cut at the first keyframe this long after the last cut. */
  readonly segmentSeconds: number;
  /** Cut at any picture rather than become as long as this; asked anew for each. */
  readonly mostSeconds: () => number;
  readonly onSegment: (segment: CutSegment) => void;
  /** The streams inside, each time they are another set. */
  readonly onStreams: (streams: readonly Elementary[]) => void;
}

export interface Segmenter {
  push(chunk: Uint8Array): void;
  /** What was begun becomes the last segment. */
  end(): void;
}

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
  let rest: Uint8Array = new Uint8Array();
  let mapAt: number | undefined;
  let streams: readonly Elementary[] = [];
  let tables: { program?: Uint8Array; map?: Uint8Array } = {};
  let open: Open | undefined;
  let count = 0;
  let played = 0;
  let jumped = false;
  let last: number | undefined;

  return {
    push(chunk) {
      const bytes = rest.length === 0 ? chunk : concat([rest, chunk]);
      let at = 0;
      while (at + packetBytes <= bytes.length) {
        const raw = bytes.subarray(at, at + packetBytes);
        if (raw[0] === 0x47) {
          take(raw);
          at += packetBytes;
        } else at += 1;
      }
      rest = Uint8Array.from(bytes.subarray(at));
    },
    end() {
      if (open !== undefined) close(open.latest + open.frame);
      open = undefined;
    },
  };

  function take(raw: Uint8Array): void {
    const packet = readPacket(raw);
    if (packet === undefined) return;
    if (packet.pid === programPid || packet.pid === mapAt) {
      if (packet.starts) readTable(packet.pid, packet.payload, raw);
      return;
    }
    // Each segment gets the tables at its beginning, and needs them nowhere else.
    if (isReserved(packet.pid)) return;
    const own = streams.find((each) => each.pid === packet.pid);
    if (own === undefined) return;
    const stamp = packet.starts ? decodingTime(packet.payload) : undefined;
    if (stamp !== undefined) begins(own, stamp, packet.randomAccess);
    // Not copied: what was pushed is never written to again.
    open?.packets.push(raw);
  }

  function readTable(pid: number, payload: Uint8Array, raw: Uint8Array): void {
    if (pid === programPid) {
      mapAt = mapPid(payload) ?? mapAt;
      tables = { ...tables, program: Uint8Array.from(raw) };
      return;
    }
    const listed = elementaryStreams(payload);
    if (listed === undefined) return;
    tables = { ...tables, map: Uint8Array.from(raw) };
    if (JSON.stringify(listed) === JSON.stringify(streams)) return;
    streams = listed;
    options.onStreams(listed);
  }

  /** A picture or a piece of sound begins: it may end the segment before it. */
  function begins(stream: Elementary, stamp: number, randomAccess: boolean): void {
    const pictures = streams.some((each) => isVideo(each.type));
    const timing = pictures ? isVideo(stream.type) : true;
    const key = timing && (randomAccess || !pictures);
    const time = last === undefined ? stamp : unwrap(stamp, last);
    if (open === undefined) {
      // Sound before the first keyframe could be heard only, and pictures not even decoded.
      if (key) start(time, true);
      return;
    }
    if (timing) {
      const step = time - open.latest;
      if (step < -skewSeconds || step > jumpSeconds) {
        close(open.latest + open.frame);
        jumped = true;
        open = undefined;
        last = undefined;
        if (key) start(stamp, true);
        return;
      }
      if (step > 0) open.frame = step;
    }
    const length = time - open.start;
    const due = key && length >= options.segmentSeconds - slackSeconds[pictures ? "pictures" : "sound"];
    // Sound says that it is time only where the pictures have stopped.
    const counts = timing || time - open.latest > skewSeconds;
    if (due || (counts && length > 0 && length + open.frame > options.mostSeconds())) {
      if (key) noteKey(open, time);
      close(time);
      start(time, key);
      return;
    }
    if (!timing) return;
    open.latest = Math.max(open.latest, time);
    last = open.latest;
    if (key) noteKey(open, time);
  }

  function noteKey(segment: Open, time: number): void {
    if (!streams.some((each) => isVideo(each.type))) return;
    if (segment.lastKey !== undefined) {
      segment.keyframeSeconds = Math.max(segment.keyframeSeconds, time - segment.lastKey);
    }
    segment.lastKey = time;
  }

  function start(time: number, key: boolean): void {
    open = {
      packets: [],
      start: time,
      independent: key,
      jumped,
      lastKey: key ? time : undefined,
      keyframeSeconds: 0,
      latest: time,
      frame: open?.frame ?? 0.04,
    };
    last = time;
    jumped = false;
  }

  function close(end: number): void {
    const { program, map } = tables;
    if (open === undefined || program === undefined || map === undefined) return;
    const durationSeconds = end - open.start;
    options.onSegment({
      data: concat([withCounter(program, count), withCounter(map, count), ...open.packets]),
      durationSeconds,
      offsetSeconds: played,
      independent: open.independent,
      jumped: open.jumped,
      keyframeSeconds: open.keyframeSeconds,
    });
    played += durationSeconds;
    count += 1;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
