/** Order of a rolling change: the controller last, and never two brokers. Pure. */
import type { InstanceChange, Step } from "../service.ts";
import type { KafkaSpec } from "./spec.ts";
import { isUp, type KafkaState } from "./state.ts";

/**
 * One at a time, the next when every partition has all its copies again: an orderly stop hands each partition over, so
 * clients notice no more than that. A broker that does not answer comes first: it can only get better.
 */
export function rolloutKafka(
  _spec: KafkaSpec,
  state: KafkaState | undefined,
  changes: readonly InstanceChange[],
): readonly Step[] {
  const order = (change: InstanceChange): number => {
    const broker = state?.brokers.find((b) => b.instance === change.instance);
    if (broker === undefined || !isUp(broker)) return 0;
    return state?.cluster?.controller === change.instance ? 2 : 1;
  };
  return changes
    .filter((change) => change.apply !== "live")
    .sort((a, b) => order(a) - order(b))
    .map((change) => ({
      instance: change.instance,
      action: change.apply === "recreate" ? "recreate" : "restart",
      why: change.what.join(", "),
      until: "converged",
    }));
}
