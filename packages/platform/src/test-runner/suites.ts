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
  /** Suites of one line of the list run beside each other; absent: it runs by itself. */
  readonly line?: number;
}

const fixed: readonly Suite[] = [
  { name: "lint", kind: "check", command: ["biome", "check", "."] },
  { name: "types", kind: "check", command: ["tsc", "--noEmit", "-p", "tsconfig.json"] },
  // What runs in a browser knows other names than what runs in Node.js.
  { name: "types-page", kind: "check", command: ["tsc", "--noEmit", "-p", "examples/storefront/client"] },
  { name: "unit", kind: "vitest", command: ["vitest", "run"] },
];

const folder = "test/e2e";
export const listFile = `${folder}/suites.txt`;

type Listed = Pick<Suite, "name" | "local" | "line">;

/** @returns names of e2e suites in their order; with a reason those that stay out of CI. */
export function parseList(content: string): readonly Listed[] {
  return content.split("\n").flatMap((text, line): readonly Listed[] => {
    const own = text.trim();
    if (own === "" || own.startsWith("#")) return [];
    const local = /^local\s+([^:\s]+):\s*(\S.*)$/.exec(own);
    if (local?.[1] !== undefined && local[2] !== undefined) return [{ name: local[1], local: local[2] }];
    const names = own.split(/\s+\+\s+/);
    return names.map((name) => (names.length === 1 ? { name } : { name, line }));
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
    ...listed.map((one): Suite => {
      const file = `${folder}/${one.name}.test.ts`;
      return {
        ...one,
        kind: "vitest",
        command: ["vitest", "run", "--config", `${folder}/vitest.config.mjs`, file],
      };
    }),
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

/** In their order; those of one group run beside each other. Pure. */
export function groupsOf(suites: readonly Suite[]): readonly (readonly [Suite, ...Suite[]])[] {
  const groups: [Suite, ...Suite[]][] = [];
  for (const suite of suites) {
    const last = groups.at(-1);
    if (last !== undefined && suite.line !== undefined && last[0].line === suite.line) last.push(suite);
    else groups.push([suite]);
  }
  return groups;
}
