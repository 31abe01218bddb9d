/** mall.yaml's text → the mall: profile chosen, its sizes merged under the user's words, everything checked at once. */
import { z } from "zod";
import type { Text } from "../text.ts";
import { text } from "../text.ts";
import type { MallSchema } from "./compose.ts";
import { specError } from "./errors.ts";
import { issuesOf, type SpecIssue, unsaid } from "./issues.ts";
import type { Mall } from "./mall.ts";
import { type ProfileName, profileNames, type Site, siteSchema } from "./site.ts";
import { bare, defaultOf, schemaAt } from "./walk.ts";
import { type Path, pathText, readYaml, type Source } from "./yaml.ts";

export interface HostSize {
  readonly cores: number;
  readonly memoryBytes: number;
}

export type Origin = "user" | "profile" | "service" | "default";

export interface LoadedMall {
  readonly mall: Mall;
  readonly source: Source;
  /** Who chose the profile. */
  readonly profileFrom: "user" | "host";
  /** Services that the document leaves out. */
  readonly disabled: readonly string[];
  /** The document with the profile's values under it, in the form a user writes. */
  readonly merged: Readonly<Record<string, unknown>>;
  /** Where the effective value of a setting comes from. */
  origin(path: Path): Origin;
}

/** The least that profile `standard` is made for. */
const standardCores = 8;
const standardMemoryBytes = 32 * 2 ** 30;

/** @returns the profile of a machine where the document names none. `production` is never guessed. */
export const profileFor = (host: HostSize): ProfileName =>
  host.cores >= standardCores && host.memoryBytes >= standardMemoryBytes ? "standard" : "small";

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The keys of `first` before those that only `second` has; `pick` says whose value it is where both have one. */
function merge(first: Tree, second: Tree, pick: <T>(first: T, second: T) => T): Tree {
  const keys = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...keys].map((key) => {
      const [one, other] = [first[key], second[key]];
      if (!(key in second)) return [key, one];
      if (!(key in first)) return [key, other];
      return [key, isTree(one) && isTree(other) ? merge(one, other, pick) : pick(one, other)];
    }),
  );
}

const over = (base: Tree, top: Tree): Tree => merge(base, top, (_, above) => above);
/** The user's entries of a map stay before those that are asked for. */
const under = (top: Tree, base: Tree): Tree => merge(top, base, (above) => above);

/** What the services that are in the mall ask of those that are. */
function askedOf(of: MallSchema, user: unknown): Tree {
  const said = isTree(user) && isTree(user.services) ? user.services : {};
  const present = of.services.filter(({ name }) => {
    const own = said[name];
    return !isTree(own) || own.enabled !== false;
  });
  return present
    .flatMap(({ asks = {} }) => Object.entries(asks))
    .filter(([name]) => present.some((one) => one.name === name))
    .reduce<Tree>((all, [name, part]) => over(all, { [name]: part }), {});
}

/**
 * The defaults of maps that are asked to hold more: what is asked for stands beside them, as nobody said that they
 * should go. Where the profile or the user names a map's entries, theirs are all, and what is asked for.
 */
function keptBeside(
  schema: z.core.$ZodType,
  asked: Tree,
  isSaid: (path: Path) => boolean,
  above: Path = [],
): Tree {
  return Object.fromEntries(
    Object.entries(asked).flatMap(([key, value]): readonly (readonly [string, unknown])[] => {
      const path = [...above, key];
      const at = schemaAt(schema, path);
      if (at === undefined || !isTree(value)) return [];
      if (!(bare(at) instanceof z.ZodRecord)) return [[key, keptBeside(schema, value, isSaid, path)]];
      const kept = isSaid(path) ? undefined : defaultOf(at);
      return kept === undefined ? [] : [[key, kept]];
    }),
  );
}

/** An empty document or an empty group (all below it a comment) means its defaults. */
function filled(schema: z.core.$ZodType, value: unknown): unknown {
  const inner = bare(schema);
  if (!(inner instanceof z.ZodObject)) return value;
  if (value === null || value === undefined) return {};
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => {
      const child = inner.shape[key];
      return [key, child === undefined ? held : filled(child, held)];
    }),
  );
}

