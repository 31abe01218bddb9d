/** Cutting, for streams of any keyframe interval, in pieces of any size. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type CutSegment, segmenter } from "./segmenter.ts";
import { pids, streamOf, type Unit } from "./testing/stream-writer.ts";
import { decodingTime, packetBytes, readPacket, wrapSeconds } from "./ts.ts";

function cut(
  bytes: Uint8Array,
  options: { segmentSeconds?: number; mostSeconds?: () => number; pieces?: readonly number[] } = {},
): readonly CutSegment[] {
  const made: CutSegment[] = [];
  const cutter = segmenter({
    segmentSeconds: options.segmentSeconds ?? 3,
    mostSeconds: options.mostSeconds ?? (() => 10),
    onSegment: (segment) => made.push(segment),
  });
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = options.pieces?.[i % options.pieces.length] ?? 1000;
    cutter.push(bytes.subarray(at, at + size));
    at += size;
  }
  cutter.end();
  return made;
}

/** Pictures with a keyframe every so many, and sound beside them. */
function broadcast(
  pictures: number,
  rate: number,
  keyEvery: number,
  begin = 0,
  keyFrom = 0,
): readonly Unit[] {
  const video = Array.from({ length: pictures }, (_, i): Unit => {
    const key = i >= keyFrom && (i - keyFrom) % keyEvery === 0;
    return { kind: "video", time: begin + i / rate, key };
  });
  const sound = Array.from(
    { length: Math.floor((pictures / rate) * 10) },
    (_, i): Unit => ({ kind: "audio", time: begin + i / 10, bytes: 60 }),
  );
  return [...video, ...sound].sort((a, b) => a.time - b.time);
}

const packets = (data: Uint8Array) =>
  Array.from({ length: data.length / packetBytes }, (_, i) =>
    readPacket(data.subarray(i * packetBytes, (i + 1) * packetBytes)),
  ).map((packet) => {
    if (packet === undefined) throw new Error("not a packet");
    return packet;
  });
const firstPicture = (segment: CutSegment) =>
  packets(segment.data).find((each) => each.pid === pids.video && each.starts);
const rounded = (segments: readonly CutSegment[]) =>
  segments.map((s) => Number(s.durationSeconds.toFixed(2)));

test("a keyframe every second gives segments of 3 s, each with its tables, each with a keyframe first", () => {
  const made = cut(streamOf(broadcast(10 * 11, 10, 10)));
  expect(rounded(made)).toEqual([3, 3, 3, 2]);
  expect(made.map((s) => Number(s.offsetSeconds.toFixed(2)))).toEqual([0, 3, 6, 9]);
  for (const segment of made) {
    const [program, map, first] = packets(segment.data);
    expect([program?.pid, map?.pid, first?.pid]).toEqual([0, pids.map, pids.video]);
    expect(first?.randomAccess).toBe(true);
    expect(segment.independent).toBe(true);
    expect(segment.keyframeSeconds).toBeCloseTo(1);
  }
  const counters = made.map((s) => (s.data[3] ?? 0) & 15);
  expect(counters).toEqual([0, 1, 2, 3]);
});

test("a cut comes early rather than late: where the next keyframe would make it too long", () => {
  const lengths = (keyEvery: number) => rounded(cut(streamOf(broadcast(10 * 18, 10, keyEvery)))).slice(0, 4);
  expect(lengths(20)).toEqual([2, 2, 2, 2]);
  expect(lengths(25)).toEqual([2.5, 2.5, 2.5, 2.5]);
  expect(lengths(15)).toEqual([3, 3, 3, 3]);
  expect(lengths(5)).toEqual([3, 3, 3, 3]);
  // Not below half of what it should be, and late where nothing else is left.
  expect(lengths(14)).toEqual([2.8, 2.8, 2.8, 2.8]);
  expect(lengths(40)).toEqual([4, 4, 4, 4]);
});

test("keyframes where scenes change cost no early cut of a stream that has enough of them", () => {
  // Every 2 s, and one more at 2.9 s.
  const units = broadcast(10 * 12, 10, 20).map((u) =>
    u.kind === "video" && Math.abs(u.time - 2.9) < 0.01 ? { ...u, key: true } : u,
  );
  expect(rounded(cut(streamOf(units)))).toEqual([2, 2, 2, 2, 2, 2]);
});

test("what comes before the first keyframe is left out, sound as well", () => {
  const made = cut(streamOf(broadcast(60, 10, 30, 0, 15)));
  const [first] = made;
  if (first === undefined) throw new Error("no segment");
  expect(decodingTime(firstPicture(first)?.payload ?? new Uint8Array())).toBeCloseTo(1.5);
  const sound = packets(first.data).find((each) => each.pid === pids.audio && each.starts);
  expect(decodingTime(sound?.payload ?? new Uint8Array())).toBeGreaterThanOrEqual(1.5);
  expect(rounded(made)).toEqual([3, 1.5]);
});

