/** What came of the checks, wherever they ran. Plain JSON: crosses the agent's API and fills every output form. */
import type { CheckKind, Evidence, PortName } from "../services/service.ts";
import type { Text } from "../text.ts";

/** In the order in which totals are told. */
export const verdicts = [
  "pass",
  "fail",
  /** Does what the plan wants in another way, for the reason given. */
  "deviates",
  /** A risk that the spec takes knowingly. */
  "accepted",
  /** Needs a port that is absent here, or would disturb and has no recorded result for this mall. */
  "not-run-here",
  /** A later step's. */
  "pending",
] as const;

export type Verdict = (typeof verdicts)[number];

export interface CheckReport {
  readonly id: string;
  readonly service: string;
  readonly requirements: readonly string[];
  readonly title: Text;
  readonly kind: CheckKind;
  readonly verdict: Verdict;
  readonly detail: Text;
  readonly evidence: readonly Evidence[];
  readonly durationMs: number;
  /** Ports that the check declares and that are absent here. */
  readonly missing?: readonly PortName[] | undefined;
  /** ISO 8601, for a result of an earlier run that is shown again. */
  readonly ranAt?: string | undefined;
}

/** Reports under one heading. */
export interface ReportGroup {
  readonly service: string;
  readonly title: Text;
  readonly reports: readonly CheckReport[];
}

export type Totals = Readonly<Record<Verdict, number>>;

export interface VerifyResult {
  readonly mall: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** Nothing failed. What was not run, or is pending, is neither good nor bad: the totals say how much it is. */
  readonly ok: boolean;
  readonly totals: Totals;
  readonly groups: readonly ReportGroup[];
}

export function totalsOf(reports: readonly CheckReport[]): Totals {
  const count = (verdict: Verdict) => reports.filter((r) => r.verdict === verdict).length;
  return {
    pass: count("pass"),
    fail: count("fail"),
    deviates: count("deviates"),
    accepted: count("accepted"),
    "not-run-here": count("not-run-here"),
    pending: count("pending"),
  };
}
