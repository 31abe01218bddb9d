/** Order of a rolling change: replicas first, then each master after it has handed over. Pure. */
import type { InstanceChange, Step } from "../service.ts";
import type { HandOver } from "./actions.ts";
import type { RedisSpec } from "./spec.ts";
import { isUp, type RedisState } from "./state.ts";

/**
 * One instance at a time, the next when the cluster is whole again. Each step is prepared by handing over whatever
 * the instance masters at that moment: roles may have moved since this was planned. Without an observation the
 * instances made as replicas, which are the last ones, come first.
 */
export function rolloutRedis(
  _spec: RedisSpec,
  state: RedisState | undefined,
  changes: readonly InstanceChange[],
): readonly Step[] {
  const nodes = state?.nodes.filter(isUp) ?? [];
  const order = (change: InstanceChange): number => {
    const node = nodes.find((n) => n.instance === change.instance);
    // Nothing is served by what does not answer: it can only get better.
    if (node === undefined) return 0;
    return node.self.role === "replica" ? 1 : 2;
  };
  return changes
    .filter((change) => change.apply !== "live")
    .reverse()
    .sort((a, b) => order(a) - order(b))
    .map((change) => {
      const prepare: HandOver = {
        kind: "hand-over",
        target: change.instance,
        why: `${change.instance} is about to be restarted`,
      };
      return {
        instance: change.instance,
        action: change.apply === "recreate" ? "recreate" : "restart",
        why: change.what.join(", "),
        prepare,
        until: "converged",
      };
    });
}
