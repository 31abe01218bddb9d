/** Runs checks side by side, each within its time. The agent and the command line run them by this same code. */
import { messageOf } from "../errors.ts";
import type { Check, CheckResult, Ctx, PortName } from "../services/service.ts";
import { sideBySide } from "../side-by-side.ts";
import { text } from "../text.ts";
import type { CheckReport } from "./report.ts";

export interface CheckToRun {
  readonly service: string;
  readonly check: Check;
  readonly ctx: (signal: AbortSignal) => Ctx;
}

export interface RunLimits {
  readonly signal: AbortSignal;
  /** Checks at once: enough to hide waiting, few enough that a small machine is not what they measure. */
  readonly concurrency: number;
  /** Checks that mostly wait ({@link Check.waitsMs}) beside them, the longest first; absent: they are as any other. */
  readonly waiting?: number;
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly done?: (report: CheckReport) => void;
}

/** The ports a check needs that a context does not have. */
export const missingPorts = (check: Check, present: ReadonlySet<PortName>): readonly PortName[] =>
  check.needs.filter((port) => !present.has(port));

export const portsOf = (ctx: Pick<Ctx, "inside" | "engine">): ReadonlySet<PortName> =>
  new Set<PortName>([
    "net",
    ...(ctx.inside === undefined ? [] : ["inside" as const]),
    ...(ctx.engine === undefined ? [] : ["engine" as const]),
  ]);

/** Reports in the order given. A check that throws or overruns has failed: what cannot be shown does not hold. */
export async function runChecks(
  checks: readonly CheckToRun[],
  limits: RunLimits,
): Promise<readonly CheckReport[]> {
  const reports = new Map<CheckToRun, CheckReport>();
  const run = async (one: CheckToRun): Promise<void> => {
    const report = await runOne(one, limits);
    limits.done?.(report);
    reports.set(one, report);
  };
  const { waiting = 0 } = limits;
  const apart = waiting === 0 ? [] : longestFirst(checks);
  await Promise.all([
    sideBySide(apart, waiting, run),
    sideBySide(
      checks.filter((one) => !apart.includes(one)),
      limits.concurrency,
      run,
    ),
  ]);
  return checks.flatMap((one) => reports.get(one) ?? []);
}

/** Those that mostly wait: what begins last then ends no later than what takes longest. */
function longestFirst(checks: readonly CheckToRun[]): readonly CheckToRun[] {
  const waits = ({ check }: CheckToRun): number => check.waitsMs ?? 0;
  return checks.filter((one) => waits(one) > 0).sort((a, b) => waits(b) - waits(a));
}

async function runOne({ service, check, ctx }: CheckToRun, limits: RunLimits): Promise<CheckReport> {
  const started = limits.now();
  const over = new AbortController();
  const timer = setTimeout(
    () => over.abort(new Error(`no verdict within ${limits.timeoutMs} ms`)),
    limits.timeoutMs,
  );
  const signal = AbortSignal.any([over.signal, limits.signal]);
  const cut = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  const result = await Promise.race([Promise.resolve().then(() => check.run(ctx(signal))), cut])
    .catch(failure)
    .finally(() => clearTimeout(timer));
  return { ...describe(service, check), ...result, durationMs: limits.now() - started };
}

const failure = (error: unknown): CheckResult => ({
  verdict: "fail",
  detail: text("The check could not be carried out", "检查无法完成"),
  evidence: [{ from: "check", read: messageOf(error) }],
});

/** A check's own words, without a result. */
export const describe = (
  service: string,
  check: Check,
): Pick<CheckReport, "id" | "service" | "requirements" | "title" | "kind"> => ({
  id: check.id,
  service,
  requirements: check.requirements,
  title: check.title,
  kind: check.kind,
});
