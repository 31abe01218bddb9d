/** What a suite's run came to. Pure: from what the programs wrote. */

export interface Failure {
  readonly test: string;
  readonly message: string;
}

export interface SuiteResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  readonly failures: readonly Failure[];
}

type Counts = Omit<SuiteResult, "name" | "seconds">;

interface VitestReport {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests?: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character.
const ansi = /\u001B\[[0-9;]*m/g;

const firstLines = (text: string, lines: number): string =>
  text.replaceAll(ansi, "").trim().split("\n").slice(0, lines).join("\n");

export const lastLines = (text: string, lines: number): string =>
  text.replaceAll(ansi, "").trimEnd().split("\n").slice(-lines).join("\n");

const one = (test: string, message: string): Counts => ({
  passed: 0,
  failed: 1,
  skipped: 0,
  failures: [{ test, message }],
});

/** A program whose success is one test. */
export const checkCounts = (name: string, exitCode: number, output: string): Counts =>
  exitCode === 0 ? { passed: 1, failed: 0, skipped: 0, failures: [] } : one(name, lastLines(output, 40));

function isReport(value: unknown): value is VitestReport {
  return (
    typeof value === "object" &&
    value !== null &&
    "numPassedTests" in value &&
    "testResults" in value &&
    Array.isArray(value.testResults)
  );
}

/**
 * @param report vitest's JSON report, undefined when it wrote none
 * @param output what it said: the reason where there is no report, or where it failed outside of any test
 */
export function vitestCounts(name: string, exitCode: number, report: unknown, output: string): Counts {
  if (!isReport(report)) return one(name, lastLines(output, 40));
  const failures = report.testResults.flatMap((file): readonly Failure[] => {
    const failed = file.assertionResults.filter((a) => a.status === "failed");
    if (failed.length === 0 && file.status === "failed")
      return [{ test: file.name, message: firstLines(file.message, 30) }];
    return failed.map((a) => ({
      test: a.fullName,
      message: firstLines((a.failureMessages ?? []).join("\n"), 30),
    }));
  });
  const { numPassedTests: passed } = report;
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
  // An error outside of any test (an unhandled rejection, a teardown) fails the run and no test; so does a suite
  // in which no test is left.
  const extra =
    failures.length > 0
      ? []
      : exitCode !== 0
        ? [{ test: name, message: lastLines(output, 40) }]
        : passed === 0
          ? [{ test: name, message: "no test ran" }]
          : [];
  const all = [...failures, ...extra];
  return { passed, failed: all.length, skipped, failures: all };
}

export interface Total {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
}

export const totalOf = (results: readonly SuiteResult[]): Total => ({
  passed: results.reduce((n, r) => n + r.passed, 0),
  failed: results.reduce((n, r) => n + r.failed, 0),
  skipped: results.reduce((n, r) => n + r.skipped, 0),
  seconds: results.reduce((n, r) => n + r.seconds, 0),
});

/** The last line of a run, read by machines: `12 passed, 0 failed`. Always English. */
export const totalLine = (total: Total): string =>
  `${total.passed} passed, ${total.failed} failed${total.skipped === 0 ? "" : `, ${total.skipped} skipped`}`;
