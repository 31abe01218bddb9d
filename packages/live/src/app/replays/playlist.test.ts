import { expect, test } from "vitest";
import { faultsOf, readPlaylist } from "../../hls/rules.ts";
import { type Recorded, recordedFile } from "../../replay/names.ts";
import { playlistOf, replayOf } from "./playlist.ts";

const at = 1_794_000_000_000;
const folder = "tea/b1aaaa/";
const recorded = (sequence: number, change: Partial<Recorded> = {}): Recorded => ({
  ...{ sequence, startedAtMs: at + (sequence - 7) * 3_000, durationMs: 3_000, discontinuity: false },
  ...change,
});
const items = (all: readonly Recorded[]) =>
  all.map((each) => ({ key: `${folder}${recordedFile(each)}`, bytes: 1_000 }));

test("made of the bucket's names alone, in whatever order they come, with all that is no segment left out", () => {
  const all = [recorded(9), recorded(7), recorded(8), recorded(10, { durationMs: 1_480 })];
  const replay = replayOf(
    [
      ...items(all),
      { key: `${folder}index.m3u8`, bytes: 5 },
      { key: `${folder}poster.jpg`, bytes: 5 },
      { key: `${folder}source-8-x.ts`, bytes: 5 },
      { key: `tea/b1aaaab/${recordedFile(recorded(11))}`, bytes: 5 },
    ],
    folder,
  );
  expect(replay.segments.map(({ sequence }) => sequence)).toEqual([7, 8, 9, 10]);
  expect(replay).toMatchObject({ seconds: 10.48, bytes: 4_000, hasPoster: true });
});

test("the playlist keeps RFC 8216: whole, dated, and no segment above the target", () => {
  const text = playlistOf(
    replayOf(items([recorded(7), recorded(8, { durationMs: 3_449 })]), folder),
    "b1aaaa",
  );
  const read = readPlaylist(text);
  expect(faultsOf({ ...read, segments: read.segments.slice(0, 1) })).toEqual([]);
  expect(read).toMatchObject({ ended: true, targetDuration: 3, mediaSequence: 0 });
  expect(read.segments.map(({ duration }) => duration)).toEqual([3, 3.449]);
  expect(text).toContain("\n#EXT-X-PLAYLIST-TYPE:VOD\n");
  expect(text).toContain(`\nb1aaaa/source-7-${at}-3000.ts\n`);
  expect(text).toContain(`#EXT-X-PROGRAM-DATE-TIME:${new Date(at).toISOString()}\n`);
});

test("a discontinuity stands where one was, and where a segment is missing, never before the first", () => {
  const all = [
    recorded(7, { discontinuity: true }),
    recorded(8),
    recorded(10),
    recorded(11, { discontinuity: true }),
  ];
  const { segments } = readPlaylist(playlistOf(replayOf(items(all), folder), "b1aaaa"));
  expect(segments.map(({ discontinuity }) => discontinuity)).toEqual([false, false, true, true]);
});

test("of nothing there is a replay of nothing", () => {
  expect(replayOf([], folder)).toEqual({ segments: [], seconds: 0, bytes: 0, hasPoster: false });
});
