/** What `./mall` does to a clone before anything of it is built: tools/launch.mjs in clones made of a few files. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "../../packages/platform/src/engine/run.ts";

const folder = mkdtempSync(join(tmpdir(), "mall-launcher-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dependencies = { part: "file:part" };
const lockOf = (version: string) =>
  JSON.stringify({
    name: "clone",
    version,
    lockfileVersion: 3,
    packages: {
      "": { name: "clone", version, dependencies },
      "node_modules/part": { resolved: "part", link: true },
      part: { version: "1.0.0" },
    },
  });

/** A clone that depends on a folder of its own; its build makes a command that says `ran`. */
function clone(name: string, version: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, "tools"), { recursive: true });
  copyFileSync(join(import.meta.dirname, "../../tools/launch.mjs"), join(path, "tools/launch.mjs"));
  mkdirSync(join(path, "part"));
  writeFileSync(join(path, "part/package.json"), JSON.stringify({ name: "part", version: "1.0.0" }));
  writeFileSync(join(path, "package.json"), JSON.stringify({ name: "clone", version, dependencies }));
  writeFileSync(join(path, "package-lock.json"), lockOf(version));
  writeFileSync(
    join(path, "tools/build.mjs"),
    'import { mkdirSync, writeFileSync } from "node:fs"; mkdirSync("dist/cli", { recursive: true }); writeFileSync("dist/cli/cli.mjs", "console.log(`ran`)");',
  );
  return path;
}

/** A folder of dependencies as an install from that version's lock file leaves it. */
function installed(path: string, version: string): void {
  mkdirSync(join(path, "node_modules/kept"), { recursive: true });
  writeFileSync(join(path, "node_modules/.mall-installed"), lockOf(version));
}

const launch = (path: string) => run(process.execPath, [join(path, "tools/launch.mjs")], { cwd: path });

test("dependencies are never installed through a link into another clone's", async () => {
  const [first, second] = [clone("first", "1.0.0"), clone("second", "2.0.0")];
  installed(first, "1.0.0");
  symlinkSync(join(first, "node_modules"), join(second, "node_modules"));
  const refused = await launch(second);
  expect(refused).toMatchObject({ exitCode: 5, stdout: "" });
  expect(refused.stderr).toContain(`NODE_MODULES_LINKED: ${join(second, "node_modules")} is a link to`);
  expect(existsSync(join(first, "node_modules/kept"))).toBe(true);

  // What it says to do is enough.
  rmSync(join(second, "node_modules"));
  expect(await launch(second)).toMatchObject({ exitCode: 0, stdout: "ran" });
  expect(existsSync(join(first, "node_modules/kept"))).toBe(true);
});

test("a link to dependencies of the same lock file is used as it is", async () => {
  const [third, fourth] = [clone("third", "1.0.0"), clone("fourth", "1.0.0")];
  installed(third, "1.0.0");
  symlinkSync(join(third, "node_modules"), join(fourth, "node_modules"));
  expect(await launch(fourth)).toMatchObject({ exitCode: 0, stdout: "ran" });
  expect(existsSync(join(third, "node_modules/kept"))).toBe(true);
});
