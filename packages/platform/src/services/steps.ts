/** A check that goes step by step, each with what was read. */
import { messageOf } from "../errors.ts";
import type { Evidence } from "./service.ts";

export type Step = (from: string, read: string, right: boolean) => void;

/** Steps that must all hold, each with what was read and how long it took. The first error ends it, as `whom`'s word. */
export async function steps(
  whom: string,
  work: (step: Step) => Promise<void>,
): Promise<{ readonly right: boolean; readonly evidence: readonly Evidence[] }> {
  const evidence: Evidence[] = [];
  let right = true;
  let at = performance.now();
  const step: Step = (from, read, holds) => {
    const seconds = ((performance.now() - at) / 1000).toFixed(1);
    at = performance.now();
    evidence.push({ from, read: `${read}; ${seconds} s${holds ? "" : " (not as wanted)"}` });
    right &&= holds;
  };
  try {
    await work(step);
  } catch (error) {
    step(whom, messageOf(error), false);
  }
  return { right: right && evidence.length > 0, evidence };
}