const hasPath = (tree: unknown, path: Path): boolean => {
  let at: unknown = tree;
  for (const part of path) {
    if (Array.isArray(at) ? Number(part) >= at.length : !isTree(at) || !(part in at)) return false;
    at = (at as Record<string | number, unknown>)[part];
  }
  return true;
};

/** In our words where the parser's own are for programmers, or English only; by its error codes. */
const yamlWords: Readonly<Record<string, Text>> = {
  DUPLICATE_KEY: text(
    "this key is already set above; the two would contradict each other",
    "该键在上文已设置，两处会互相矛盾",
  ),
  TAB_AS_INDENT: text("a tab cannot indent; use spaces", "不能用制表符缩进，请使用空格"),
  BAD_INDENT: text(
    "this line is indented differently from the lines that it belongs to",
    "该行的缩进与其所属的行不一致",
  ),
  MISSING_CHAR: text(
    "something that was opened here is not closed: a quote, a bracket or a brace",
    "此处有未闭合的引号、方括号或花括号",
  ),
  MULTIPLE_DOCS: text(
    "a second document begins here; mall.yaml is one",
    "此处开始了第二个文档，而 mall.yaml 只能有一个",
  ),
  BAD_ALIAS: text(
    "an alias here cannot be followed: no anchor stands before it, or it multiplies without end",
    "此处的别名无法展开：之前没有对应的锚点，或会无限展开",
  ),
};

function yamlIssues(source: Source, codes: (code: string) => boolean): readonly SpecIssue[] {
  return source.problems
    .filter((p) => codes(p.code))
    .map((p) => ({
      path: "",
      place: p.place,
      message: yamlWords[p.code] ?? text(p.message, p.message),
    }));
}

/**
 * @throws SPEC_YAML, SPEC_INVALID, each with every problem of the document.
 */
export function loadMall(content: string, file: string, of: MallSchema, host: HostSize): LoadedMall {
  const source = readYaml(content, file);
  const broken = yamlIssues(source, (code) => code !== "DUPLICATE_KEY");
  if (broken.length > 0) throw specError.SPEC_YAML({ file, text: content, details: broken });
  const repeated = yamlIssues(source, (code) => code === "DUPLICATE_KEY");

  const user = filled(of.schema, source.value);
  const named = isTree(user) ? user.profile : undefined;
  const own = profileNames.find((name) => name === named);
  const profile = own ?? profileFor(host);
  const profiled = { services: Object.fromEntries(of.services.map((s) => [s.name, s.profiles[profile]])) };
  const asked = { services: askedOf(of, user) };
  const beside = keptBeside(of.schema, asked, (path) => hasPath(profiled, path) || hasPath(user, path));
  const merged = isTree(user) ? under(user, over(over(beside, profiled), asked)) : user;

  const parsed = of.schema.safeParse(merged, { error: () => unsaid });
  const found = parsed.success ? [] : issuesOf(parsed.error, merged, source, of);
  const issues = [...repeated, ...found].sort(
    (a, b) => a.place.line - b.place.line || a.place.column - b.place.column,
  );
  if (issues.length > 0 || !parsed.success || !isTree(merged))
    throw specError.SPEC_INVALID({ file, text: content, details: issues });

  const { services: all, ...rest } = parsed.data;
  const enabledOf = (spec: unknown): boolean => isTree(spec) && spec.enabled === true;
  const entries = Object.entries(isTree(all) ? all : {});
  // Parsed a second time for its type only; the site's part holds no transformed value.
  const site: Site = { ...siteSchema.parse(rest), profile };
  return {
    mall: {
      site,
      services: Object.fromEntries(
        entries
          .filter(([, spec]) => enabledOf(spec))
          .map(([name, spec]) => {
            const { enabled: _enabled, ...settings } = spec as Record<string, unknown>;
            return [name, settings];
          }),
      ),
    },
    source,
    profileFrom: own === undefined ? "host" : "user",
    disabled: entries.filter(([, spec]) => !enabledOf(spec)).map(([name]) => name),
    merged,
    origin: (path) =>
      source.has(path) && pathText(path) !== "services"
        ? "user"
        : hasPath(asked, path)
          ? "service"
          : hasPath(profiled, path) || path[0] === "profile"
            ? "profile"
            : "default",
  };
}
