/** The source tree as text, with what each file imports. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export const root = join(import.meta.dirname, "../..");
export const sourceFolder = "packages/platform/src";

export interface Import {
  readonly specifier: string;
  /** Path below the source folder; undefined for a package. */
  readonly target?: string;
  /** Erased when compiled: says nothing about what runs. */
  readonly typeOnly: boolean;
  /** `import("…")`: runs when it is reached, not when the file does. */
  readonly lazy: boolean;
}

export interface SourceFile {
  /** Below the source folder: `spec/load.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

/** Comments taken out; strings stay. */
export const withoutComments = (text: string): string =>
  text.replaceAll(
    /("(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_, string) => string ?? "",
  );

const statement =
  /^\s*(import|export)\s+(type\s+)?(?:([^"';]*?)\s+from\s+)?"([^"]+)";?|import\("([^"]+)"\)/gms;

/** `import { type A, type B } from` brings nothing in either. */
const allTypes = (names: string): boolean => {
  const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  const each = inner
    ?.split(",")
    .map((n) => n.trim())
    .filter((n) => n !== "");
  return each !== undefined && each.length > 0 && each.every((n) => n.startsWith("type "));
};

export function importsOf(path: string, text: string): readonly Import[] {
  return [...withoutComments(text).matchAll(statement)]
    .filter(([, keyword, , names]) => keyword !== "export" || names !== undefined)
    .map(([, , type, names = "", direct, lazy]) => {
      const specifier = direct ?? lazy ?? "";
      const typeOnly = type !== undefined || allTypes(names);
      const isLazy = lazy !== undefined;
      return specifier.startsWith(".")
        ? { specifier, target: normalize(join(dirname(path), specifier)), typeOnly, lazy: isLazy }
        : { specifier, typeOnly, lazy: isLazy };
    });
}

export function sourceFiles(folder = sourceFolder): readonly SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, folder, path), "utf8");
      return { path, text, imports: importsOf(path, text) };
    });
}
