/** docs/design/0001-contracts.md, held to the source: who may import whom, what does no I/O, who names a service. */
import { expect, test } from "vitest";
import { services } from "../../packages/platform/src/services/registry.ts";
import { importsOf, type SourceFile, sourceFiles, withoutComments } from "./source.ts";

const all = sourceFiles();
const isTest = (path: string): boolean => /(\.test\.ts$)|(^|\/)(testing|test-store)(\/|\.)/.test(path);
const code = all.filter((f) => !isTest(f.path));
const byPath = new Map(all.map((f) => [f.path, f]));

/** Folders from the bottom up; a file at the top of the tree is a `base`. Those of one level may know each other. */
const levels = [
  ["base"],
  ["spec"],
  ["rules"],
  ["plan"],
  ["services"],
  ["secrets", "targets", "engine", "agent", "verify", "doctor", "test-runner", "bench"],
  ["cli"],
] as const;
const folderOf = (path: string): string => (path.includes("/") ? (path.split("/")[0] ?? "") : "base");
const levelOf = (path: string): number => levels.findIndex((l) => l.some((name) => name === folderOf(path)));

/** Lists that gather from everywhere by their purpose, and which nothing but tests and lists reads. */
const gatherers = ["errors-all.ts"];

test("imports point one way", () => {
  expect(code.filter((f) => levelOf(f.path) === -1).map((f) => f.path)).toEqual([]);
  const wrong = code
    .filter((f) => !gatherers.includes(f.path))
    .flatMap((f) =>
      f.imports
        .filter((i) => i.target !== undefined && levelOf(i.target) > levelOf(f.path))
        .map((i) => `${f.path} → ${i.target}`),
    );
  expect(wrong).toEqual([]);
});

test("nothing outside of a service's folder imports from inside it but the registry", () => {
  const serviceOf = (path: string): string | undefined => /^services\/([^/]+)\//.exec(path)?.[1];
  const wrong = code
    .filter((f) => f.path !== "services/registry.ts" && !gatherers.includes(f.path))
    .flatMap((f) =>
      f.imports
        .filter((i) => i.target !== undefined && serviceOf(i.target) !== undefined)
        .filter((i) => serviceOf(i.target ?? "") !== serviceOf(f.path))
        .map((i) => `${f.path} → ${i.target}`),
    );
  expect(wrong).toEqual([]);
});

/** Modules by which a program touches the world; hashing and paths do not. */
const touchesWorld =
  /^(node:(?!crypto$|path$|url$|util$|assert|buffer|events)|mysql2|@redis\/|undici$|execa$|fastify$|prom-client$|picocolors$)/;
const pureFiles =
  /^(plan\/|rules\/|spec\/|services\/[^/]+\/(spec|rules|plan|config|decide|rollout|roles|summary|sizing|names|version|users)[^/]*\.ts$)/;
