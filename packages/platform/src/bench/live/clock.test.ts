import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ageOf, clockFilter } from "./clock.ts";

/** As the filter writes a time: bit X of Gray's code. */
const shadesOf = (ms: number): readonly number[] => {
  const units = Math.floor((ms / 10) % 2 ** 20);
  return Array.from({ length: 20 }, (_, x) =>
    Math.floor((units + 2 ** x) / 2 ** (x + 1)) % 2 === 1 ? 235 : 16,
  );
};

test("a strip says when it was made, to a hundredth of a second, over the turn of its numbers as well", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2060, 0) }),
      fc.integer({ min: 0, max: 3_600_000 }),
      (made, age) => {
        const read = ageOf({ at: made + age, shades: shadesOf(made) });
        // Thousandths are what is left of a number of 41 bits.
        expect(read).toBeGreaterThan(age - 0.01);
        expect(read).toBeLessThan(age + 10.01);
      },
    ),
  );
});

test("one block that was written a moment later is one unit, not thousands", () => {
  const at = Date.UTC(2026, 5);
  const [before, after] = [shadesOf(at + 327_670), shadesOf(at + 327_680)];
  expect(before.filter((shade, i) => shade !== after[i])).toHaveLength(1);
});

test("the filter writes what is read: the same formula, for each of the blocks", () => {
  expect(clockFilter).toContain("mod(floor((floor(mod(time(0)*100,1048576))+pow(2,X))/pow(2,X+1)),2)");
});
