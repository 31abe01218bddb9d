import { expect, test } from "vitest";
import { progress } from "./progress.ts";
import { latencyOf } from "./statistics.ts";

const screen = (isTTY: boolean) => {
  const texts: string[] = [];
  return { isTTY, texts, write: (text: string) => texts.push(text) };
};

test("on a terminal a bar is redrawn, with what is left", () => {
  const out = screen(true);
  let clock = 0;
  const bar = progress({ label: "orders", total: 1_000, out, now: () => clock });
  clock = 2_000;
  bar.add(250);
  expect(out.texts.at(-1)).toMatch(/orders .*█.*░.* 250 of 1,000, 2\.0 s, 6 s left$/);
  bar.done();
  expect(out.texts.at(-1)).toBe("\n");
});

test("elsewhere it is a line every five seconds and one at the end", () => {
  const out = screen(false);
  let clock = 0;
  const bar = progress({ label: "orders", total: 1_000, out, now: () => clock });
  for (clock = 1_000; clock <= 9_000; clock += 1_000) bar.add(100);
  bar.done();
  expect(out.texts).toEqual(["orders: 500 of 1,000, 5.0 s\n", "orders: 900 done in 10.0 s\n"]);
});

test("percentiles are values that were seen", () => {
  const values = Array.from({ length: 200 }, (_, i) => i + 1);
  expect(latencyOf(values)).toEqual({ count: 200, meanMs: 100.5, p50Ms: 100, p99Ms: 198, maxMs: 200 });
  expect(latencyOf([])).toEqual({ count: 0, meanMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
});
