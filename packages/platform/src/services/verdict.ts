/** A check's result in one call. */
import type { Text } from "../text.ts";
import type { CheckResult, Evidence } from "./service.ts";

const verdict =
  (is: "pass" | "fail" | "deviates") =>
  (detail: Text, evidence: readonly Evidence[]): CheckResult => ({ verdict: is, detail, evidence });

export const passed = verdict("pass");
export const failed = verdict("fail");
export const deviates = verdict("deviates");
