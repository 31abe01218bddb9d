/** Order of a rolling change: followers first, the leader last, and never two. Pure. */
import type { InstanceChange, Step } from "../service.ts";
import type { ZookeeperSpec } from "./spec.ts";
import { isUp, type ZookeeperState } from "./state.ts";

/** One at a time, the next when all take part again. A node that does not answer comes first: it can only get better. */
export function rolloutZookeeper(
  _spec: ZookeeperSpec,
  state: ZookeeperState | undefined,
  changes: readonly InstanceChange[],
): readonly Step[] {
  const order = (change: InstanceChange): number => {
    const node = state?.nodes.find((n) => n.instance === change.instance);
    if (node === undefined || !isUp(node)) return 0;
    return node.mode === "leader" ? 2 : 1;
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
