/** The commands that the READMEs show, so that tests run exactly those. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const readme = (file: "README.md" | "README.zh-CN.md"): string =>
  readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), "utf8");

/** Every `./mall …` line of a shell block, without its comment. */
export const commandsOf = (text: string): readonly string[] =>
  [...text.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) =>
    block
      .split("\n")
      .filter((line) => line.startsWith("./mall "))
      .map((line) => line.replace(/\s+#.*$/, "").trim()),
  );

/** A command's words after `./mall`, as a shell would split them; the READMEs use double quotes alone. */
export const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "").slice(1);
