/** Chinese texts are set as Chinese: full-width punctuation between and after its characters. */
import { expect, test } from "vitest";
import { sourceFiles, withoutComments } from "./source.ts";

const strings = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;
/** A half-width mark that touches a Chinese character or a closing Chinese quote; a colon of a setting's path does not. */
const halfWidth = /[\u4E00-\u9FFF\u201D\uFF09][,;:?!(]|[,;:?!)][\u4E00-\u9FFF\u201C]/;

const wrongMarks = (text: string): readonly string[] =>
  [...withoutComments(text).matchAll(strings)].map(([string]) => string).filter((s) => halfWidth.test(s));

test("no half-width punctuation in Chinese", () => {
  const wrong = sourceFiles()
    .filter((f) => !f.path.endsWith(".test.ts"))
    .flatMap((f) => wrongMarks(f.text).map((s) => `${f.path}: ${s}`));
  expect(wrong).toEqual([]);
});

test("what it looks for is found", () => {
  const comma = String.fromCharCode(0x2c);
  expect(wrongMarks(`const a = "\u6570\u636E${comma}\u5E93";`)).toHaveLength(1);
  expect(wrongMarks(`const a = "\u6570\u636E\uFF0C\u5E93"; // \u6570${comma}`)).toEqual([]);
});
