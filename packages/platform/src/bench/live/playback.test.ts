import { expect, test } from "vitest";
import { readPlaylist } from "../../../../live/src/hls/rules.ts";
import { playback } from "./playback.ts";

const segmentsOf = (playlist: string) => readPlaylist(playlist).segments;

const list = (from: number, count: number): string =>
  [
    ...["#EXTM3U", "#EXT-X-TARGETDURATION:3", `#EXT-X-MEDIA-SEQUENCE:${from}`],
    ...Array.from({ length: count }, (_, i) => `#EXTINF:3.000,\nsource/b1-${from + i}.ts?e=1`),
    "",
  ].join("\n");

test("segments have the numbers and lengths of their playlist", () => {
  expect(segmentsOf(list(7, 2))).toEqual(
    [7, 8].map((sequence) => ({
      ...{ uri: `source/b1-${sequence}.ts?e=1`, sequence, duration: 3 },
      ...{ discontinuity: false, programDateTime: Number.NaN },
    })),
  );
});

test("begins three segments behind, and then takes each once", () => {
  const player = playback();
  const first = player.wants(segmentsOf(list(0, 10)));
  expect(first.map(({ sequence }) => sequence)).toEqual([7, 8, 9]);
  for (const segment of first) player.received(segment, 1_000);
  expect(player.wants(segmentsOf(list(0, 10)))).toEqual([]);
  expect(player.wants(segmentsOf(list(2, 10))).map(({ sequence }) => sequence)).toEqual([10, 11]);
});

test("late is what comes after all before it was played; the picture waits, and goes on from there", () => {
  const player = playback();
  const [a, b, c, d, e] = segmentsOf(list(0, 5));
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined)
    throw new Error("five segments");
  expect(player.received(a, 0)).toBe(false);
  expect(player.received(b, 100)).toBe(false);
  // Both are played after six seconds.
  expect(player.received(c, 6_000)).toBe(false);
  expect(player.received(d, 9_001)).toBe(true);
  // It is played from 9,001 on.
  expect(player.received(e, 12_001)).toBe(false);
});
