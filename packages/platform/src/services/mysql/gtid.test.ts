import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countGtids,
  emptyGtids,
  formatGtids,
  type GtidSet,
  isEmptyGtids,
  isSubsetOf,
  parseGtids,
  sourcesOf,
  subtractGtids,
  unionGtids,
  withoutSource,
} from "./gtid.ts";

const a = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const b = "4e11fa47-71ca-11e1-9e33-c80aa9429562";

/** The naive model: a set of single transactions as text. */
const model = (set: GtidSet): Set<string> =>
  new Set(
    [...set].flatMap(([source, intervals]) =>
      intervals.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => `${source}:${from + i}`)),
    ),
  );

const gtids = fc
  .array(
    fc.tuple(
      fc.constantFrom(a, b, `${a}:tag`),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 4 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parseGtids(parts.map(([s, from, more]) => `${s}:${from}-${from + more}`).join(",")));

test("a server's texts are read: several intervals, tags, line breaks, upper case, nothing", () => {
  expect(formatGtids(parseGtids(`${a.toUpperCase()}:1-5:7:9-10,\n${b}:1`))).toBe(`${a}:1-5:7:9-10,${b}:1`);
  expect(formatGtids(parseGtids(`${a}:1-3:backup:1-2:5`))).toBe(`${a}:1-3,${a}:backup:1-2:5`);
  expect(parseGtids("")).toEqual(emptyGtids);
});

test("what is no GTID set is refused, never taken for empty", () => {
  for (const text of ["x", `${a}:5-3`, `${a}:0`, "NULL", `${a}:1-2:Z!`]) {
    expect(() => parseGtids(text)).toThrow(RangeError);
  }
});

test("neighbouring intervals become one", () => {
  expect(formatGtids(parseGtids(`${a}:1-2:3-4`))).toBe(`${a}:1-4`);
});

test("sources and the part of other servers", () => {
  const set = parseGtids(`${a}:1-2:tag:4,${b}:9`);
  expect(sourcesOf(set)).toEqual([a, b]);
  expect(formatGtids(withoutSource(set, a))).toBe(`${b}:9`);
});

test("union, difference, count and subset agree with sets of single transactions", () => {
  fc.assert(
    fc.property(gtids, gtids, (x, y) => {
      const [mx, my] = [model(x), model(y)];
      expect(model(unionGtids(x, y))).toEqual(new Set([...mx, ...my]));
      expect(model(subtractGtids(x, y))).toEqual(new Set([...mx].filter((t) => !my.has(t))));
      expect(countGtids(x)).toBe(mx.size);
      expect(isSubsetOf(x, y)).toBe([...mx].every((t) => my.has(t)));
      expect(isEmptyGtids(x)).toBe(mx.size === 0);
      expect(formatGtids(parseGtids(formatGtids(x)))).toBe(formatGtids(x));
    }),
  );
});
