/** Chinese texts are set as Chinese: full-width punctuation between and after its characters. */
import { expect, test } from "vitest";
import { z } from "zod";
import { mallSchema } from "../../packages/platform/src/services/mall-schema.ts";
import { services } from "../../packages/platform/src/services/registry.ts";
import { ownDescription } from "../../packages/platform/src/spec/described.ts";
import { descriptionOf, kindOf, settingsOf } from "../../packages/platform/src/spec/walk.ts";
import { type Text, text } from "../../packages/platform/src/text.ts";
import { sourceFiles, withoutComments } from "./source.ts";

const strings = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;
/** A half-width mark that touches a Chinese character or a closing Chinese quote; a colon of a setting's path does not. */
const halfWidth = /[\u4E00-\u9FFF\u201D\uFF09][,;:?!(]|[,;:?!)][\u4E00-\u9FFF\u201C]/;
/** Any half-width mark between two Chinese characters, also a slash or a hyphen. */
const betweenChinese = /[\u4E00-\u9FFF][!-/:-@[-`{-~][\u4E00-\u9FFF]/;

const wrongMarks = (text: string): readonly string[] =>
  [...withoutComments(text).matchAll(strings)].map(([string]) => string).filter((s) => halfWidth.test(s));

/** What is wrong with a Chinese text, or nothing. */
function fault({ en, zh }: Text): string | undefined {
  if (en === "" || zh === "") return "nothing is said";
  if (!/[\u4E00-\u9FFF]/.test(zh)) return `no Chinese: ${zh}`;
  return halfWidth.test(zh) || betweenChinese.test(zh) ? `half-width punctuation: ${zh}` : undefined;
}

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

test("every setting that 'spec explain' lists has its meaning and its kind in Chinese", () => {
  const wrong = settingsOf(mallSchema().schema).flatMap(({ path, schema }) =>
    [descriptionOf(schema), kindOf(schema)]
      .map(fault)
      .filter((found) => found !== undefined)
      .map((found) => `${path.join(".")}: ${found}`),
  );
  expect(wrong).toEqual([]);
});

test("so has whatever else mall.yaml's schema describes: groups, and what lies in lists and maps", () => {
  const all: Text[] = [];
  z.toJSONSchema(mallSchema().schema, {
    io: "input",
    override: ({ zodSchema }) => {
      const own = ownDescription(zodSchema);
      if (own !== undefined) all.push(own);
    },
  });
  // A service's title may be a product's name.
  const isTitle = (said: Text): boolean =>
    services.some(({ title }) => title.en === said.en && title.zh === said.zh);
  expect(all.filter(isTitle).length).toBeGreaterThanOrEqual(services.length);
  expect(
    all
      .filter((said) => !isTitle(said))
      .map(fault)
      .filter((found) => found !== undefined),
  ).toEqual([]);
});

test.each<readonly [Text, string | undefined]>([
  [text("Heap", "\u5806"), undefined],
  [text("Heap", "Heap"), "no Chinese: Heap"],
  [text("Heap", ""), "nothing is said"],
  [text("", "\u5806"), "nothing is said"],
  [text("Heap, memory", "\u5806\u002C\u5185\u5B58"), "half-width punctuation: \u5806\u002C\u5185\u5B58"],
  [text("Heap/memory", "\u5806\u002F\u5185\u5B58"), "half-width punctuation: \u5806\u002F\u5185\u5B58"],
])("such a fault is found: %#", (said, found) => {
  expect(fault(said)).toBe(found);
});
