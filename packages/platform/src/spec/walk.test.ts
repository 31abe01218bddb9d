import { expect, test } from "vitest";
import { z } from "zod";
import { text } from "../text.ts";
import { described } from "./described.ts";
import { bytes, milliseconds } from "./units.ts";
import { descriptionOf, kindOf } from "./walk.ts";

test("a description is found in both languages through whatever wraps it; the outermost holds", () => {
  const inner = described(bytes(), "Memory", "内存");
  expect(descriptionOf(inner)).toEqual(text("Memory", "内存"));
  expect(descriptionOf(inner.optional().readonly())).toEqual(text("Memory", "内存"));
  expect(descriptionOf(inner.prefault("1Gi"))).toEqual(text("Memory", "内存"));
  expect(descriptionOf(described(inner.prefault("1Gi"), "Heap", "堆"))).toEqual(text("Heap", "堆"));
  expect(descriptionOf(inner)).toEqual(text("Memory", "内存"));
  expect(descriptionOf(z.number().describe("Ports"))).toEqual(text("Ports", "Ports"));
  expect(descriptionOf(z.number())).toEqual(text("", ""));
});

test("an editor's schema has the English alone", () => {
  const schema = z.toJSONSchema(z.strictObject({ heap: described(z.number(), "Heap", "堆") }));
  expect(schema.properties).toEqual({ heap: { type: "number", description: "Heap" } });
});

test.each<readonly [z.ZodType, string, string]>([
  [z.string(), "text", "文本"],
  [bytes(), "size", "大小"],
  [milliseconds().optional(), "duration", "时长"],
  [z.boolean().default(true), "true or false", "布尔值"],
  [z.literal(true), "only true", "只能为 true"],
  [z.number(), "number", "数字"],
  [z.number().min(0.5), "number, at least 0.5", "数字，不小于 0.5"],
  [z.number().int().min(1).max(9), "whole number, 1 to 9", "整数，1 到 9"],
  [z.enum(["block", "async"]), "one of block, async", "以下之一：block、async"],
  [z.record(z.string(), z.string()), "map of names to values", "名称到值的映射"],
  [
    z.array(z.array(z.enum(["a", "b"]))),
    "list of list of one of a, b",
    "列表，每项为列表，每项为以下之一：a、b",
  ],
  [z.union([z.string(), z.url(), z.number()]), "text or number", "文本或数字"],
])("what may stand there, in both languages: %#", (schema, en, zh) => {
  expect(kindOf(schema)).toEqual(text(en, zh));
});
