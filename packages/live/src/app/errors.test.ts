/** docs/live-application.md and the catalogue say the same, and every code is used. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Code, catalogue, LiveError, problemOf } from "./errors.ts";

const codes = Object.keys(catalogue) as readonly Code[];
const page = readFileSync(join(import.meta.dirname, "../../../../docs/live-application.md"), "utf8");
const rows = page
  .split("\n")
  .filter((line) => /^\| `[A-Z_]+` +\|/.test(line))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test("the page lists every code with its status and texts, and no other", () => {
  expect(rows).toEqual(
    codes.map((code) => {
      const { status, text } = catalogue[code];
      return [`\`${code}\``, `${status}`, text.en, text.zh];
    }),
  );
});

test("every text is a sentence in its language, set as it is set there", () => {
  for (const code of codes) {
    const { en, zh } = catalogue[code].text;
    expect(en, code).toMatch(/^[A-Z][^\u4E00-\u9FFF]*\.$/);
    expect(zh, code).toMatch(/[\u4E00-\u9FFF].*。$/);
    expect(zh, code).not.toMatch(/[\u4E00-\u9FFF][,;:?!(]|[,;:?!)][\u4E00-\u9FFF]/);
  }
});

test("every code is answered somewhere", () => {
  const folder = join(import.meta.dirname, "..");
  const source = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "app/errors.ts")
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  expect(codes.filter((code) => !source.includes(`"${code}"`))).toEqual([]);
});

test("a problem speaks the language that was asked for, and tells its detail", () => {
  expect(problemOf("NOT_LIVE", "zh", "x")).toMatchObject({
    code: "NOT_LIVE",
    reason: catalogue.NOT_LIVE.text.zh,
    detail: "x",
  });
  expect(new LiveError("INPUT_WRONG", "name: too long").message).toBe("INPUT_WRONG: name: too long");
});
