/** What the spec's `accept:` makes of findings. */
import type { Finding } from "./finding.ts";

export interface Judged extends Finding {
  /** Its risk is taken in the spec: it is still shown, and no longer stops anything. */
  readonly accepted: boolean;
  /** `up` does not go on. */
  readonly stops: boolean;
}

const rank = { error: 0, warning: 1, info: 2 } as const;

/** Pure. The gravest first; otherwise in the order they were found. */
export function judge(findings: readonly Finding[], accept: readonly string[]): readonly Judged[] {
  return findings
    .map((finding) => {
      const accepted = finding.acceptable && accept.includes(finding.id);
      return { ...finding, accepted, stops: finding.severity === "error" && !accepted };
    })
    .sort((a, b) => Number(b.stops) - Number(a.stops) || rank[a.severity] - rank[b.severity]);
}
