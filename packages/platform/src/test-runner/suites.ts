/** Which suites there are, and how each is run. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { nearest } from "../nearest.ts";
import { testError } from "./errors.ts";

export interface Suite {
  readonly name: string;
  /** `check`: one program whose success is one test. `vitest`: its JSON report counts the tests. */
  readonly kind: "check" | "vitest";
  /** Program below node_modules/.bin, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Why it runs only when it is named; absent: it belongs to CI. */
  readonly local?: string;
}

const fixed: readonly Suite[] = [
  { name: "lint", kind: "check", command: ["biome", "check", "."] },
  { name: "types", kind: "check", command: ["tsc", "--noEmit", "-p", "tsconfig.json"] },
  // What runs in a browser knows other names than what runs in Node.js.
  { name: "types-page", kind: "check", command: ["tsc", "--noEmit", "-p", "examples/storefront/client"] },
  { name: "types-player", kind: "check", command: ["tsc", "--noEmit", "-p", "packages/live/page"] },
  { name: "unit", kind: "vitest", command: ["vitest", "run"] },
];

const folder = "test/e2e";
export const listFile = `${folder}/suites.txt`;

/** @returns names of e2e suites in their order; with a reason those that stay out of CI. */
export function parseList(content: string): readonly { readonly name: string; readonly local?: string }[] {
  return content
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const local = /^local\s+([^:\s]+):\s*(\S.*)$/.exec(line);
      return local?.[1] !== undefined && local[2] !== undefined
        ? { name: local[1], local: local[2] }
        : { name: line };
    });
}

async function filesBelow(root: string): Promise<readonly string[]> {
  const all = await readdir(join(root, folder), { recursive: true }).catch(() => []);
  return all
    .filter((path) => path.endsWith(".test.ts"))
    .map((path) => path.slice(0, -".test.ts".length))
    .sort();
}

/**
 * @param root folder of the clone
 * @throws TEST_LIST where the list and the files differ: a suite that nobody runs would look like one that passes
 */
export async function allSuites(root: string): Promise<readonly Suite[]> {
  const [files, content] = await Promise.all([
    filesBelow(root),
    readFile(join(root, listFile), "utf8").catch(() => ""),
  ]);
  const listed = parseList(content);
  const missing = listed.filter((s) => !files.includes(s.name)).map((s) => s.name);
  const unlisted = files.filter((f) => !listed.some((s) => s.name === f));
  const repeated = listed
    .filter((s, i) => listed.findIndex((o) => o.name === s.name) !== i)
    .map((s) => s.name);
  if (missing.length + unlisted.length + repeated.length > 0)
    throw testError.TEST_LIST({ file: listFile, missing, unlisted, repeated });
  return [
    ...fixed,
    ...listed.map(
      ({ name, local }): Suite => ({
        name,
        kind: "vitest",
        command: ["vitest", "run", "--config", `${folder}/vitest.config.mjs`, `${folder}/${name}.test.ts`],
        ...(local === undefined ? {} : { local }),
      }),
    ),
  ];
}

/**
 * Those that were asked for, in the order of all; `e2e` names every end-to-end suite. Without a name those of CI.
 * @throws TEST_SUITE for a name that there is none of
 */
export function chosenSuites(all: readonly Suite[], names: readonly string[]): readonly Suite[] {
  if (names.length === 0) return all.filter((s) => s.local === undefined);
  const e2e = all.filter((s) => !fixed.includes(s)).map((s) => s.name);
  const known = [...all.map((s) => s.name), "e2e"];
  for (const name of names)
    if (!known.includes(name)) throw testError.TEST_SUITE({ name, known, suggestion: nearest(name, known) });
  const wanted = new Set(names.flatMap((name) => (name === "e2e" ? e2e : [name])));
  return all.filter((s) => wanted.has(s.name));
}
