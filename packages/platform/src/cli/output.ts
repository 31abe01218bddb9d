/**
 * Everything a verb says. Results go to stdout; progress, notes and errors to stderr, so that a result can be piped.
 * With `--json` stdout is one JSON document (or one a line, for what goes on) and nothing else.
 */
import picocolors from "picocolors";
import type { Colors } from "picocolors/types.js";
import type { Language, MallError } from "../errors.ts";
import type { Progress } from "../progress.ts";
import type { Text } from "../text.ts";
import { columns } from "../width.ts";
import { type LiveProgress, liveProgress } from "./progress/live.ts";
import { type Closing, plainProgress } from "./progress/plain.ts";

export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly language: Language;
}

export interface Output extends Progress {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly language: Language;
  /** stdout is a terminal. */
  readonly interactive: boolean;
  /** Columns of the terminal; 100 where there is none. */
  readonly width: number;
  /** Colours of stdout: functions that do nothing where there are none. */
  readonly colors: Colors;
  readonly upcoming: (titles: readonly Text[]) => void;
  /** The verb's result: the document with `--json`, else its text. Called once. */
  result(document: unknown, text: () => string): void;
  /** One of many results that come over time (`logs`, `events -f`): a JSON document a line with `--json`. */
  item(document: unknown, text: () => string): void;
  /** Text to stdout; nothing with `--json`. */
  print(text: string): void;
  /** A line to stderr about what goes on; nothing with `--quiet`. */
  note(text: Text): void;
  /** A line to stderr that must be seen, also with `--quiet`. */
  warn(text: Text): void;
  /** Rows as aligned columns, the first one as heading. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string;
  /** In the user's language. */
  say(text: Text): string;
}

/** What the framework itself needs beside. */
export interface ClosingOutput extends Output {
  error(error: MallError): void;
  /** Ends what is being drawn; to be called before the process ends. */
  close(): void;
}

/** NO_COLOR (no-color.org) and TERM=dumb turn colours off, FORCE_COLOR on; else a terminal has them. */
export function wantsColor(sink: Sink, env: NodeJS.ProcessEnv, color: boolean): boolean {
  if (!color || (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb") return false;
  if ((env.FORCE_COLOR ?? "") !== "") return env.FORCE_COLOR !== "0";
  return sink.isTTY === true;
}

const endWithNewline = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`);

export function createOutput(
  options: OutputOptions,
  stdout: Sink,
  stderr: Sink,
  env: NodeJS.ProcessEnv,
): ClosingOutput {
  const { json, quiet, language } = options;
  const colors = picocolors.createColors(wantsColor(stdout, env, options.color));
  const errColors = picocolors.createColors(wantsColor(stderr, env, options.color));
  const say = (text: Text): string => text[language];

  const live: LiveProgress | undefined =
    !quiet && stderr.isTTY === true && env.TERM !== "dumb" && (env.CI ?? "") === ""
      ? liveProgress(
          {
            get columns() {
              return stderr.columns ?? 100;
            },
            write: (text) => stderr.write(text),
          },
          language,
          errColors,
        )
      : undefined;
  const plain: Closing | undefined =
    live === undefined && !quiet ? plainProgress((line) => stderr.write(`${line}\n`), language) : undefined;
  const progress: Closing = live ?? plain ?? { task: (_title, work) => work(() => {}), close: () => {} };

  /** While the foot is drawn, whatever shares the terminal with it must go above it. */
  const toStdout = (text: string): void => {
    if (live !== undefined && stdout.isTTY === true) live.above(text);
    else stdout.write(text);
  };
  const toStderr = (text: string): void => {
    if (live !== undefined) live.above(text);
    else stderr.write(text);
  };

  return {
    json,
    quiet,
    language,
    interactive: stdout.isTTY === true,
    width: stdout.columns ?? 100,
    colors,
    task: progress.task,
    upcoming: (titles) => progress.upcoming?.(titles),
    result: (document, text) =>
      toStdout(json ? `${JSON.stringify(document, null, 2)}\n` : endWithNewline(text())),
    item: (document, text) => toStdout(json ? `${JSON.stringify(document)}\n` : endWithNewline(text())),
    print: (text) => {
      if (!json) toStdout(endWithNewline(text));
    },
    note: (text) => {
      if (!quiet) toStderr(`${errColors.dim("·")} ${say(text)}\n`);
    },
    warn: (text) => toStderr(`${errColors.yellow("!")} ${say(text)}\n`),
    table: (head, rows) => {
      const [title, ...lines] = columns([head, ...rows]);
      return [colors.bold(title ?? ""), ...lines].join("\n");
    },
    say,
    error: (error) => {
      if (json) stdout.write(`${JSON.stringify({ error: error.toJSON() }, null, 2)}\n`);
      const [first = "", ...rest] = error.describe(language).split("\n");
      const head = `[${error.scope}] ${error.code}:`;
      const coloured = first.startsWith(head) ? `${errColors.red(head)}${first.slice(head.length)}` : first;
      if (!json) toStderr(`${[coloured, ...rest].join("\n")}\n`);
    },
    close: progress.close,
  };
}
