import fc from "fast-check";
import { expect, test } from "vitest";
import {
  allSlots,
  commonSlots,
  countSlots,
  formatSlots,
  joinSlots,
  parseSlotRange,
  type Slots,
  splitSlots,
  subtractSlots,
} from "./slots.ts";

const numbers = (slots: Slots): Set<number> =>
  new Set(slots.flatMap((r) => Array.from({ length: r.to - r.from + 1 }, (_, i) => r.from + i)));

const ranges = fc
  .array(
    fc.tuple(fc.nat(60), fc.nat(6)).map(([from, more]) => ({ from, to: from + more })),
    { maxLength: 6 },
  )
  .map((r) => joinSlots(r));

test("join, difference, intersection and count agree with sets of single slots", () => {
  fc.assert(
    fc.property(ranges, ranges, (a, b) => {
      const [sa, sb] = [numbers(a), numbers(b)];
      expect(numbers(joinSlots(a, b))).toEqual(new Set([...sa, ...sb]));
      expect(numbers(subtractSlots(a, b))).toEqual(new Set([...sa].filter((s) => !sb.has(s))));
      expect(numbers(commonSlots(a, b))).toEqual(new Set([...sa].filter((s) => sb.has(s))));
      expect(countSlots(a)).toBe(sa.size);
    }),
  );
});

test("shares are disjoint, complete and differ by one slot at most", () => {
  fc.assert(
    fc.property(ranges, fc.integer({ min: 1, max: 7 }), (slots, parts) => {
      const shares = splitSlots(slots, parts);
      expect(shares).toHaveLength(parts);
      expect(joinSlots(...shares)).toEqual(joinSlots(slots));
      const counts = shares.map(countSlots);
      expect(counts.reduce((a, b) => a + b, 0)).toBe(countSlots(slots));
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});

test("three masters get the usual thirds", () => {
  expect(splitSlots(allSlots, 3).map(formatSlots)).toEqual(["0-5461", "5462-10922", "10923-16383"]);
});

test("words of a table that are no owned slots are none", () => {
  expect(parseSlotRange("5")).toEqual({ from: 5, to: 5 });
  expect(parseSlotRange("[93-<-0123]")).toBeUndefined();
  expect(parseSlotRange("9-5")).toBeUndefined();
  expect(parseSlotRange("0-16384")).toBeUndefined();
});
