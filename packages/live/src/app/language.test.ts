import { expect, test } from "vitest";
import { languageOf } from "./language.ts";

test.each([
  ["zh", "en", "zh"],
  ["en", "zh-CN,zh;q=0.9", "en"],
  ["fr", "zh-CN,zh;q=0.9,en;q=0.8", "zh"],
  [undefined, "zh-TW", "zh"],
  [undefined, "fr, en;q=0.5, zh;q=0.7", "zh"],
  [undefined, "en;q=0, zh;q=0.1", "zh"],
  [undefined, "EN-us", "en"],
  [undefined, "en,zh", "en"],
  [undefined, "de, *;q=0.5", "en"],
  [undefined, "", "en"],
  [undefined, undefined, "en"],
] as const)("lang %s, Accept-Language %s: %s", (asked, accept, wanted) => {
  expect(languageOf(asked, accept)).toBe(wanted);
});
