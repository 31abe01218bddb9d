import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { completionScript, shells } from "./completion.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "it's a mall-"));
  // Answers with the words it was asked about, one a line, and with what a path asks for.
  writeFileSync(
    join(folder, "mall"),
    `#!/bin/sh\nshift\nfor word; do\n  case $word in -f*) echo ":files";; *) printf '%s\\tmeans %s\\n' "$word" "$word";; esac\ndone\n`,
    { mode: 0o755 },
  );
  writeFileSync(join(folder, "some file.yaml"), "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What bash would offer for these words with the cursor on the last. */
function offered(words: readonly string[]): readonly string[] {
  const script = `${completionScript("bash", join(folder, "mall"))}
    COMP_WORDS=(mall "$@"); COMP_CWORD=$#
    _mall_complete
    [ \${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8", cwd: folder });
  return out.split("\n").filter((l) => l !== "");
}

test("bash: values without their descriptions, words with blanks kept whole", () => {
  expect(offered(["up", "a b", ""])).toEqual(["up", "a b"]);
});

test("bash: nothing that stands under the cursor is run", () => {
  const trap = join(folder, "ran");
  expect(offered(["up", `$(touch '${trap}')`, "`touch ran`"])).toHaveLength(3);
  expect(() => execFileSync("test", ["-e", trap])).toThrow();
  expect(() => execFileSync("test", ["-e", join(folder, "ran")])).toThrow();
});

test("bash: paths where a file is wanted", () => {
  expect(offered(["-f", "some"])).toContain("some file.yaml");
});

test("bash: may be sourced twice", () => {
  const script = completionScript("bash", "/x/mall");
  expect(
    execFileSync("bash", ["-euc", `${script}\n${script}\ncomplete -p mall`], { encoding: "utf8" }),
  ).toContain("_mall_complete");
});

test.each(shells)("%s: asks the launcher of this clone, quoted", (shell) => {
  const script = completionScript(shell, "/it's/mall");
  expect(script).toContain(shell === "powershell" ? "'/it''s/mall'" : `'/it'\\''s/mall'`);
  expect(script).toContain("__complete");
});
