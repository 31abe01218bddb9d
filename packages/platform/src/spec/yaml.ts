/** A YAML document with the place of every key and value in it. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { messageOf } from "../errors.ts";

export type Path = readonly (string | number)[];

/** 1-based, with the length in characters of what is meant on that line. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export interface YamlProblem {
  readonly code: string;
  readonly message: string;
  readonly place: Place;
}

export interface Source {
  /** Path as the user gave it, for messages. */
  readonly file: string;
  readonly text: string;
  /** The document as plain data; an empty one is `null`. */
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** Of the key or the value at a path; of the nearest thing above it where the path is not in the document. */
  place(path: Path, of: "key" | "value"): Place;
  /** The path itself is written in the document. */
  has(path: Path): boolean;
}

interface Found {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
  readonly complete: boolean;
}

export function readYaml(text: string, file: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });

  const placeAt = (from: number, end: number): Place => {
    // Blanks are shown by what follows on the line; what is missing at its end, behind its last word.
    const blanks = /^[ \r\n]*/.exec(text.slice(from))?.[0] ?? "";
    const sameLine = !blanks.includes("\n") && from + blanks.length < text.length;
    const start =
      blanks === "" && from < text.length
        ? from
        : sameLine
          ? from + blanks.length
          : Math.max(0, text.slice(0, from).trimEnd().length - 1);
    const { line, col } = lines.linePos(start);
    const lineEnd = text.indexOf("\n", start);
    const stop = Math.min(end, lineEnd === -1 ? text.length : lineEnd);
    return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, stop - start) };
  };
  const placeOf = (node: Node | undefined): Place | undefined =>
    node?.range ? placeAt(node.range[0], node.range[1]) : undefined;

  const walk = (path: Path): Found => {
    let key: Node | undefined;
    let value: Node | undefined = document.contents ?? undefined;
    for (const part of path) {
      const at = isAlias(value) ? value.resolve(document) : value;
      if (isMap(at)) {
        const pair = at.items.find((p) => isScalar(p.key) && String(p.key.value) === String(part));
        if (pair === undefined) return { key, value, complete: false };
        key = pair.key as Node;
        value = (pair.value ?? undefined) as Node | undefined;
      } else if (isSeq(at)) {
        const item = at.items[Number(part)];
        if (item === undefined) return { key, value, complete: false };
        key = undefined;
        value = item as Node;
      } else return { key, value, complete: false };
    }
    return { key, value, complete: true };
  };

  const problems: YamlProblem[] = [...document.errors, ...document.warnings].map((e) => ({
    // Of two mistakes the parser says the same code: an indentation, and a bracket that is open at the end.
    code: e.code === "BAD_INDENT" && e.message.startsWith("Flow") ? "MISSING_CHAR" : e.code,
    message: e.message,
    place: placeAt(e.pos[0], e.pos[1]),
  }));
  let value: unknown = null;
  if (problems.every((p) => p.code === "DUPLICATE_KEY"))
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      // An alias without its anchor, or aliases that multiply without end: known only when they are followed.
      const at = text.indexOf("*");
      problems.push({ code: "BAD_ALIAS", message: messageOf(error), place: placeAt(at, at + 1) });
    }

  return {
    file,
    text,
    value,
    problems,
    place: (path, of) => {
      const found = walk(path);
      // What is missing is missing from something: its key is where to look.
      const node = of === "value" && found.complete ? (found.value ?? found.key) : (found.key ?? found.value);
      return placeOf(node) ?? { line: 1, column: 1, length: 1 };
    },
    has: (path) => walk(path).complete,
  };
}

/** `services.mysql.databases[0]`. */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (said, part) => (typeof part === "number" ? `${said}[${part}]` : said === "" ? part : `${said}.${part}`),
    "",
  );
