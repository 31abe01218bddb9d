/** From words to a verb that has run: what `main.ts` does with a process, without one, so that it can be tested. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import picocolors from "picocolors";
import { exitCodes, MallError, messageOf } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { cliError } from "./errors.ts";
import { type GlobalValues, globalOptions, peek } from "./globals.ts";
import { groupHelp, type HelpStyle, rootHelp, verbHelp } from "./help.ts";
import { createOutput, type Sink, wantsColor } from "./output.ts";
import { parseHead, parseVerb } from "./parse.ts";
import type { AnyVerb, OptionSpecs, VerbContext, VerbEntry, VerbGroup, VerbSection } from "./verb.ts";

export interface Surroundings {
  /** Without node and script. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Folder of the clone. */
  readonly root: string;
  readonly sections: readonly VerbSection[];
  readonly signal: AbortSignal;
  /** Called before a verb runs whose foreground client gets Ctrl-C. */
  readonly leaveSignals: () => void;
}

type Found =
  | { readonly kind: "root" }
  | { readonly kind: "group"; readonly group: VerbGroup }
  | {
      readonly kind: "verb";
      readonly path: string;
      readonly entry: VerbEntry;
      readonly words: readonly string[];
    };

/** @throws USAGE_VERB with the nearest one that there is. */
export function findVerb(sections: readonly VerbSection[], words: readonly string[]): Found {
  const [name, ...rest] = words;
  if (name === undefined) return { kind: "root" };
  const entries = sections.flatMap((s) => s.entries);
  const found = entries.find((e) => e.name === name);
  if (found === undefined)
    throw cliError.USAGE_VERB({
      verb: name,
      suggestion: nearest(
        name,
        entries.map((e) => e.name),
      ),
      help: "./mall --help",
    });
  if (!("verbs" in found)) return { kind: "verb", path: name, entry: found, words: rest };
  const [inner, ...after] = rest;
  if (inner === undefined || inner.startsWith("-")) return { kind: "group", group: found };
  const entry = found.verbs.find((v) => v.name === inner);
  if (entry === undefined)
    throw cliError.USAGE_VERB({
      verb: `${name} ${inner}`,
      suggestion: nearest(
        inner,
        found.verbs.map((v) => v.name),
      ),
      help: `./mall ${name} --help`,
    });
  return { kind: "verb", path: `${name} ${inner}`, entry, words: after };
}

/** A verb's own option takes precedence over a global one's short letter: `logs -f` follows. */
export function withGlobals(own: OptionSpecs): OptionSpecs {
  const taken = new Set(Object.values(own).flatMap((spec) => (spec.short === undefined ? [] : [spec.short])));
  const globals = Object.entries(globalOptions as OptionSpecs)
    .filter(([key]) => !(key in own) && key !== "version")
    .map(([key, spec]) => {
      if (spec.short === undefined || !taken.has(spec.short)) return [key, spec] as const;
      const { short: _taken, ...rest } = spec;
      return [key, rest] as const;
    });
  return { ...Object.fromEntries(globals), ...own };
}

const wantsHelp = (words: readonly string[]): boolean => {
  const end = words.indexOf("--");
  return (end === -1 ? words : words.slice(0, end)).some((w) => w === "--help" || w === "-h");
};

export function version(root: string): string {
  const read: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return typeof read === "object" && read !== null && "version" in read ? String(read.version) : "0.0.0";
}

/** @returns the exit code. Never throws. */
export async function runCli(at: Surroundings): Promise<number> {
  const first = peek(at.argv, at.env);
  const out = createOutput(first, at.stdout, at.stderr, at.env);
  try {
    return await dispatch(at, first, out);
  } catch (error) {
    out.close();
    const shown =
      at.signal.aborted && !(error instanceof MallError && error.exit === "interrupted")
        ? cliError.INTERRUPTED({}, error)
        : error instanceof MallError
          ? error
          : cliError.INTERNAL({ message: messageOf(error) }, error);
    out.error(shown);
    if ((at.env.MALL_DEBUG ?? "") !== "") at.stderr.write(`${trace(error)}\n`);
    return exitCodes[shown.exit];
  } finally {
    out.close();
  }
}

/** The stack with its causes: for us, on request only. */
function trace(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${trace(error.cause)}`;
}

async function dispatch(
  at: Surroundings,
  first: ReturnType<typeof peek>,
  out: ReturnType<typeof createOutput>,
): Promise<number> {
  if (at.argv[0] === "__complete") {
    const { candidates } = await import("./complete.ts");
    const lines = await candidates(at.sections, at.argv.slice(1), first.language);
    at.stdout.write(lines.map((line) => `${line}\n`).join(""));
    return exitCodes.ok;
  }
  const style: HelpStyle = {
    language: first.language,
    colors: picocolors.createColors(wantsColor(at.stdout, at.env, first.color)),
    width: at.stdout.columns ?? 100,
  };
  const head = parseHead(globalOptions, at.argv, "./mall --help");
  const before = head.options as unknown as GlobalValues;
  if (before.version) {
    out.result({ version: version(at.root) }, () => `mall ${version(at.root)}`);
    return exitCodes.ok;
  }
  // `mall help up` is what people type who come from git.
  const asked = head.rest[0] === "help" ? [...head.rest.slice(1), "--help"] : head.rest;
  const found = findVerb(at.sections, asked[0] === "--help" ? [] : asked);
  if (found.kind === "root") {
    at.stdout.write(rootHelp(at.sections, style));
    return exitCodes.ok;
  }
  if (found.kind === "group") {
    at.stdout.write(groupHelp(found.group, style));
    return exitCodes.ok;
  }
  const { default: verb } = await found.entry.load();
  if (before.help || wantsHelp(found.words)) {
    at.stdout.write(verbHelp(found.path, found.entry.summary, verb, style));
    return exitCodes.ok;
  }
  return runVerb(at, verb, found.path, found.words, before, out);
}

async function runVerb(
  at: Surroundings,
  verb: AnyVerb,
  path: string,
  words: readonly string[],
  before: GlobalValues,
  out: ReturnType<typeof createOutput>,
): Promise<number> {
  const declared = {
    arguments: verb.arguments,
    options: withGlobals(verb.options),
    passThrough: verb.passThrough === true,
  };
  const parsed = parseVerb(declared, words, `./mall ${path} --help`);
  const ownFile = "file" in verb.options;
  const file = !ownFile && parsed.given.has("file") ? parsed.options.file : before.file;
  if (verb.foreground) at.leaveSignals();
  const ctx: VerbContext = {
    args: parsed.args,
    options: Object.fromEntries(Object.keys(verb.options).map((key) => [key, parsed.options[key]])),
    out,
    signal: at.signal,
    language: out.language,
    root: at.root,
    file: typeof file === "string" ? file : undefined,
  };
  const kind = (await verb.run(ctx)) ?? "ok";
  if (at.signal.aborted && kind === "ok") throw cliError.INTERRUPTED({});
  return exitCodes[kind];
}
