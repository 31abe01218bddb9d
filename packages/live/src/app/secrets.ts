/**
 * The files of `/secrets/<instance>/current`. They are rotated while this runs (a folder swapped by a link), so each is
 * read again after a few seconds; a value is never logged, and its file named when it cannot be read.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "./errors.ts";

export interface Secrets {
  /** @throws when the file is absent, unreadable or empty */
  read(name: string): string;
  /** undefined when there is no such file. */
  optional(name: string): string | undefined;
}

/** How old a read value may be: a rotated key is in use this soon. */
const freshMs = 3_000;

/** @param now ms, for tests */
export function secretsIn(folder: string, now: () => number = Date.now): Secrets {
  const kept = new Map<string, { readonly value: string | undefined; readonly at: number }>();
  const optional = (name: string): string | undefined => {
    const known = kept.get(name);
    if (known !== undefined && now() - known.at < freshMs) return known.value;
    const value = readOrUndefined(join(folder, name));
    kept.set(name, { value, at: now() });
    return value;
  };
  return {
    optional,
    read: (name) => {
      const value = optional(name);
      if (value === undefined) throw new Error(`${join(folder, name)} is not there`);
      return value;
    },
  };
}

function readOrUndefined(path: string): string | undefined {
  let value: string;
  try {
    value = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new Error(`${path}: ${messageOf(error)}`);
  }
  const trimmed = value.trim();
  if (trimmed === "") throw new Error(`${path} is empty`);
  return trimmed;
}