test("keyframes further apart than the longest segment: cut at a picture, and said", () => {
  const made = cut(streamOf(broadcast(10 * 20, 10, 200)), { mostSeconds: () => 6.05 });
  expect(rounded(made)).toEqual([6, 6, 6, 2]);
  expect(made.map((s) => s.independent)).toEqual([true, false, false, false]);
});

test("sound alone and pictures alone are cut by themselves", () => {
  const both = broadcast(100, 10, 10);
  const sound = cut(
    streamOf(
      both.filter((u) => u.kind === "audio"),
      [{ pid: pids.audio, type: 0x0f }],
    ),
  );
  expect(rounded(sound)).toEqual([3, 3, 3, 1]);
  const pictures = cut(
    streamOf(
      both.filter((u) => u.kind === "video"),
      [{ pid: pids.video, type: 0x1b }],
    ),
  );
  expect(rounded(pictures)).toEqual([3, 3, 3, 1]);
});

test("a jump of the publisher's clock begins a segment that says so, and no length counts it", () => {
  const before = broadcast(50, 10, 10);
  for (const at of [3600, 400]) {
    const made = cut(
      streamOf([...before.map((u) => ({ ...u, time: u.time + 500 })), ...broadcast(50, 10, 10, at)]),
    );
    expect(rounded(made)).toEqual([3, 2, 3, 2]);
    expect(made.map((s) => s.jumped)).toEqual([false, false, true, false]);
  }
});

test("time stamps that begin anew after 26.5 hours are no jump", () => {
  const made = cut(streamOf(broadcast(100, 10, 10, wrapSeconds - 4)));
  expect(rounded(made)).toEqual([3, 3, 3, 1]);
  expect(made.some((s) => s.jumped)).toBe(false);
});

test("pictures that stop leave the sound, which is cut as well", () => {
  const all = broadcast(200, 10, 10).filter((u) => u.kind === "audio" || u.time < 4);
  const made = cut(streamOf(all), { mostSeconds: () => 4 });
  expect(made.length).toBeGreaterThan(3);
  for (const segment of made) expect(segment.durationSeconds).toBeLessThanOrEqual(4.1);
});

test("any stream in pieces of any size: nothing is lost or doubled, no segment too long, each begins right", () => {
  const stream = fc.record({
    rate: fc.integer({ min: 1, max: 30 }),
    keyEvery: fc.integer({ min: 1, max: 90 }),
    seconds: fc.integer({ min: 1, max: 25 }),
    pieces: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 5 }),
    most: fc.integer({ min: 4, max: 10 }),
  });
  fc.assert(
    fc.property(stream, ({ rate, keyEvery, seconds, pieces, most }) => {
      const units = broadcast(rate * seconds, rate, keyEvery);
      const made = cut(streamOf(units), { pieces, mostSeconds: () => most });
      const pictures = made.flatMap((s) => packets(s.data)).filter((p) => p.pid === pids.video && p.starts);
      expect(pictures.map((p) => Math.round((decodingTime(p.payload) ?? 0) * 1000))).toEqual(
        units.filter((u) => u.kind === "video").map((u) => Math.round(u.time * 1000)),
      );
      let end = 0;
      for (const [index, segment] of made.entries()) {
        expect(segment.offsetSeconds).toBeCloseTo(end);
        end += segment.durationSeconds;
        expect(segment.durationSeconds).toBeLessThanOrEqual(most + 1 / rate + 1e-6);
        if (segment.independent) expect(firstPicture(segment)?.randomAccess).toBe(true);
        // Only what would be too long is cut elsewhere than at a keyframe.
        const next = made[index + 1];
        if (next !== undefined && !next.independent) {
          expect(segment.durationSeconds).toBeGreaterThan(most - 2 / rate - 1e-6);
        }
        if (index === made.length - 1) continue;
        // Shorter than it should be only where the next keyframe would make it longer than it may be.
        const isEarly = segment.durationSeconds < 2.9 - 1e-6;
        if (isEarly) expect(segment.durationSeconds + keyEvery / rate).toBeGreaterThan(3.45);
        expect(segment.durationSeconds).toBeGreaterThanOrEqual(1.5);
      }
      // The length of the last picture is that of the one before it; a single one is taken for 40 ms.
      expect(end).toBeCloseTo(units.filter((u) => u.kind === "video").length === 1 ? 0.04 : seconds, 3);
    }),
    { numRuns: 60 },
  );
});