/** What an expression can do without importing anything. */
const impure =
  /\b(Date\.now\(|new Date\(\)|Math\.random\(|process\.(env|exit|cwd)|fetch\(|setTimeout\(|console\.)/;

/** Everything that runs when a file does, or, with `lazy`, that it may reach later: its imports and theirs. */
function closure(file: SourceFile, lazy: boolean, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file.path)) return seen;
  seen.add(file.path);
  for (const each of file.imports) {
    if (each.typeOnly || each.target === undefined || (each.lazy && !lazy)) continue;
    const next = byPath.get(each.target);
    if (next !== undefined) closure(next, lazy, seen);
  }
  return seen;
}

test("'mall --help' loads no verb and nothing heavy", () => {
  const main = byPath.get("cli/main.ts");
  if (main === undefined) throw new Error("cli/main.ts is not there");
  const loaded = [...closure(main, false)];
  expect(loaded.filter((path) => path.startsWith("cli/commands/"))).toEqual([]);
  const packages = loaded.flatMap((path) =>
    (byPath.get(path)?.imports ?? [])
      .filter((i) => !i.typeOnly && !i.lazy && i.target === undefined && !i.specifier.startsWith("node:"))
      .map((i) => i.specifier),
  );
  expect([...new Set(packages)].sort()).toEqual(["commander", "picocolors"]);
});

test("spec, rules, plan, decide and rollout do no I/O, and nothing that they run does", () => {
  const pure = code.filter((f) => pureFiles.test(f.path));
  expect(pure.length).toBeGreaterThan(20);
  const wrong = pure.flatMap((f) =>
    [...closure(f, true)].flatMap((path) => {
      const reached = byPath.get(path);
      const through = path === f.path ? f.path : `${f.path} → … → ${path}`;
      return [
        ...(reached?.imports ?? [])
          .filter((i) => !i.typeOnly && touchesWorld.test(i.specifier))
          .map((i) => `${through} → ${i.specifier}`),
        ...(impure.exec(withoutComments(reached?.text ?? "")) ?? [])
          .slice(0, 1)
          .map((m) => `${through}: ${m}`),
      ];
    }),
  );
  expect(wrong).toEqual([]);
});

/**
 * Names that only their service's folder may say. The agent and the endpoints are the design's own words for what
 * every mall has, and are said everywhere.
 */
const ownWords = ["agent", "endpoints"];
/** Also a setting that applies while a server runs, an engine that survives its restart, a terminal that is redrawn. */
const commonWords = ["live"];
const names = services.map((s) => s.name).filter((n) => ![...ownWords, ...commonWords].includes(n));
/** Shells for people that open one service's usual client, and the index of commands, which names them. */
const shells = [
  ...["sql", "redis", "kafka", "es", "s3"].map((verb) => `cli/commands/${verb}.ts`),
  "cli/verbs.ts",
];

/** Texts for people and the addresses of manuals may name a service; what the program decides by may not. */
const withoutProse = (text: string): string =>
  withoutComments(text).replaceAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, (string) =>
    /[\s\u4E00-\u9FFF]|:\/\//.test(string) ? '""' : string,
  );

test("no service is named outside of its own folder", () => {
  expect(names.length).toBeGreaterThan(0);
  const named = new RegExp(
    `(?<![A-Za-z])(${names.join("|")})(?![a-z])|(?<=[a-z])(${names.map(capital).join("|")})(?![a-z])`,
  );
  const wrong = code
    .filter((f) => !f.path.startsWith("services/") && !gatherers.includes(f.path) && !shells.includes(f.path))
    .flatMap((f) =>
      withoutProse(f.text)
        .split("\n")
        .flatMap((line, i) => (named.test(line) ? [`${f.path}:${i + 1}: ${line.trim()}`] : [])),
    );
  expect(wrong).toEqual([]);
});

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

test("what these tests look for is found where it is", () => {
  expect(importsOf("a/b.ts", 'import { x } from "../c.ts";\nimport type { Y } from "node:fs";')).toEqual([
    { specifier: "../c.ts", target: "c.ts", typeOnly: false, lazy: false },
    { specifier: "node:fs", typeOnly: true, lazy: false },
  ]);
  expect(importsOf("b.ts", 'import {\n  type A,\n  b,\n} from "./x.ts";')[0]?.typeOnly).toBe(false);
  expect(importsOf("b.ts", 'import { type A, type B } from "./x.ts";')[0]?.typeOnly).toBe(true);
  expect(importsOf("b.ts", 'export { a } from "./x.ts";\nexport const s = "./y.ts";')).toHaveLength(1);
  expect(importsOf("b.ts", 'const l = () => import("./lazy.ts");')[0]?.target).toBe("lazy.ts");
  expect(importsOf("b.ts", '// import "node:fs";\n/* import "node:net"; */')).toEqual([]);
  expect(withoutProse('const a = "mysql"; const b = "the mysql server"; // mysql')).toBe(
    'const a = "mysql"; const b = ""; ',
  );
});

test("a file does one thing: none is longer than 320 lines", () => {
  const long = code.filter((f) => f.text.split("\n").length > 320).map((f) => f.path);
  expect(long).toEqual([]);
});
