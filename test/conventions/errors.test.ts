/** Every error: in one catalogue, in the list of catalogues, on docs/errors.md, and thrown somewhere. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalogues, sourceFolders } from "./catalogues.ts";
import { errorsPage, launcherCodes } from "./errors-page.ts";

const root = join(import.meta.dirname, "../..");
const files = sourceFolders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((f) => f.endsWith(".ts") && !f.endsWith(".test.ts"))
    .map((path) => ({ path, text: readFileSync(join(root, folder, path), "utf8") })),
);

test("docs/errors.md says what the code says ('npx vitest run test/conventions -u' writes it)", async () => {
  await expect(errorsPage()).toMatchFileSnapshot(join(root, "docs/errors.md"));
});

test("every catalogue is in errors-all.ts", () => {
  const declared = files
    .flatMap((f) => [...f.text.matchAll(/defineErrors\("([a-z-]+)"/g)].map((m) => m[1]))
    .sort();
  expect(catalogues.map((c) => c.scope).sort()).toEqual(declared);
});

test("a code is in one catalogue only, upper case, and its scope is lower case", () => {
  const codes = catalogues.flatMap((c) => Object.keys(c.catalogue));
  expect(codes).toHaveLength(new Set(codes).size);
  for (const code of codes) expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
  for (const { scope } of catalogues) expect(scope).toMatch(/^[a-z][a-z-]*$/);
});

test("every code is thrown somewhere", () => {
  const all = files.map((f) => f.text).join("\n");
  const unused = catalogues
    .flatMap((c) => Object.keys(c.catalogue))
    .filter((code) => !new RegExp(`\\.${code}\\b`).test(all));
  expect(unused).toEqual([]);
});

test("every text says what and what to do, in both languages, as sentences of one form", () => {
  for (const { catalogue } of catalogues)
    for (const [code, { exit }] of Object.entries(catalogue)) expect(exit, code).not.toBe("ok");
  const page = errorsPage();
  for (const line of page.split("\n").filter((l) => /^\| `[A-Z]/.test(l))) {
    const [, code, , en, zh, fix] = line.split(/(?<!\\)\|/).map((c) => c.trim());
    expect(en, code).not.toBe("");
    expect(zh, code).toMatch(/[\u4E00-\u9FFF]/);
    expect(fix, code).not.toBe("");
    expect(`${en}${zh}${fix}`, code).not.toMatch(/undefined|NaN|\[object/);
  }
});

test("the launcher's codes are on the page too", () => {
  const launcher = ["mall", "tools/launch.mjs"].map((f) => readFileSync(join(root, f), "utf8")).join("\n");
  const codes = [...launcher.matchAll(/[`\] ]([A-Z]+(?:_[A-Z]+)+): /g)].map((m) => m[1] ?? "");
  expect([...new Set(codes)].sort()).toEqual(Object.keys(launcherCodes).sort());
});
