/** A mall held to the rules: its findings, where in the document they stand, and whether it may go on. */
import type { MallPlan } from "../plan/model.ts";
import { instancesOn } from "../plan/names.ts";
import { checkRules } from "../rules/check.ts";
import { refuseIfStopped } from "../rules/errors.ts";
import type { Judged } from "../rules/judged.ts";
import { loadMallFile, thisHost } from "../services/mall-schema.ts";
import { planMall } from "../services/plan-mall.ts";
import { services } from "../services/registry.ts";
import type { HostSize, LoadedMall } from "../spec/load.ts";
import type { Mall } from "../spec/mall.ts";
import type { Path } from "../spec/yaml.ts";
import { countText, findingsText } from "./findings.ts";
import type { Output } from "./output.ts";

/** Sum in bytes of the memory limits of what this machine would run. */
export const plannedBytes = (plan: MallPlan): number =>
  instancesOn(plan, "compose").reduce((sum, { workload }) => sum + workload.resources.memoryBytes, 0);

/** Pure. Every finding, with whether the mall fits a machine of this size. */
export const findingsOf = (mall: Mall, plan: MallPlan, host: HostSize): readonly Judged[] =>
  checkRules(mall, services, { memoryBytes: host.memoryBytes, plannedBytes: plannedBytes(plan) });

/** `accept[0]` → `["accept", 0]`. */
const pathOf = (text: string): Path =>
  [...text.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map((m) => (m[2] === undefined ? (m[1] ?? "") : Number(m[2])));

/** `mall.yaml:7:5: services.mysql.memory`, or the path alone where the document does not say it. */
export function placeOf(loaded: LoadedMall, path: string): string {
  const parts = pathOf(path);
  if (path === "" || !loaded.source.has(parts)) return path;
  const { line, column } = loaded.source.place(parts, "key");
  return `${loaded.source.file}:${line}:${column}: ${path}`;
}

export interface CheckedMall {
  readonly loaded: LoadedMall;
  readonly findings: readonly Judged[];
}

/**
 * Reads `-f` and holds it to the rules; judging is left to the caller.
 * @throws SPEC_* where the document cannot be read or understood
 */
export async function checkedMall(
  file: string | undefined,
  host: HostSize = thisHost(),
): Promise<CheckedMall> {
  const loaded = await loadMallFile(file, host);
  return { loaded, findings: findingsOf(loaded.mall, planMall(loaded.mall), host) };
}

/**
 * For a verb that makes the mall: warnings are said on stderr (not what is accepted or for information only), and an
 * error ends it.
 * @throws SPEC_REFUSED
 */
export function heedRules(loaded: LoadedMall, mall: Mall, plan: MallPlan, out: Output): void {
  const findings = findingsOf(mall, plan, thisHost());
  refuseIfStopped(findings);
  const warnings = findings.filter((f) => f.severity === "warning" && !f.accepted);
  if (warnings.length === 0 || out.quiet) return;
  const said = findingsText(warnings, (path) => placeOf(loaded, path), out);
  out.warn({ en: `${countText(warnings, out)}\n${said}`, zh: `${countText(warnings, out)}\n${said}` });
}
