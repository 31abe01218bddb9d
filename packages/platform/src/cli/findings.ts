/** Findings as text: what a person reads of `spec check`, `up` and `doctor`. */
import type { Judged } from "../rules/judged.ts";
import { wrap } from "../width.ts";
import type { Output } from "./output.ts";

const words = {
  error: { en: "error", zh: "错误" },
  warning: { en: "warning", zh: "警告" },
  info: { en: "info", zh: "提示" },
  accepted: { en: "accepted", zh: "已接受" },
} as const;

/** One block: severity, id and place; why; what to do. */
function block(finding: Judged, place: string, out: Output): string {
  const { colors } = out;
  const kind = finding.accepted ? "accepted" : finding.severity;
  const paint =
    kind === "error"
      ? colors.red
      : kind === "warning"
        ? colors.yellow
        : kind === "info"
          ? colors.cyan
          : colors.dim;
  const width = Math.min(100, out.width) - 4;
  const body = [...wrap(out.say(finding.reason), width), ...wrap(`→ ${out.say(finding.fix)}`, width)];
  return [
    `${paint(out.say(words[kind]))} ${colors.bold(finding.id)} ${colors.dim(place)}`,
    ...body.map((line) => `    ${line}`),
  ].join("\n");
}

/** @param place where in the document a path stands, `mall.yaml:7:5` */
export const findingsText = (
  findings: readonly Judged[],
  place: (path: string) => string,
  out: Output,
): string => findings.map((f) => block(f, place(f.path), out)).join("\n");

/** `1 error, 2 warnings, 1 accepted` in the user's language; empty when there is nothing. */
export function countText(findings: readonly Judged[], out: Output): string {
  const counts = (["error", "warning", "info", "accepted"] as const).map((kind) => {
    const n = findings.filter((f) => (f.accepted ? "accepted" : f.severity) === kind).length;
    const plural = kind === "error" || kind === "warning" ? "s" : "";
    return n === 0
      ? ""
      : out.say({ en: `${n} ${words[kind].en}${n === 1 ? "" : plural}`, zh: `${n} 个${words[kind].zh}` });
  });
  return counts.filter((c) => c !== "").join(out.say({ en: ", ", zh: "，" }));
}
