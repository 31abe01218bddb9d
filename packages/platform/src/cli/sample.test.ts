import { expect, test } from "vitest";
import { words } from "./sample.ts";

test("options become words again, those left out do not", () => {
  expect(words({ shoppers: 8, fresh: true, seconds: undefined, quick: false }, true)).toEqual([
    "--shoppers",
    "8",
    "--fresh",
    "--json",
  ]);
});
