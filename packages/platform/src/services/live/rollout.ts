/** One instance at a time, the next when all serve again: the application first, which the others ask. Pure. */
import type { InstanceChange, Step } from "../service.ts";
import { kinds, namesOf } from "./names.ts";

const order = [...kinds].reverse().flatMap(namesOf);

export const rolloutLive = (changes: readonly InstanceChange[]): readonly Step[] =>
  changes
    .filter((change) => change.apply !== "live")
    .sort((a, b) => order.indexOf(a.instance) - order.indexOf(b.instance))
    .map((change) => ({
      instance: change.instance,
      action: change.apply === "recreate" ? "recreate" : "restart",
      why: change.what.join(", "),
      until: "converged",
    }));
