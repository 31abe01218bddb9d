/** The result as a person reads it. Pure: colours and language are the caller's. */
import type { Language } from "../errors.ts";
import { type Text, text } from "../text.ts";
import { columns } from "../width.ts";
import { type CheckReport, type ReportGroup, type Verdict, type VerifyResult, verdicts } from "./report.ts";

export interface Style {
  readonly language: Language;
  readonly verbose: boolean;
  readonly paint: (verdict: Verdict, text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

const marks: Readonly<Record<Verdict, string>> = {
  pass: "✓",
  fail: "✗",
  deviates: "≈",
  accepted: "!",
  "not-run-here": "-",
  pending: "·",
};

/** What a server said must not steer the terminal. */
const control = /\p{Cc}/gu;

const words: Readonly<Record<Verdict, Text>> = {
  pass: text("pass", "通过"),
  fail: text("fail", "失败"),
  deviates: text("deviates", "有偏差"),
  accepted: text("accepted", "已接受"),
  "not-run-here": text("not run here", "未在此运行"),
  pending: text("pending", "待后续步骤"),
};

export function render(result: VerifyResult, style: Style): string {
  const seconds = `${(result.durationMs / 1000).toFixed(1)} s`;
  const totals = verdicts
    .map((v) => {
      const told = `${result.totals[v]} ${words[v][style.language]}`;
      return result.totals[v] === 0 ? style.dim(told) : style.paint(v, told);
    })
    .join(style.dim(" · "));
  return [...result.groups.flatMap((g) => [...renderGroup(g, style), ""]), `${totals}  (${seconds})`].join(
    "\n",
  );
}

function renderGroup(group: ReportGroup, style: Style): readonly string[] {
  const title = style.bold(group.title[style.language]);
  // Fifty lines that say "later" would hide the ones that say something.
  if (!style.verbose && group.reports.length > 0 && group.reports.every((r) => r.verdict === "pending"))
    return [title, `  ${style.dim(`${marks.pending} ${group.reports.map((r) => r.id).join(" ")}`)}`];
  const rows = columns(
    group.reports.map((r) => [
      r.id,
      r.requirements.join(" "),
      `${r.title[style.language]}: ${r.detail[style.language]}`,
    ]),
  );
  return [
    title,
    ...group.reports.flatMap((report, index) => [
      `  ${style.paint(report.verdict, marks[report.verdict])} ${rows[index]}`,
      ...evidence(report, style),
    ]),
  ];
}

/** A failure shows what was read in any case: that is where the cause stands. */
function evidence(report: CheckReport, style: Style): readonly string[] {
  if (!style.verbose && report.verdict !== "fail") return [];
  return report.evidence.map((e) => style.dim(`      ${e.from}: ${e.read.replace(control, "\ufffd")}`));
}
