import { expect, test } from "vitest";
import { columns, displayWidth, truncate, wrap } from "./width.ts";

test("Chinese characters take two columns, colour codes none", () => {
  expect(displayWidth("数据库 a")).toBe(8);
  expect(displayWidth("\u001B[31mred\u001B[39m")).toBe(3);
});

test("cut to the columns there are", () => {
  expect(truncate("short", 10)).toBe("short");
  expect(truncate("a long line", 6)).toBe("a lon…");
  expect(truncate("数据库连接", 6)).toBe("数据…");
  expect(displayWidth(truncate("数据库连接", 6))).toBeLessThanOrEqual(6);
});

test("wrapped at spaces, and between Chinese characters but not before their punctuation", () => {
  expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
  expect(wrap("first\nsecond", 40)).toEqual(["first", "second"]);
  expect(wrap("数据库，连接", 6)).toEqual(["数据", "库，连", "接"]);
  expect(wrap("数据库 abc，连接", 10)).toEqual(["数据库", "abc，连接"]);
  expect(wrap("数据库（abc）连接", 8)).toEqual(["数据库", "（abc）", "连接"]);
  expect(wrap("见“数据”", 4)).toEqual(["见", "“数", "据”"]);
});

test("columns line up and nothing trails", () => {
  expect(
    columns([
      ["名称", "b"],
      ["c", ""],
    ]),
  ).toEqual(["名称  b", "c"]);
});
