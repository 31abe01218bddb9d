import { expect, test } from "vitest";
import { type Figure, isMet, percentile, shown, shownBound } from "./figure.ts";

const figure = (value: number, more: Partial<Figure> = {}): Figure => ({
  ...{ id: "x", title: { en: "x", zh: "x" }, value, bound: 10, unit: "s" },
  ...more,
});

test("a bound is met from its own side, and never by what was not measured", () => {
  expect([9, 10, 10.1, Number.NaN].map((value) => isMet(figure(value)))).toEqual([true, true, false, false]);
  const most = [9, 10, 11, Number.NaN].map((value) => isMet(figure(value, { atLeast: true })));
  expect(most).toEqual([false, true, true, false]);
});

test("values as people read them", () => {
  expect([9.876, 12.4, Number.NaN].map((value) => shown(figure(0), value))).toEqual(["9.88 s", "12 s", "-"]);
  expect(shown(figure(0, { unit: "" }), 0)).toBe("0");
  expect(shownBound(figure(0, { unit: "%", atLeast: true, bound: 85 }))).toBe("≥ 85 %");
});

test("percentiles are values that were measured", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([0.5, 0.99, 1].map((part) => percentile(hundred, part))).toEqual([50, 99, 100]);
  expect([percentile([7], 0.99), percentile([], 0.5)]).toEqual([7, Number.NaN]);
});
