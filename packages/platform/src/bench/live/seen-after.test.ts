import { expect, test } from "vitest";
import { seenAfter } from "./seen-after.ts";

test("a bid is seen by all when the last is shown it, or a later state", () => {
  const streams = [
    [
      { version: 1, at: 10 },
      { version: 3, at: 40 },
    ],
    [
      { version: 2, at: 15 },
      { version: 3, at: 90 },
    ],
  ];
  const accepted = [
    { sequence: 1, at: 20 },
    { sequence: 2, at: 20 },
    { sequence: 3, at: 30 },
    { sequence: 4, at: 50 },
  ];
  expect(seenAfter(accepted, streams)).toEqual([0, 20, 60, Number.POSITIVE_INFINITY]);
});
