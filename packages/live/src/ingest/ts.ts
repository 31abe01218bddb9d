/** What stands in an MPEG transport stream, as far as cutting it needs (ISO/IEC 13818-1, section numbers below). */
export const packetBytes = 188;
const syncByte = 0x47;
const clockHz = 90_000;

/** One transport packet (2.4.3.2). */
export interface Packet {
  readonly pid: number;
  /** A table or the next picture or piece of sound begins in it. */
  readonly starts: boolean;
  /** What begins can be decoded without what was before: a keyframe. */
  readonly randomAccess: boolean;
  /** Without the adaptation field. */
  readonly payload: Uint8Array;
}

/** Undefined for what is no packet. */
export function readPacket(bytes: Uint8Array): Packet | undefined {
  const [sync, second = 0, third = 0, fourth = 0, length = 0, flags = 0] = bytes;
  if (bytes.length !== packetBytes || sync !== syncByte) return undefined;
  const hasField = (fourth & 0x20) !== 0;
  const hasPayload = (fourth & 0x10) !== 0;
  return {
    pid: ((second & 0x1f) << 8) | third,
    starts: (second & 0x40) !== 0,
    randomAccess: hasField && length > 0 && (flags & 0x40) !== 0,
    payload: hasPayload ? bytes.subarray(hasField ? Math.min(5 + length, packetBytes) : 4) : new Uint8Array(),
  };
}

/** Decoding time of the picture or sound that begins in this payload, in seconds; undefined without one (2.4.3.6). */
export const decodingTime = (payload: Uint8Array): number | undefined =>
  // Presentation time first; decoding time behind it where they differ.
  timed(payload) === undefined ? undefined : readTime(payload, timed(payload) === 3 ? 14 : 9);

/** When it is to be seen or heard, likewise. */
export const presentationTime = (payload: Uint8Array): number | undefined =>
  timed(payload) === undefined ? undefined : readTime(payload, 9);

/** Which times stand in the header (PTS_DTS_flags): 2, presentation; 3, both. */
function timed(payload: Uint8Array): 2 | 3 | undefined {
  if (payload[0] !== 0 || payload[1] !== 0 || payload[2] !== 1) return undefined;
  const flags = (payload[7] ?? 0) >> 6;
  return flags === 2 || flags === 3 ? flags : undefined;
}

function readTime(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length < at + 5) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = bytes.subarray(at, at + 5);
  return (((a >> 1) & 7) * 2 ** 30 + ((b << 22) | ((c >> 1) << 15) | (d << 7) | (e >> 1))) / clockHz;
}

/** Time stamps have 33 bits, and begin anew after 26.5 hours. */
export const wrapSeconds = 2 ** 33 / clockHz;

/** `seconds` continued from a time near to it, across the wrap. */
export function unwrap(seconds: number, near: number): number {
  return seconds + Math.round((near - seconds) / wrapSeconds) * wrapSeconds;
}

/** Tables of a single programme: where the map is, and what it lists. PIDs 0 to 31 are reserved for tables (table 2-3). */
export const isReserved = (pid: number): boolean => pid < 32;
export const programPid = 0;

/** PID of the first programme's map, from the payload of a packet of PID 0 in which the table begins (2.4.4.3). */
export function mapPid(payload: Uint8Array): number | undefined {
  const table = tableOf(payload, 0x00);
  // Programme 0 is the network's own table; ffmpeg writes none.
  return table === undefined ? undefined : (((table[10] ?? 0) & 0x1f) << 8) | (table[11] ?? 0);
}

export interface Elementary {
  readonly pid: number;
  /** ISO/IEC 13818-1, table 2-34. */
  readonly type: number;
}

/** The programme's streams, from the payload of a packet in which its map begins (2.4.4.8). */
export function elementaryStreams(payload: Uint8Array): readonly Elementary[] | undefined {
  const table = tableOf(payload, 0x02);
  if (table === undefined) return undefined;
  const found: Elementary[] = [];
  let at = 12 + ((((table[10] ?? 0) & 0x0f) << 8) | (table[11] ?? 0));
  // Four bytes of checksum end it.
  while (at + 5 <= table.length - 4) {
    found.push({ type: table[at] ?? 0, pid: (((table[at + 1] ?? 0) & 0x1f) << 8) | (table[at + 2] ?? 0) });
    at += 5 + ((((table[at + 3] ?? 0) & 0x0f) << 8) | (table[at + 4] ?? 0));
  }
  return found;
}

function tableOf(payload: Uint8Array, id: number): Uint8Array | undefined {
  const table = payload.subarray(1 + (payload[0] ?? 0));
  if (table[0] !== id) return undefined;
  const length = 3 + ((((table[1] ?? 0) & 0x0f) << 8) | (table[2] ?? 0));
  return length <= table.length ? table.subarray(0, length) : undefined;
}

export const streamTypes = { h264: 0x1b, aac: 0x0f } as const;
/** MPEG-1, MPEG-2, MPEG-4, H.264, HEVC, VVC. */
const videoTypes: readonly number[] = [0x01, 0x02, 0x10, streamTypes.h264, 0x24, 0x33];
export const isVideo = (type: number): boolean => videoTypes.includes(type);

/** The same packet with another continuity counter (2.4.3.3). */
export function withCounter(packet: Uint8Array, counter: number): Uint8Array {
  const copy = Uint8Array.from(packet);
  copy[3] = ((copy[3] ?? 0) & 0xf0) | (counter & 0x0f);
  return copy;
}
