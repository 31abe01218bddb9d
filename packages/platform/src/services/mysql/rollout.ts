/** Order of a rolling change: replicas one by one, the primary last and only after its writes were closed in order. */
import type { InstanceName } from "../../plan/model.ts";
import type { InstanceChange, Step } from "../service.ts";
import type { Action } from "./action.ts";
import { leadershipOf } from "./leadership.ts";
import { serverIdOf } from "./names.ts";
import type { State } from "./state.ts";

/**
 * Pure. Each step waits until the service is whole again: a second replica is never taken while the first catches
 * up, so a commit always finds one to acknowledge it. Until a switchover exists, restarting the primary is a gap in
 * writes: from its closing to its reopening.
 */
export function mysqlRollout(state: State | undefined, changes: readonly InstanceChange[]): readonly Step[] {
  const primary = primaryOf(state);
  return [...changes]
    .filter((change) => change.apply !== "live")
    .sort((a, b) => rank(a.instance, primary) - rank(b.instance, primary))
    .map((change): Step => {
      const step = {
        instance: change.instance,
        // The server reads its file at its start alone; what can be changed live the agent sets.
        action: change.apply === "recreate" ? "recreate" : "restart",
        until: "converged",
      } as const;
      const what = change.what.join(", ");
      if (change.instance !== primary) return { ...step, why: `replica first: ${what}` };
      const prepare: Action = {
        kind: "quiesce-primary",
        target: primary,
        why: "its planned restart",
      };
      return {
        ...step,
        prepare,
        why: `primary last: ${what}; writes wait from its closing until it is open again`,
      };
    });
}

function primaryOf(state: State | undefined): InstanceName | undefined {
  if (state === undefined) return undefined;
  const leadership = leadershipOf(state);
  return leadership.kind === "led" ? leadership.term.primary : undefined;
}

/** Highest number first: the lowest is where a new mall begins, so the likeliest primary when none is known. */
const rank = (instance: InstanceName, primary: InstanceName | undefined): number =>
  instance === primary ? 1 : -serverIdOf(instance);
