/** Words of a command line → the values a verb declared, by commander. Mistakes become our own errors. */
import { Argument, Command, CommanderError, Option } from "commander";
import { nearest } from "../nearest.ts";
import { parseDuration } from "../spec/quantity.ts";
import { cliError } from "./errors.ts";
import { type ArgumentSpecs, kebab, type OptionSpec, type OptionSpecs } from "./verb.ts";

export interface Declared {
  readonly arguments: ArgumentSpecs;
  readonly options: OptionSpecs;
  /** Options after the first word are words too. */
  readonly passThrough?: boolean;
}

export interface Parsed {
  readonly args: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
  /** Keys of the options that the user gave. */
  readonly given: ReadonlySet<string>;
}

/** `--no-color` for a flag that is on by default. */
export const longName = (key: string, spec: OptionSpec): string =>
  spec.type === "flag" && spec.default === true ? `--no-${kebab(key)}` : `--${kebab(key)}`;

const listOf = (words: readonly string[]) => ({
  en: `one of ${words.join(", ")}`,
  zh: `${words.join("、")} 之一`,
});

function convert(key: string, spec: OptionSpec, raw: unknown, help: string): unknown {
  const where = longName(key, spec);
  if (spec.type === "flag") return raw === undefined ? spec.default === true : raw;
  if (spec.type === "list") {
    const words = (Array.isArray(raw) ? raw : [])
      .flatMap((v: string) => v.split(","))
      .filter((v) => v !== "");
    for (const word of words)
      if (spec.choices !== undefined && !spec.choices.includes(word))
        throw cliError.USAGE_VALUE({ where, value: word, expected: listOf(spec.choices), help });
    return words;
  }
  const given = raw ?? spec.default;
  if (given === undefined) return undefined;
  const value = String(given);
  switch (spec.type) {
    case "string":
      if (spec.choices !== undefined && !spec.choices.includes(value))
        throw cliError.USAGE_VALUE({ where, value, expected: listOf(spec.choices), help });
      return value;
    case "number":
      if (value.trim() === "" || !Number.isFinite(Number(value)))
        throw cliError.USAGE_VALUE({ where, value, expected: { en: "a number", zh: "一个数字" }, help });
      return Number(value);
    case "duration": {
      const ms = parseDuration(value);
      if (ms === undefined)
        throw cliError.USAGE_VALUE({
          where,
          value,
          expected: { en: "a duration such as 30s or 10m", zh: "一个时长，例如 30s 或 10m" },
          help,
        });
      return ms;
    }
  }
}

function command(declared: Declared): Command {
  const made = new Command("mall")
    .exitOverride()
    .helpOption(false)
    .configureOutput({ writeErr: () => {}, writeOut: () => {} });
  for (const [key, spec] of Object.entries(declared.options)) {
    const short = spec.short === undefined ? "" : `-${spec.short}, `;
    const value = spec.type === "flag" ? "" : " <value>";
    const option = new Option(`${short}${longName(key, spec)}${value}`);
    if (spec.type === "list")
      option.argParser((word: string, before: readonly string[] | undefined) => [...(before ?? []), word]);
    made.addOption(option);
  }
  for (const [name, spec] of Object.entries(declared.arguments)) {
    const inner = spec.variadic ? `${name}...` : name;
    made.addArgument(new Argument(spec.required ? `<${inner}>` : `[${inner}]`));
  }
  return made;
}

const quoted = (message: string): string => /'([^']*)'/.exec(message)?.[1] ?? message;

/** @throws USAGE_* */
function parseWith(made: Command, words: readonly string[], declared: Declared, help: string): void {
  try {
    made.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const name = quoted(error.message);
    switch (error.code) {
      case "commander.unknownOption": {
        const [option = name] = name.split("=");
        const known = Object.entries(declared.options).map(([key, spec]) => longName(key, spec));
        throw cliError.USAGE_OPTION({ option, suggestion: nearest(option, known), help }, error);
      }
      case "commander.optionMissingArgument":
        throw cliError.USAGE_VALUE(
          { where: name.replace(/ <.*$/, ""), value: "", expected: { en: "a value", zh: "一个值" }, help },
          error,
        );
      case "commander.missingArgument":
        throw cliError.USAGE_VALUE(
          { where: `<${name}>`, value: "", expected: { en: "a value", zh: "一个值" }, help },
          error,
        );
      case "commander.excessArguments":
        throw cliError.USAGE_EXCESS(
          { value: made.args[Object.keys(declared.arguments).length] ?? "", help },
          error,
        );
      default:
        throw error;
    }
  }
}

/** @throws USAGE_OPTION, USAGE_VALUE, USAGE_EXCESS, each naming `help`, the command that shows what is right. */
export function parseVerb(declared: Declared, words: readonly string[], help: string): Parsed {
  const made = command(declared).passThroughOptions(declared.passThrough === true);
  parseWith(made, words, declared, help);
  const raw = made.opts<Record<string, unknown>>();
  const given = new Set(
    Object.keys(declared.options).filter((key) => made.getOptionValueSource(key) === "cli"),
  );
  const options = Object.fromEntries(
    Object.entries(declared.options).map(([key, spec]) => [key, convert(key, spec, raw[key], help)]),
  );
  const args = Object.fromEntries(
    Object.entries(declared.arguments).map(([name, spec], i) => {
      const value: unknown = spec.variadic ? (made.processedArgs[i] ?? []) : made.processedArgs[i];
      for (const word of Array.isArray(value) ? value : value === undefined ? [] : [value])
        if (spec.choices !== undefined && !spec.choices.includes(word))
          throw cliError.USAGE_VALUE({
            where: `<${name}>`,
            value: word,
            expected: listOf(spec.choices),
            help,
          });
      return [name, value];
    }),
  );
  return { args, options, given };
}

/** Global options before the verb, and the words from the verb on. @throws USAGE_OPTION, USAGE_VALUE. */
export function parseHead(options: OptionSpecs, words: readonly string[], help: string) {
  const declared: Declared = { arguments: {}, options };
  const made = command(declared).argument("[words...]").enablePositionalOptions().passThroughOptions();
  parseWith(made, words, declared, help);
  const raw = made.opts<Record<string, unknown>>();
  return {
    options: Object.fromEntries(
      Object.entries(options).map(([key, spec]) => [key, convert(key, spec, raw[key], help)]),
    ),
    rest: made.args,
  };
}
