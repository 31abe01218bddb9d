import { expect, test } from "vitest";
import { distance, nearest } from "./nearest.ts";

test("a swap of neighbours counts once", () => {
  expect(distance("memroy", "memory")).toBe(1);
  expect(distance("", "abc")).toBe(3);
  expect(distance("same", "same")).toBe(0);
});

test.each([
  ["memroy", "memory"],
  ["max-connections", "maxConnections"],
  ["Memory", "memory"],
  ["memori", "memory"],
  ["colour", undefined],
  ["m", undefined],
])("%s → %s", (word, expected) => {
  expect(nearest(word, ["memory", "maxConnections", "replicas"])).toBe(expected);
});

test("nothing is near to nothing", () => {
  expect(nearest("x", [])).toBeUndefined();
});
