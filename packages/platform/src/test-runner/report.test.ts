import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkCounts, totalLine, totalOf, vitestCounts } from "./report.ts";
import { allSuites, chosenSuites, parseList } from "./suites.ts";

const report = (assertions: readonly [string, string, string?][], file = {}) => ({
  numPassedTests: assertions.filter(([, s]) => s === "passed").length,
  numPendingTests: assertions.filter(([, s]) => s === "skipped").length,
  testResults: [
    {
      name: "/a.test.ts",
      status: assertions.some(([, s]) => s === "failed") ? "failed" : "passed",
      message: "",
      assertionResults: assertions.map(([fullName, status, message]) => ({
        fullName,
        status,
        failureMessages: message === undefined ? [] : [message],
      })),
      ...file,
    },
  ],
});

test("a check is one test", () => {
  expect(checkCounts("lint", 0, "")).toEqual({ passed: 1, failed: 0, skipped: 0, failures: [] });
  expect(checkCounts("lint", 1, "a\nb\n")).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
    failures: [{ test: "lint", message: "a\nb" }],
  });
});

test("tests are counted, failures keep their names and words", () => {
  const counted = vitestCounts(
    "unit",
    1,
    report([
      ["a", "passed"],
      ["b", "failed", "\u001B[31mno\u001B[39m\n at x"],
      ["c", "skipped"],
    ]),
    "",
  );
  expect(counted).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
    failures: [{ test: "b", message: "no\n at x" }],
  });
});

test.each<[string, number, unknown, string]>([
  ["no report", 1, undefined, "it crashed"],
  [
    "a file that does not load",
    1,
    report([], { status: "failed", message: "cannot find module" }),
    "cannot find module",
  ],
  ["an error outside of any test", 1, report([["a", "passed"]]), "it crashed"],
  ["no test at all", 0, report([]), "no test ran"],
])("%s is a failure", (_name, code, given, message) => {
  const counted = vitestCounts("unit", code, given, "it crashed");
  expect(counted.failed).toBe(1);
  expect(counted.failures[0]?.message).toBe(message);
});

test("the last line", () => {
  const result = { name: "x", seconds: 1, failures: [] };
  const total = (passed: number, failed: number, skipped: number) =>
    totalLine(
      totalOf([
        { ...result, passed, failed, skipped },
        { ...result, passed: 1, failed: 0, skipped: 0 },
      ]),
    );
  expect(total(2, 1, 0)).toBe("3 passed, 1 failed");
  expect(total(2, 0, 4)).toBe("3 passed, 0 failed, 4 skipped");
});

test("the list: names in order, and those that stay out of CI with their reason", () => {
  expect(parseList("# words\n\nb\n a \nlocal c/d: takes an hour\n")).toEqual([
    { name: "b" },
    { name: "a" },
    { name: "c/d", local: "takes an hour" },
  ]);
});

let folder = "";
afterEach(() => rm(folder, { recursive: true, force: true }));

async function clone(list: string, files: readonly string[]): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), "mall-suites-"));
  await mkdir(join(folder, "test/e2e/sub"), { recursive: true });
  await writeFile(join(folder, "test/e2e/suites.txt"), list);
  for (const file of files) await writeFile(join(folder, `test/e2e/${file}.test.ts`), "");
  return folder;
}

test("every file must stand in the list, and everything listed must be there", async () => {
  await expect(allSuites(await clone("a\n", ["a", "sub/b"]))).rejects.toThrow(/not listed: sub\/b/);
  await expect(allSuites(await clone("a\nc\n", ["a"]))).rejects.toThrow(/no file: c/);
  await expect(allSuites(await clone("a\na\n", ["a"]))).rejects.toThrow(/listed twice: a/);
});

test("without names those of CI; by name any, in the usual order", async () => {
  const all = await allSuites(await clone("b\nlocal a: long\n", ["a", "b"]));
  const names = (asked: readonly string[]) => chosenSuites(all, asked).map((s) => s.name);
  expect(names([])).toEqual(["lint", "types", "types-page", "types-player", "unit", "b"]);
  expect(names(["a", "lint"])).toEqual(["lint", "a"]);
  expect(names(["e2e"])).toEqual(["b", "a"]);
  expect(() => names(["untt"])).toThrow(/no suite 'untt'/);
});
