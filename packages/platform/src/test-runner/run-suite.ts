/** Runs one suite's program and reads what it came to. */
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { readJson, writeAtomic } from "../state.ts";
import { plainText } from "../width.ts";
import { checkCounts, type SuiteResult, vitestCounts } from "./report.ts";
import type { Suite } from "./suites.ts";

export interface RunAt {
  /** Folder of the clone. */
  readonly root: string;
  readonly signal: AbortSignal;
  /** After this time in milliseconds the suite is ended and counts as failed. */
  readonly timeoutMs?: number;
  /** The suite after it, told as MALL_NEXT_SUITE: what both use may be left to it. */
  readonly next?: string;
  /** The latest line of what the program says. */
  readonly note: (line: string) => void;
}

/** Where a suite's log and report stay, for whoever looks for the reason of a failure. */
const resultsFolder = "test-results";
export const logPath = (name: string): string => `${resultsFolder}/${name}.log`;

/** @throws the signal's reason when it is aborted; a failure of the suite is a result, not an error. */
export async function runSuite(suite: Suite, at: RunAt): Promise<SuiteResult> {
  const report = join(at.root, resultsFolder, `${suite.name}.json`);
  await mkdir(dirname(report), { recursive: true });
  await rm(report, { force: true });
  const [program, ...args] = suite.command;
  const reporters =
    suite.kind === "vitest" ? ["--reporter=verbose", "--reporter=json", `--outputFile=${report}`] : [];

  const started = performance.now();
  const child = execa(join(at.root, "node_modules/.bin", program), [...args, ...reporters], {
    cwd: at.root,
    all: true,
    reject: false,
    stdin: "ignore",
    env: { MALL_NEXT_SUITE: at.next ?? "" },
    cancelSignal: at.signal,
    // Its hooks stop the containers that it made; only then is it killed.
    forceKillAfterDelay: 30_000,
    ...(at.timeoutMs === undefined ? {} : { timeout: Math.max(1_000, at.timeoutMs) }),
  });
  const follow = async (): Promise<void> => {
    for await (const line of child.iterable({ from: "all" })) {
      const said = plainText(String(line)).trim();
      if (said !== "") at.note(said.slice(0, 120));
    }
  };
  const [result] = await Promise.all([child, follow().catch(() => {})]);
  at.signal.throwIfAborted();

  const seconds = (performance.now() - started) / 1000;
  const output = `${result.all ?? ""}${result.timedOut ? "\nended: over the time budget" : ""}`;
  await writeAtomic(join(at.root, logPath(suite.name)), output, 0o644);
  const exitCode = result.exitCode ?? 1;
  const counts =
    suite.kind === "check"
      ? checkCounts(suite.name, exitCode, output)
      : vitestCounts(suite.name, exitCode, result.timedOut ? undefined : await readJson(report), output);
  return { name: suite.name, seconds, ...counts };
}
