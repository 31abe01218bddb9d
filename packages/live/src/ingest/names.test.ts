import fc from "fast-check";
import { expect, test } from "vitest";
import { firstDiscontinuity, firstSequence } from "./names.ts";

const instant = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2060, 0) });

test("a broadcast's media sequence is above that of any before it, whose segments are half as long as they should be", () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 20_000 }), (at, segments) => {
      expect(firstSequence(at + segments * 1_500)).toBeGreaterThanOrEqual(firstSequence(at) + segments);
    }),
  );
});

test("its discontinuity sequence is another one than before, and small enough to count to for each segment", () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 2_000, max: 18 * 3_600_000 }), (at, laterMs) => {
      expect(firstDiscontinuity(at + laterMs)).not.toBe(firstDiscontinuity(at));
      // Players that hold an array by this number stall on what is much larger.
      expect(firstDiscontinuity(at)).toBeLessThan(100_000);
    }),
  );
});
