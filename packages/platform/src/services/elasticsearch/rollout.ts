/** Order of a rolling change: nodes that do not vote first, the elected master last. Pure. */
import type { InstanceChange, Step } from "../service.ts";
import type { PrepareRestart } from "./actions.ts";
import { type ElasticsearchSpec, nodeRoles } from "./spec.ts";
import type { ElasticsearchState } from "./state.ts";

/**
 * One instance at a time, the next when all indices are green again. Copies of a node that is away are waited for
 * (a minute, the server's own default of `delayed_timeout`), so nothing is copied about.
 */
export function rolloutElasticsearch(
  spec: ElasticsearchSpec,
  state: ElasticsearchState | undefined,
  changes: readonly InstanceChange[],
): readonly Step[] {
  const rank = ({ instance }: InstanceChange): number => {
    const index = state?.nodes.findIndex((n) => n.instance === instance) ?? -1;
    // Nothing is served by what does not answer: it can only get better.
    if (state?.nodes[index]?.up === false) return 0;
    if (state?.cluster?.master === instance) return 3;
    return spec.roles[index]?.includes(nodeRoles[0]) === false ? 1 : 2;
  };
  return changes
    .filter((change) => change.apply !== "live")
    .reverse()
    .sort((a, b) => rank(a) - rank(b))
    .map((change) => {
      const prepare: PrepareRestart = {
        kind: "prepare-restart",
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
