/**
 * What a shell offers at the cursor: asked by the scripts of `mall completion` as `mall __complete WORD…`, the last
 * word being the one under the cursor. One candidate a line, a tab, its description; `:files` alone asks the shell for
 * its own completion of paths. Only the verb that is meant is loaded.
 */
import type { Language } from "../errors.ts";
import { globalOptions } from "./globals.ts";
import { longName } from "./parse.ts";
import { findVerb, withGlobals } from "./run.ts";
import type { ArgumentSpec, OptionSpec, OptionSpecs, VerbSection } from "./verb.ts";

export const filesLine = ":files";
const pathValues = ["file", "dir", "mall.yaml"];

const isNamed = (word: string, key: string, spec: OptionSpec): boolean =>
  word === longName(key, spec) || (spec.short !== undefined && word === `-${spec.short}`);

const optionNamed = (word: string, options: OptionSpecs): OptionSpec | undefined =>
  Object.entries(options).find(([key, spec]) => isNamed(word, key, spec))?.[1];

/** Words that are neither options nor their values. */
function operands(words: readonly string[], options: OptionSpecs): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (!word.startsWith("-")) kept.push(word);
    else if (!word.includes("=") && (optionNamed(word, options)?.type ?? "flag") !== "flag") i += 1;
  }
  return kept;
}

async function valuesOf(spec: OptionSpec | ArgumentSpec): Promise<readonly string[]> {
  if ("choices" in spec && spec.choices !== undefined) return spec.choices;
  if ("offers" in spec && spec.offers !== undefined) return spec.offers();
  return "value" in spec && pathValues.includes(spec.value) ? [filesLine] : [];
}

/** bash hands `--lang=zh` over as three words. */
const joined = (words: readonly string[]): readonly string[] => words.filter((w) => w !== "=");

export async function candidates(
  sections: readonly VerbSection[],
  given: readonly string[],
  language: Language,
): Promise<readonly string[]> {
  const words = joined(given);
  const current = given.at(-1) === "=" ? "" : (words.at(-1) ?? "");
  const before = given.at(-1) === "=" ? words : words.slice(0, -1);

  const names = operands(before, globalOptions);
  const entries = sections.flatMap((s) => s.entries);
  const first = entries.find((e) => e.name === names[0]);
  const inGroup = first !== undefined && "verbs" in first;
  const depth = inGroup ? 2 : 1;

  let options: OptionSpecs = globalOptions;
  let argumentSpecs: readonly ArgumentSpec[] = [];
  let expects: readonly (readonly [string, string])[] = [];
  if (first === undefined && names.length > 0) return [];
  if (names.length < depth)
    expects = (inGroup ? first.verbs : entries).map((e) => [e.name, e.summary[language]]);
  else {
    const found = findVerb(sections, names.slice(0, depth));
    if (found.kind !== "verb") return [];
    const { default: verb } = await found.entry.load();
    options = withGlobals(verb.options);
    argumentSpecs = Object.values(verb.arguments);
  }

  const previous = optionNamed(before.at(-1) ?? "", options);
  if (previous !== undefined && previous.type !== "flag")
    return (await valuesOf(previous)).filter((v) => v === filesLine || v.startsWith(current));

  const [name = "", typed] = current.split("=", 2);
  if (current.startsWith("-") && typed !== undefined) {
    const spec = optionNamed(name, options);
    const values = spec === undefined ? [] : await valuesOf(spec);
    return values.filter((v) => v !== filesLine && v.startsWith(typed)).map((v) => `${name}=${v}`);
  }
  if (current.startsWith("-"))
    return Object.entries(options)
      .filter(([key, spec]) => spec.type === "list" || !before.some((w) => isNamed(w, key, spec)))
      .map(([key, spec]) => [longName(key, spec), spec.description[language]] as const)
      .filter(([long]) => long.startsWith(current))
      .map((pair) => pair.join("\t"));

  if (expects.length === 0) {
    const done = operands(before, options).length - depth;
    const last = argumentSpecs.at(-1);
    const spec = argumentSpecs[done] ?? (last?.variadic ? last : undefined);
    expects = (spec === undefined ? [] : await valuesOf(spec)).map((v) => [v, ""]);
  }
  return expects
    .filter(([value]) => value.startsWith(current))
    .map(([value, says]) => (says === "" ? value : `${value}\t${says}`));
}
