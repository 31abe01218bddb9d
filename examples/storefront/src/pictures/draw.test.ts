import { expect, test } from "vitest";
import { categories } from "../data/vocabulary.ts";
import { drawPicture } from "./draw.ts";
import { shapes } from "./shapes.ts";

test("every category has a drawing, and no drawing is left over", () => {
  expect(Object.keys(shapes).sort()).toEqual(categories.map((category) => category.name).sort());
});

test("the same product has the same picture, another product another", () => {
  const [first, second] = categories;
  if (first === undefined || second === undefined) throw new Error("no category");
  const one = { id: 7, brand: "云岚", category: first };
  expect(drawPicture(one)).toBe(drawPicture({ ...one }));
  const others = [one, { ...one, id: 8 }, { ...one, brand: "知语" }, { ...one, category: second }];
  expect(new Set(others.map(drawPicture)).size).toBe(4);
});

test("pictures are well-formed, small, without script or anything from elsewhere", () => {
  for (const category of categories) {
    const svg = drawPicture({ id: category.id * 31, brand: "麦初", category });
    expect(svg.length).toBeLessThan(4_000);
    expect(svg).not.toMatch(/<script|href=|on\w+=|url\((?!#g)/);
    const open: string[] = [];
    for (const [, close, name = "", alone] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^>]*?(\/?)>/g)) {
      if (close === "/") expect(open.pop(), category.name).toBe(name);
      else if (alone !== "/") open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg).not.toMatch(/(?:fill|stroke)="[abcw]"/);
  }
});
