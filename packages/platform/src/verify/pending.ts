/** Reports of what did not run: later steps' lines, absent ports, services left out, results not yet recorded. */
import type { PortName } from "../services/service.ts";
import { type Text, text } from "../text.ts";
import type { CheckReport, Verdict } from "./report.ts";
import { isPending, type Requirement, requirements } from "./requirements.ts";
import { describe } from "./run-checks.ts";
import type { Candidate } from "./select.ts";

export const pendingTitle = text("Later steps", "后续步骤");

/** Lines whose checks are still to come, and the rest of those that have a part; all of them when none is named. */
export function pendingReports(ids: readonly string[]): readonly CheckReport[] {
  return requirements
    .filter((r) => ids.length === 0 || ids.includes(r.id))
    .filter((r) => isPending(r) || r.rest !== undefined)
    .map((r) => ({
      id: r.id,
      service: "later",
      requirements: [r.id],
      title: r.says,
      kind: "read",
      verdict: "pending",
      detail: pendingDetail(r),
      evidence: [],
      durationMs: 0,
    }));
}

function pendingDetail({ rest, step }: Requirement): Text {
  if (rest !== undefined) return text(`${rest.en}: a later step`, `${rest.zh}：后续步骤`);
  return step === "later" ? text("a later step", "后续步骤") : text(`step ${step}`, `第 ${step} 步`);
}

export type WhyUnrun =
  | { readonly missing: readonly PortName[] }
  | { readonly leftOut: true }
  | { readonly never: true }
  | { readonly elsewhere: { readonly verdict: Verdict; readonly ago: Text } };

export function unrunReport(candidate: Candidate, why: WhyUnrun): CheckReport {
  return {
    ...describe(candidate.service, candidate.check),
    verdict: "not-run-here",
    detail: unrunDetail(candidate, why),
    evidence: [],
    durationMs: 0,
    ...("missing" in why ? { missing: why.missing } : {}),
  };
}

function unrunDetail({ check }: Candidate, why: WhyUnrun): Text {
  if ("missing" in why)
    return text(
      `needs an operator with: ${why.missing.join(", ")}`,
      `需要具备以下权限的操作者：${why.missing.join("、")}`,
    );
  if ("leftOut" in why) return text("its service is left out of this mall", "该服务未包含在此商城中");
  const how =
    check.recordedBy === undefined
      ? text("`mall verify --disruptive` runs it", "运行 mall verify --disruptive 可执行")
      : text(`${check.recordedBy} measures it`, `由 ${check.recordedBy} 测量`);
  if ("never" in why) return text(`never run on this mall; ${how.en}`, `从未在此商城上执行；${how.zh}`);
  const { verdict, ago } = why.elsewhere;
  return text(
    `${verdict} ${ago.en} ago, before this mall was changed; ${how.en}`,
    `${ago.zh}前为 ${verdict}，此后商城已变更；${how.zh}`,
  );
}
