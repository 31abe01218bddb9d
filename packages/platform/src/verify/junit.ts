/**
 * JUnit's XML, as CI servers read it (the schema that Jenkins' and GitLab's importers share): a failure fails, what
 * was not run or is pending is skipped with its reason, what deviates or is accepted passes and says so.
 */
import type { CheckReport, ReportGroup, VerifyResult } from "./report.ts";

export function junit(result: VerifyResult): string {
  const all = result.groups.flatMap((g) => g.reports);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mall verify ${xmlText(result.mall)}" ${counts(all)} time="${seconds(result.durationMs)}">
${result.groups.map((group) => suite(group, result.startedAt)).join("\n")}
</testsuites>
`;
}

function suite({ service, reports }: ReportGroup, startedAt: string): string {
  const time = seconds(reports.reduce((sum, r) => sum + r.durationMs, 0));
  return `  <testsuite name="${xmlText(service)}" ${counts(reports)} errors="0" time="${time}" timestamp="${startedAt}">
${reports.map(testcase).join("\n")}
  </testsuite>`;
}

function testcase(report: CheckReport): string {
  const { id, service, requirements, title } = report;
  const name = `${id}: ${title.en} [${requirements.join(", ")}]`;
  return `    <testcase classname="${xmlText(service)}" name="${xmlText(name)}" time="${seconds(report.durationMs)}">
${outcome(report)}    </testcase>`;
}

function outcome({ verdict, detail, evidence, ranAt }: CheckReport): string {
  const read = evidence.map((e) => `${e.from}: ${e.read}`).join("\n");
  const said = ranAt === undefined ? detail.en : `${detail.en}; run at ${ranAt}`;
  const out = `      <system-out>${xmlText([`${verdict}: ${said}`, read].filter((s) => s !== "").join("\n"))}</system-out>\n`;
  switch (verdict) {
    case "fail":
      return `      <failure message="${xmlText(said)}">${xmlText(read)}</failure>\n`;
    case "not-run-here":
    case "pending":
      return `      <skipped message="${xmlText(`${verdict}: ${said}`)}"/>\n`;
    case "pass":
    case "deviates":
    case "accepted":
      return out;
  }
}

function counts(reports: readonly CheckReport[]): string {
  const of = (...verdicts: readonly string[]) => reports.filter((r) => verdicts.includes(r.verdict)).length;
  return `tests="${reports.length}" failures="${of("fail")}" skipped="${of("not-run-here", "pending")}"`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** Characters that XML 1.0 forbids, even escaped, become the replacement character: evidence is what a server said. */
function xmlText(value: string): string {
  return (
    value
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are to be replaced.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c)
  );
}
