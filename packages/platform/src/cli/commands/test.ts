import { type SuiteResult, totalLine, totalOf } from "../../test-runner/report.ts";
import { logPath, runSuite } from "../../test-runner/run-suite.ts";
import { allSuites, chosenSuites } from "../../test-runner/suites.ts";
import { text } from "../../text.ts";
import type { Output } from "../output.ts";
import { defineVerb } from "../verb.ts";

/** Longest time of the whole run: what a person still waits for, and CI is given. */
const budgetSeconds = 35 * 60;

const failuresText = (result: SuiteResult, out: Output): string =>
  result.failures
    .map((f) => `${out.colors.red("✗")} ${out.colors.bold(f.test)}\n${f.message.replaceAll(/^/gm, "    ")}`)
    .join("\n");

/** Once more at the end, which is what is left of a long log. */
const failedNames = (results: readonly SuiteResult[], out: Output): readonly string[] =>
  results.flatMap(({ name, failures }) =>
    failures.map((f) => `${out.colors.red("✗")} ${name}: ${f.test}: ${f.message.split("\n", 1)[0]}`),
  );

function ledger(results: readonly SuiteResult[], out: Output): string {
  const total = totalOf(results);
  const row = (name: string, r: Omit<SuiteResult, "name" | "failures">): readonly string[] => [
    name,
    r.seconds.toFixed(1).padStart(7),
    String(r.passed).padStart(6),
    String(r.failed).padStart(6),
    String(r.skipped).padStart(7),
  ];
  return out.table(
    [
      out.say(text("suite", "套件")),
      out.say(text("seconds", "秒数")).padStart(7),
      out.say(text("passed", "通过")).padStart(6),
      out.say(text("failed", "失败")).padStart(6),
      out.say(text("skipped", "跳过")).padStart(7),
    ],
    [...results.map((r) => row(r.name, r)), row(out.say(text("total", "合计")), total)],
  );
}

export default defineVerb({
  description: text(
    "Runs mallstack's own suites: formatting and lint, types, unit tests, then the end-to-end suites on real servers in containers, one after the other. What they need is set up by themselves. Prints the seconds of each; the run fails when its total is over the budget of 35 minutes. The last line is 'N passed, N failed'.",
    "运行 mallstack 自身的测试套件：格式与 lint、类型、单元测试，然后逐个运行基于容器中真实服务器的端到端套件，所需环境自动准备。输出每个套件的秒数；总时间超过 35 分钟预算即失败。最后一行为“N passed, N failed”。",
  ),
  examples: [
    { command: "test", does: text("all that CI runs", "运行 CI 的全部套件") },
    { command: "test unit", does: text("one suite", "只运行一个套件") },
    { command: "test e2e --no-budget", does: text("all on real servers", "运行全部端到端套件") },
  ],
  arguments: {
    suite: {
      variadic: true,
      offers: async () => [...(await allSuites(process.env.MALL_ROOT ?? ".")).map((s) => s.name), "e2e"],
      description: text(
        "Names of suites; 'e2e' is all that run on real servers",
        "套件名称；“e2e”表示全部端到端套件",
      ),
    },
  },
  options: {
    list: { type: "flag", description: text("Only list the suites", "仅列出套件") },
    budget: { type: "flag", default: true, description: text("Without the time budget", "不限制总时间") },
  },
  async run({ args, options, out, signal, root }) {
    const all = await allSuites(root);
    if (options.list) {
      out.result(
        all.map(({ name, kind, local }) => ({ name, kind, ci: local === undefined, local })),
        () =>
          out.table(
            [out.say(text("suite", "套件")), "CI", ""],
            all.map((s) => [s.name, s.local === undefined ? "✓" : "", s.local ?? ""]),
          ),
      );
      return undefined;
    }
    const suites = chosenSuites(all, args.suite);
    out.upcoming(suites.map((s) => text(s.name, s.name)));
    const started = performance.now();
    const left = (): number => budgetSeconds * 1000 - (performance.now() - started);
    const results: SuiteResult[] = [];
    for (const [i, suite] of suites.entries()) {
      const next = suites[i + 1]?.name;
      const result = await out.task(text(suite.name, suite.name), (note) =>
        runSuite(suite, {
          root,
          signal,
          note,
          ...(next === undefined ? {} : { next }),
          ...(options.budget ? { timeoutMs: left() } : {}),
        }),
      );
      results.push(result);
      if (result.failed > 0) {
        const shown = failuresText(result, out);
        out.print(`${shown}\n${out.colors.dim(`(${logPath(suite.name)})`)}`);
      }
    }
    const spent = (performance.now() - started) / 1000;
    const over = options.budget && spent > budgetSeconds;
    const counted: readonly SuiteResult[] = over
      ? [...results, { ...overBudget, failures: [{ test: "budget", message: `${spent.toFixed(0)} s` }] }]
      : results;
    const total = totalOf(counted);
    out.result({ suites: counted, total, budgetSeconds, withinBudget: !over }, () =>
      [
        "",
        ledger(counted, out),
        ...(over
          ? [
              out.colors.red(
                out.say(
                  text(
                    `The run took ${spent.toFixed(0)} s, over its budget of ${budgetSeconds} s.`,
                    `本次运行用时 ${spent.toFixed(0)} 秒，超过 ${budgetSeconds} 秒的预算。`,
                  ),
                ),
              ),
            ]
          : []),
        ...failedNames(counted, out),
        "",
        totalLine(total),
      ].join("\n"),
    );
    return total.failed > 0 ? "unmet" : undefined;
  },
});

const overBudget = { name: "budget", passed: 0, failed: 1, skipped: 0, seconds: 0 } as const;
