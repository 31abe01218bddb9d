import { defineErrors, entry, type Language } from "../errors.ts";
import type { Judged } from "./judged.ts";

const lines = (findings: readonly Judged[], language: Language): string =>
  findings.map((f) => `\n  ${f.id} (${f.path}): ${f.reason[language]}\n    → ${f.fix[language]}`).join("");

export const ruleError = defineErrors("rules", {
  SPEC_REFUSED: entry<{ details: readonly Judged[] }>(
    "input",
    (p) => ({
      what: `the mall as described would not work or would put data at risk:${lines(p.details, "en")}`,
      fix: p.details.some((f) => f.acceptable)
        ? `Mend it in mall.yaml, or take the risk knowingly: accept: [${p.details
            .filter((f) => f.acceptable)
            .map((f) => f.id)
            .join(", ")}]`
        : "Mend it in mall.yaml.",
    }),
    (p) => ({
      what: `按此描述，商城无法工作，或会使数据面临风险：${lines(p.details, "zh")}`,
      fix: p.details.some((f) => f.acceptable)
        ? `请在 mall.yaml 中修正，或明知风险而接受：accept: [${p.details
            .filter((f) => f.acceptable)
            .map((f) => f.id)
            .join(", ")}]`
        : "请在 mall.yaml 中修正。",
    }),
  ),
});

/** @throws SPEC_REFUSED naming everything that stops. */
export function refuseIfStopped(findings: readonly Judged[]): void {
  const stopping = findings.filter((f) => f.stops);
  if (stopping.length > 0) throw ruleError.SPEC_REFUSED({ details: stopping });
}
