/** Pure: what must be done so that what runs is what was rendered. */
import { appliedBy } from "../../plan/config-file.ts";
import type { InstanceName, MallPlan } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";
import type { InstanceChange } from "../../services/service.ts";
import type { RunningContainer } from "./containers.ts";

export interface Difference {
  /** No container yet. */
  readonly missing: readonly InstanceName[];
  /** A container that is as it should be, but not running. */
  readonly stopped: readonly InstanceName[];
  /** Containers of the mall that the plan does not have. */
  readonly surplus: readonly InstanceName[];
  readonly changes: readonly InstanceChange[];
}

export function compareRunning(
  plan: MallPlan,
  definitions: ReadonlyMap<InstanceName, string>,
  running: ReadonlyMap<InstanceName, RunningContainer>,
  applied: MallPlan | undefined,
): Difference {
  const before = new Map(
    applied === undefined ? [] : instancesOn(applied, "compose").map((found) => [found.instance.name, found]),
  );
  const wanted = instancesOn(plan, "compose");
  const missing: InstanceName[] = [];
  const stopped: InstanceName[] = [];
  const changes: InstanceChange[] = [];
  for (const { instance } of wanted) {
    const container = running.get(instance.name);
    if (container === undefined) {
      missing.push(instance.name);
      continue;
    }
    const current = container.definition === definitions.get(instance.name);
    if (!current) {
      changes.push({ instance: instance.name, apply: "recreate", what: ["definition"] });
      continue;
    }
    if (container.status !== "running" && container.status !== "restarting") stopped.push(instance.name);
    const old = before.get(instance.name)?.instance;
    for (const apply of ["reload", "live"] as const) {
      const now = appliedBy(instance, apply);
      const then = old === undefined ? [] : appliedBy(old, apply);
      // A mall whose first `up` was cut short has no applied plan: a reload too many does no harm.
      const what = now.filter((setting) => !then.includes(setting));
      if (what.length > 0 || now.length !== then.length)
        changes.push({ instance: instance.name, apply, what });
    }
  }
  const names = new Set(wanted.map(({ instance }) => instance.name));
  return { missing, stopped, surplus: [...running.keys()].filter((name) => !names.has(name)), changes };
}

/** True when nothing has to be done. */
export const isEmpty = (difference: Difference): boolean =>
  difference.missing.length === 0 &&
  difference.stopped.length === 0 &&
  difference.surplus.length === 0 &&
  difference.changes.length === 0;
