import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lineSplitter } from "./lines.ts";

test("lines are whole however they arrive", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z,.0-9]*$/)), fc.nat(9), (lines, size) => {
      const seen: string[] = [];
      const push = lineSplitter((line) => seen.push(line));
      const text = lines.map((line) => `${line}\n`).join("");
      for (let at = 0; at < text.length; at += size + 1) push(text.slice(at, at + size + 1));
      expect(seen).toEqual(lines);
    }),
  );
});

test("a line without an end takes no more memory than it may", () => {
  const seen: string[] = [];
  const push = lineSplitter((line) => seen.push(line), 10);
  for (let i = 0; i < 100; i++) push("x");
  push("\nnext\n");
  expect(seen.at(-1)).toBe("next");
  expect(seen[0]?.length).toBeLessThanOrEqual(10);
});
