import { expect, test } from "vitest";
import { compareVersions, inRange, isRange } from "./version.ts";

test.each([
  ["9.7.4", ">=9.7 <9.8", true],
  ["9.7", ">=9.7 <9.8", true],
  ["9.10.0", ">=9.7 <9.8", false],
  ["9.8", ">=9.7 <9.8", false],
  ["9.6.99", ">=9.7 <9.8", false],
  ["6.0.16", ">=6.0.16 <6.1", true],
  ["6.0.9", ">=6.0.16 <6.1", false],
  ["24.22.2", "24.22.2", true],
  ["3.2", ">3.2", false],
  ["3.2.0", "<=3.2", true],
])("%s in %s: %s", (version, range, expected) => {
  expect(inRange(version, range)).toBe(expected);
});

test("numbers are compared as numbers, and a missing part is 0", () => {
  expect(compareVersions("9.10", "9.9")).toBeGreaterThan(0);
  expect(compareVersions("1.0", "1")).toBe(0);
});

test.each(["", "9.7 -", "^9.7", ">=9.x", "=> 9"])("'%s' is no range", (range) => {
  expect(isRange(range)).toBe(false);
  expect(() => inRange("9.7.4", range)).toThrow("no version range");
});
