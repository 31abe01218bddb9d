/** A rendition cut by its source's times: the segmenter's own stream stands for both, and pictures go missing. */
import { expect, test } from "vitest";
import { follower, type Piece } from "./follower.ts";
import { type Cut, segmenter } from "./segmenter.ts";
import { pids, streamOf, type Unit } from "./testing/stream-writer.ts";
import { packetBytes, presentationTime, readPacket, wrapSeconds } from "./ts.ts";

const pictures = (count: number, keyEvery: number, from = 0): readonly Unit[] =>
  Array.from({ length: count }, (_, i) => ({
    kind: "video",
    time: from + i / 10,
    key: i % keyEvery === 0,
  }));

/** Where the source is cut: after 4 s where a keyframe is, with a longest segment of 6 s. */
function cutsOf(units: readonly Unit[]): readonly Cut[] {
  const cuts: Cut[] = [];
  const cutter = segmenter({
    segmentSeconds: 4,
    mostSeconds: () => 6.05,
    onBegin: (cut) => cuts.push(cut),
    onSegment: () => {},
  });
  cutter.push(streamOf(units));
  cutter.end();
  return cuts;
}

function follow(cuts: readonly Cut[], units: readonly Unit[]): ReadonlyMap<number, Piece | undefined> {
  const pieces = new Map<number, Piece | undefined>();
  const rendition = follower((id, piece) => pieces.set(id, piece));
  for (const [id, cut] of cuts.entries()) rendition.expect({ id, ...cut });
  const bytes = streamOf(units);
  for (let at = 0; at < bytes.length; at += 1_000) rendition.push(bytes.subarray(at, at + 1_000));
  rendition.end();
  return pieces;
}

function timesOf(piece: Piece | undefined): readonly number[] {
  const data = piece?.data ?? new Uint8Array();
  return Array.from({ length: data.length / packetBytes }, (_, i) =>
    readPacket(data.subarray(i * packetBytes, (i + 1) * packetBytes)),
  ).flatMap((packet) =>
    packet?.pid === pids.video && packet.starts ? [presentationTime(packet.payload) ?? Number.NaN] : [],
  );
}
const span = (piece: Piece | undefined) => {
  const times = timesOf(piece).map((time) => Math.round(time * 10));
  return [times[0], times.at(-1)];
};

test("each segment holds the pictures of the source's time, sound beside them, its tables first", () => {
  const source = pictures(140, 20);
  const sound = source.map((each): Unit => ({ kind: "audio", time: each.time, bytes: 40 }));
  const both = [...source, ...sound].sort((a, b) => a.time - b.time);
  const made = follow(cutsOf(both), both);
  expect([...made.values()].map(span)).toEqual([
    [0, 39],
    [40, 79],
    [80, 119],
    [120, 139],
  ]);
  for (const piece of made.values()) {
    expect(readPacket((piece?.data ?? new Uint8Array()).subarray(0, packetBytes))?.pid).toBe(0);
    expect(piece?.keyframeSeconds).toBeLessThanOrEqual(2);
  }
});

test("where the source is cut at a picture that is no keyframe, so is the rendition", () => {
  const source = pictures(200, 200);
  expect([...follow(cutsOf(source), source).values()].map(span)).toEqual([
    [0, 59],
    [60, 119],
    [120, 179],
    [180, 199],
  ]);
});

test("every second picture left out, and time stamps that begin anew after 26.5 hours", () => {
  const source = pictures(140, 20, wrapSeconds - 5);
  const half = source.filter((_, i) => i % 2 === 0);
  expect([...follow(cutsOf(source), half).values()].map((piece) => timesOf(piece).length)).toEqual([
    20, 20, 20, 10,
  ]);
});

test("a segment without its first picture is not whole, nor one whose keyframe is none; those around it are", () => {
  const source = pictures(140, 20);
  const lacking = source.filter((_, i) => i !== 40);
  expect([...follow(cutsOf(source), lacking)].map(([id, piece]) => [id, piece !== undefined])).toEqual([
    [0, true],
    [1, false],
    [2, true],
    [3, true],
  ]);
  const blurred = source.map((each, i) => ({ ...each, key: i !== 80 && (each.key ?? false) }));
  expect([...follow(cutsOf(source), blurred).values()].map((piece) => piece !== undefined)).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

test("a whole segment that never came is said, and does not shift the next", () => {
  const source = pictures(140, 20);
  const made = follow(
    cutsOf(source),
    source.filter((_, i) => i < 40 || i >= 80),
  );
  expect([...made].map(([id, piece]) => [id, ...span(piece)])).toEqual([
    [0, 0, 39],
    [1, undefined, undefined],
    [2, 80, 119],
    [3, 120, 139],
  ]);
});
