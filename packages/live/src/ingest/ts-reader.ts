/** Reads a transport stream of one programme packet by packet: whose each is, and what begins in it. */
import {
  decodingTime,
  type Elementary,
  elementaryStreams,
  isReserved,
  mapPid,
  packetBytes,
  presentationTime,
  programPid,
  readPacket,
  withCounter,
} from "./ts.ts";

/** A picture or a piece of sound that begins. */
export interface Beginning {
  readonly stream: Elementary;
  /** Seconds, below `wrapSeconds`. */
  readonly decoding: number;
  readonly presentation: number;
  /** Can be decoded without what was before. */
  readonly randomAccess: boolean;
}

export interface TsReaderOptions {
  /** A packet of media, in order; it is never written to again. */
  readonly onPacket: (raw: Uint8Array, begins: Beginning | undefined) => void;
  /** The streams inside, each time they are another set. */
  readonly onStreams?: (streams: readonly Elementary[]) => void;
}

export interface TsReader {
  push(chunk: Uint8Array): void;
  streams(): readonly Elementary[];
  /** Packets that a segment begins with, the `count`th of its stream; undefined before both tables have come. */
  tables(count: number): readonly Uint8Array[] | undefined;
}

export function tsReader(options: TsReaderOptions): TsReader {
  let rest: Uint8Array = new Uint8Array();
  let mapAt: number | undefined;
  let streams: readonly Elementary[] = [];
  let tables: { program?: Uint8Array; map?: Uint8Array } = {};

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
    streams: () => streams,
    tables(count) {
      const { program, map } = tables;
      return program === undefined || map === undefined
        ? undefined
        : [withCounter(program, count), withCounter(map, count)];
    },
  };

  function take(raw: Uint8Array): void {
    const packet = readPacket(raw);
    if (packet === undefined) return;
    const { pid, starts, payload, randomAccess } = packet;
    if (pid === programPid || pid === mapAt) {
      if (starts) readTable(pid, payload, raw);
      return;
    }
    if (isReserved(pid)) return;
    const stream = streams.find((each) => each.pid === pid);
    if (stream === undefined) return;
    const decoding = starts ? decodingTime(payload) : undefined;
    const presentation = starts ? presentationTime(payload) : undefined;
    options.onPacket(
      raw,
      decoding === undefined || presentation === undefined
        ? undefined
        : { stream, decoding, presentation, randomAccess },
    );
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
    options.onStreams?.(listed);
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
