/** Order of a rolling change. Pure. */
import type { InstanceChange, Step } from "../service.ts";
import type { MinioSpec } from "./spec.ts";
import type { MinioState } from "./state.ts";

/**
 * One node at a time, the next when all four are there and nothing heals: a second one away at the same time would
 * stop the writes. A node that does not answer comes first: it can only get better.
 *
 * A node that starts waits for another one with the same variables and the same program (cmd/bootstrap-peer-server.go).
 * Where those change, the first one is therefore not waited for alone: it comes back with the second. Until then, some
 * seconds, writes are refused.
 */
export function rolloutMinio(
  _spec: MinioSpec,
  state: MinioState | undefined,
  changes: readonly InstanceChange[],
): readonly Step[] {
  const down = (change: InstanceChange): boolean =>
    state?.nodes.some((node) => node.instance === change.instance && !node.up) === true;
  return changes
    .filter((change) => change.apply !== "live")
    .sort((a, b) => Number(down(b)) - Number(down(a)))
    .map((change, index, all) => ({
      instance: change.instance,
      action: change.apply === "recreate" ? "recreate" : "restart",
      why: change.what.join(", "),
      until: index === 0 && all.length > 1 && changesProgram(all) ? "healthy" : "converged",
    }));
}

const changesProgram = (changes: readonly InstanceChange[]): boolean =>
  changes.some((change) => change.what.some((what) => what !== "certificate"));
