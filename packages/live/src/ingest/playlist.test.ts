/** The playlist against the rules of RFC 8216, for broadcasts of any segments, restarts and windows. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  append,
  beginPlaylist,
  durationOf,
  endPlaylist,
  fits,
  type MediaPlaylist,
  nextSequence,
  render,
  type Segment,
  targetDurationFor,
} from "./playlist.ts";

const segment = (sequence: number, durationSeconds: number, discontinuity = false): Segment => ({
  sequence,
  uri: `source/b1-${sequence}.ts`,
  durationSeconds,
  discontinuity,
  startedAtMs: 1_700_000_000_000 + sequence * 1000,
});

const begun = beginPlaylist({ windowSegments: 3, targetDuration: 4, discontinuitySequence: 7 });
const after = (...segments: readonly Segment[]): MediaPlaylist =>
  segments.reduce((playlist, each) => append(playlist, each).playlist, begun);

test("is written as players expect it", () => {
  const playlist = endPlaylist(after(segment(10, 3.0004), segment(11, 4.2, true)));
  expect(render(playlist)).toBe(`#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:10
#EXT-X-DISCONTINUITY-SEQUENCE:7
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:30.000Z
#EXTINF:3.000,
source/b1-10.ts
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:31.000Z
#EXTINF:4.200,
source/b1-11.ts
#EXT-X-ENDLIST
`);
});

test("refuses what no playlist may hold", () => {
  expect(() => append(after(segment(1, 3)), segment(3, 3))).toThrow("segment 3 after 1");
  expect(() => append(after(segment(1, 3)), segment(1, 3))).toThrow("segment 1 after 1");
  expect(() => append(begun, segment(1, 4.5))).toThrow("target 4 s");
  expect(() => append(endPlaylist(begun), segment(1, 3))).toThrow("after the end");
  expect(fits(begun, 4.49)).toBe(true);
  expect(fits(begun, 4.5)).toBe(false);
});

test.each([
  [3.001, 3, 3],
  [4.004, 3, 4],
  [2, 3, 3],
  [4.3, 3, 5],
  [20.02, 3, 20],
  [0.2, 0.5, 1],
])("first segment of %d s, %d s wanted: target %d s", (first, wanted, target) => {
  expect(targetDurationFor(first, wanted)).toBe(target);
  // The first one has to fit into what it decides.
  expect(Math.round(first)).toBeLessThanOrEqual(target);
});

const broadcast = fc.record({
  windowSegments: fc.integer({ min: 1, max: 25 }),
  first: fc.integer({ min: 0, max: 2 ** 31 }),
  segments: fc.array(
    fc.record({
      durationSeconds: fc.double({ min: 0.04, max: 4.49, noNaN: true }),
      discontinuity: fc.boolean(),
    }),
    { minLength: 1, maxLength: 90 },
  ),
});

test("every list of a broadcast keeps the RFC's rules, and every file lives as long as it must", () => {
  fc.assert(
    fc.property(broadcast, ({ windowSegments, first, segments }) => {
      let playlist = beginPlaylist({ windowSegments, targetDuration: 4, discontinuitySequence: first });
      const longest = new Map<number, number>();
      const leftAt = new Map<number, number>();
      const expired = new Set<number>();
      let clock = 0;
      let passed = 0;
      segments.forEach((each, index) => {
        const next = { ...segment(first + index, each.durationSeconds, each.discontinuity) };
        const before = playlist;
        const step = append(playlist, next);
        playlist = step.playlist;
        clock += each.durationSeconds;

        expect(playlist.segments.length).toBe(Math.min(index + 1, windowSegments));
        expect(nextSequence(playlist)).toBe(first + index + 1);
        const numbers = playlist.segments.map((s) => s.sequence);
        expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
        for (const s of before.segments.filter((s) => !playlist.segments.includes(s))) {
          leftAt.set(s.sequence, clock);
          passed += s.discontinuity ? 1 : 0;
        }
        expect(playlist.discontinuitySequence).toBe(first + passed);
        for (const s of playlist.segments) {
          longest.set(s.sequence, Math.max(longest.get(s.sequence) ?? 0, durationOf(playlist.segments)));
        }
        for (const s of step.expired) {
          expect(expired.has(s.sequence)).toBe(false);
          expired.add(s.sequence);
          const stayed = clock - (leftAt.get(s.sequence) ?? Number.POSITIVE_INFINITY);
          const due = s.durationSeconds + (longest.get(s.sequence) ?? Number.POSITIVE_INFINITY);
          expect(stayed).toBeGreaterThanOrEqual(due - 1e-9);
        }
        // Nothing is lost track of: each is listed, retained or expired.
        const known = [...expired, ...playlist.retained.map((s) => s.segment.sequence), ...numbers];
        expect(known.sort((a, b) => a - b)).toEqual(Array.from({ length: index + 1 }, (_, i) => first + i));
        // And nothing stays for more than the longest list and itself.
        const kept = durationOf(playlist.retained.slice(1).map((s) => s.segment));
        expect(kept).toBeLessThanOrEqual(playlist.longestSeconds + 3 * 4.49);
      });
    }),
    { numRuns: 200 },
  );
});
