/** One way to run a program: argument arrays, output by line, cancellation, and its last words in the error. */
import { constants } from "node:os";
import { Readable, Transform } from "node:stream";

export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's environment; `undefined` removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the program reads; nothing by default. */
  readonly input?: string | Uint8Array | Readable;
  readonly inputFile?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /**
   * The kernel ends the program when this process dies, also by SIGKILL (util-linux' setpriv, in every Debian):
   * for what holds a lock of its own or writes where the next run begins anew.
   */
  readonly tied?: boolean;
  /** From SIGTERM to SIGKILL when cancelled or out of time; by default 10 s, in which a program can tidy up. */
  readonly killDelayMs?: number;
  /** Each line as it comes, without its end. `\r` also ends a line: progress bars become lines. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
}

export interface RunResult {
  /** 0 on success; 127 when the program could not be started, 128 + n when signal n ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Kept of each stream when it is read by line: enough for an error text, not the gigabyte of `logs -f`. */
const keptLines = 200;

/**
 * Runs a program to its end; a non-zero exit code is a result, not an exception.
 * @throws the signal's reason when cancelled
 */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const { execa } = await import("execa"); // not loaded by a warm ensureEngine
  const [program, ...rest] = options.tied
    ? ["setpriv", "--pdeathsig", "KILL", file, ...args]
    : [file, ...args];
  const child = execa(program ?? file, rest, {
    reject: false,
    extendEnv: true,
    stripFinalNewline: true,
    buffer: options.onLine === undefined,
    maxBuffer: 256 * 2 ** 20,
    forceKillAfterDelay: options.killDelayMs ?? 10_000,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...inputOf(options),
  });
  const kept = options.onLine === undefined ? undefined : follow(child, options.onLine);
  const result = await child;
  if (result.isCanceled) options.signal?.throwIfAborted();
  return {
    exitCode:
      result.exitCode ?? (result.signal === undefined ? 127 : 128 + (constants.signals[result.signal] ?? 0)),
    stdout: kept ? kept.stdout.join("\n") : textOf(result.stdout),
    stderr: kept
      ? kept.stderr.join("\n")
      : textOf(result.stderr) || (result.exitCode === undefined ? (result.shortMessage ?? "") : ""),
    timedOut: result.timedOut,
  };
}

function inputOf(options: RunOptions) {
  if (options.inputFile !== undefined) return { inputFile: options.inputFile };
  if (options.input === undefined) return { stdin: "ignore" as const };
  return { input: options.input };
}

function follow(
  child: { readonly stdout: unknown; readonly stderr: unknown },
  onLine: NonNullable<RunOptions["onLine"]>,
) {
  const kept = { stdout: [] as string[], stderr: [] as string[] };
  for (const stream of ["stdout", "stderr"] as const) {
    const source = child[stream];
    if (!(source instanceof Readable)) continue;
    source.pipe(lines()).on("data", (line: string) => {
      kept[stream].push(line);
      if (kept[stream].length > keptLines) kept[stream].shift();
      onLine(line, stream);
    });
  }
  return kept;
}

/** Bytes in, lines out. */
export function lines(): Transform {
  const decoder = new TextDecoder();
  let rest = "";
  return new Transform({
    readableObjectMode: true,
    transform(chunk, _encoding, done) {
      // A \r at the very end may be the half of a \r\n.
      const parts = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?=[\s\S])/);
      rest = parts.pop() ?? "";
      for (const part of parts) this.push(part);
      done();
    },
    flush(done) {
      if (rest !== "") this.push(rest.replace(/\r$/, ""));
      done();
    },
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The last lines of a text, for an error. */
export function lastLines(words: string, count = 12): string {
  return words.trimEnd().split("\n").slice(-count).join("\n");
}
