import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { findVerb } from "../../packages/platform/src/cli/run.ts";
import { sections } from "../../packages/platform/src/cli/verbs.ts";
import { commandsOf, readme, wordsOf } from "../support/readme.ts";

const english = readme("README.md");
const chinese = readme("README.zh-CN.md");

test("both READMEs show the same commands", () => {
  expect(commandsOf(english).length).toBeGreaterThan(10);
  expect(commandsOf(chinese)).toEqual(commandsOf(english));
});

test.each(commandsOf(english))("%s is a command that there is", (command) => {
  expect(findVerb(sections, wordsOf(command)).kind).toBe("verb");
});

test("every link of the READMEs leads to a file", () => {
  for (const [, target = ""] of `${english}${chinese}`.matchAll(/\]\(((?!https?:)[^)#]+)\)/g))
    expect(existsSync(fileURLToPath(new URL(`../../${target}`, import.meta.url))), target).toBe(true);
});
