/** The checker sees each rule broken. */
import { expect, test } from "vitest";
import { alignmentFaults, changesOf, faultsOf, faultsOver, readPlaylist } from "./rules.ts";

const at = (second: number): string => new Date(1_700_000_000_000 + second * 1000).toISOString();
const list = (
  first: number,
  count: number,
  more: { discontinuities?: number; breakAt?: number } = {},
): string =>
  [
    "#EXTM3U",
    "#EXT-X-VERSION:3",
    "#EXT-X-TARGETDURATION:3",
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${more.discontinuities ?? 5}`,
    ...Array.from({ length: count }, (_, i) => [
      ...(more.breakAt === first + i ? ["#EXT-X-DISCONTINUITY"] : []),
      `#EXT-X-PROGRAM-DATE-TIME:${at((first + i) * 3)}`,
      "#EXTINF:3.000,",
      `source/b1-${first + i}.ts`,
    ]).flat(),
    "",
  ].join("\n");

test("a broadcast that keeps the rules", () => {
  expect(
    faultsOver([list(1, 1), list(1, 2), list(1, 3), list(2, 3), `${list(2, 3)}#EXT-X-ENDLIST\n`]),
  ).toEqual([]);
  expect(faultsOver([list(1, 3, { breakAt: 1 }), list(2, 3, { discontinuities: 6 })])).toEqual([]);
});

test.each<[string, string, RegExp]>([
  ["a long segment", list(1, 2).replace("#EXTINF:3.000", "#EXTINF:3.500"), /3.5 s, target 3 s/],
  ["no duration", list(1, 2).replace("#EXTINF:3.000,\n", ""), /duration NaN/],
  ["no date", list(1, 2).replace(/#EXT-X-PROGRAM.*\n/, ""), /no date/],
  ["a date that jumps", list(1, 2).replace(at(6), at(8)), /2000 ms off/],
  ["nothing", list(1, 0), /no segment/],
])("%s", (_, text, fault) => {
  expect(faultsOf(readPlaylist(text)).join("\n")).toMatch(fault);
});

test.each<[string, string, string, RegExp]>([
  ["a sequence that falls", list(2, 2), list(1, 3), /sequence fell/],
  ["another target", list(1, 2), list(1, 2).replace("DURATION:3", "DURATION:4"), /another target/],
  ["a segment renamed", list(1, 2), list(1, 2).replace("b1-2", "b2-2"), /segment 2 changed/],
  ["an end cut off", list(1, 3), list(1, 2), /went from its end/],
  ["more after the end", `${list(1, 2)}#EXT-X-ENDLIST\n`, list(1, 3), /after its end/],
  ["an uncounted discontinuity", list(1, 3, { breakAt: 1 }), list(2, 3), /grew by 0/],
])("%s", (_, before, after, fault) => {
  expect(changesOf(readPlaylist(before), readPlaylist(after)).join("\n")).toMatch(fault);
});

test("renditions whose lists reach differently far", () => {
  const small = list(2, 2, { breakAt: 2 }).replaceAll("source/", "480p/");
  expect(alignmentFaults(readPlaylist(list(1, 3, { breakAt: 2 })), readPlaylist(small))).toEqual([]);
});

test.each<[string, string, RegExp]>([
  ["another target", list(1, 3).replace("DURATION:3", "DURATION:4"), /another target/],
  ["another length", list(1, 3).replace("#EXTINF:3.000", "#EXTINF:2.900"), /2.9 s instead of 3 s/],
  ["another time", list(1, 3).replace(at(6), at(6.04)), /40 ms apart/],
  ["a discontinuity of its own", list(1, 3, { breakAt: 2 }), /a discontinuity in one of them/],
  ["another count of them", list(1, 3, { discontinuities: 6 }), /another discontinuity sequence/],
  ["numbers of its own", list(9, 3), /nothing in common/],
])("renditions with %s", (_, text, fault) => {
  expect(alignmentFaults(readPlaylist(list(1, 3)), readPlaylist(text)).join("\n")).toMatch(fault);
});
