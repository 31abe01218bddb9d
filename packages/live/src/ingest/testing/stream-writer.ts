/** Writes transport streams for tests: tables, and pictures and pieces of sound of any length at any time. */
import { packetBytes } from "../ts.ts";

export interface Unit {
  readonly kind: "video" | "audio";
  /** Decoding time in seconds. */
  readonly time: number;
  readonly key?: boolean;
  /** Of its payload. */
  readonly bytes?: number;
}

export const pids = { map: 0x1000, video: 0x100, audio: 0x101 } as const;

export function streamOf(
  units: readonly Unit[],
  types: readonly { readonly pid: number; readonly type: number }[] = [
    { pid: pids.video, type: 0x1b },
    { pid: pids.audio, type: 0x0f },
  ],
): Uint8Array {
  const parts = [programTable(), mapTable(types), ...units.flatMap((unit) => picture(unit))];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function packet(pid: number, starts: boolean, payload: readonly number[], randomAccess = false): Uint8Array {
  const bytes = new Uint8Array(packetBytes).fill(0xff);
  const room = packetBytes - 4;
  const needsField = randomAccess || payload.length < room;
  bytes[0] = 0x47;
  bytes[1] = (starts ? 0x40 : 0) | (pid >> 8);
  bytes[2] = pid & 0xff;
  bytes[3] = needsField ? 0x30 : 0x10;
  if (needsField) {
    const length = room - 1 - payload.length;
    bytes[4] = length;
    if (length > 0) bytes[5] = randomAccess ? 0x40 : 0;
  }
  bytes.set(payload, packetBytes - payload.length);
  return bytes;
}

const table = (id: number, body: readonly number[]): number[] => {
  const length = 5 + body.length + 4;
  return [0, id, 0xb0 | (length >> 8), length & 0xff, 0, 1, 0xc1, 0, 0, ...body, 0, 0, 0, 0];
};

function programTable(): Uint8Array {
  return packet(0, true, table(0, [0, 1, 0xe0 | (pids.map >> 8), pids.map & 0xff]));
}

function mapTable(types: readonly { readonly pid: number; readonly type: number }[]): Uint8Array {
  const streams = types.flatMap(({ pid, type }) => [type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, 0]);
  return packet(pids.map, true, table(2, [0xe1, 0, 0xf0, 0, ...streams]));
}

function picture({ kind, time, key = false, bytes = 300 }: Unit): readonly Uint8Array[] {
  const ticks = Math.round(time * 90_000) % 2 ** 33;
  const high = Math.floor(ticks / 2 ** 30);
  const header = [0, 0, 1, kind === "video" ? 0xe0 : 0xc0, 0, 0, 0x80, 0x80, 5];
  header.push(0x21 | (high << 1), (ticks >>> 22) & 0xff, ((ticks >>> 14) & 0xfe) | 1);
  header.push((ticks >>> 7) & 0xff, ((ticks << 1) & 0xfe) | 1);
  const content = [...header, ...new Array<number>(bytes).fill(kind === "video" ? 0xaa : 0xbb)];
  const packets: Uint8Array[] = [];
  for (let at = 0; at < content.length; ) {
    const first = at === 0;
    const room = packetBytes - 4 - (first && key ? 2 : 0);
    const piece = content.slice(at, at + room);
    packets.push(packet(pids[kind], first, piece, first && key));
    at += piece.length;
  }
  return packets;
}
