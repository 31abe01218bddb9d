/** What came of one check, wherever it ran. Plain JSON: crosses the agent's API and fills every output form. */
import type { CheckKind, Evidence, PortName } from "../services/service.ts";
import type { Text } from "../text.ts";

export type Verdict =
  | "pass"
  | "fail"
  /** Does what the plan wants in another way, for the reason given. */
  | "deviates"
  /** A risk that the spec takes knowingly. */
  | "accepted"
  /** Needs a port that is absent here, or would disturb: only drills and tests run it. */
  | "not-run-here"
  /** A later step's. */
  | "pending";

/** In the order in which totals are told. */
export const verdicts: readonly Verdict[] = [
  "pass",
  "fail",
  "deviates",
  "accepted",
  "not-run-here",
  "pending",
];

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
  readonly missing?: readonly PortName[];
  /** ISO 8601, for a result of an earlier run that is shown again. */
  readonly ranAt?: string;
}
