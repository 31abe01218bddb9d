/** `mall status` on Compose: what the engine says of the containers beside what the agent says of the servers. */
import type { MallStatus } from "../../agent/status.ts";
import type { MallPlan } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";
import type { RunningContainer } from "./containers.ts";

export interface InstanceStatus {
  readonly instance: string;
  readonly service: string;
  readonly status: RunningContainer["status"] | "absent";
  readonly health: RunningContainer["health"];
  readonly restarts: number;
  readonly image: string;
  readonly startedAt: string;
  readonly roles: readonly string[];
}

export interface MallView {
  readonly mall: string;
  /** Every container healthy, and the agent has nothing left to do. */
  readonly ok: boolean;
  readonly instances: readonly InstanceStatus[];
  /** Undefined when the agent does not answer; `agentError` then says why. */
  readonly agent: MallStatus | undefined;
  readonly agentError: string | undefined;
}

/** Pure. */
export function viewOf(
  plan: MallPlan,
  running: ReadonlyMap<string, RunningContainer>,
  agent: MallStatus | undefined,
  agentError: string | undefined,
): MallView {
  const instances = instancesOn(plan, "compose").map(({ service, instance }): InstanceStatus => {
    const container = running.get(instance.name);
    return {
      instance: instance.name,
      service,
      status: container?.status ?? "absent",
      health: container?.health ?? "none",
      restarts: container?.restarts ?? 0,
      image: container?.image ?? "",
      startedAt: container?.startedAt ?? "",
      roles: rolesOf(agent, instance.name),
    };
  });
  const healthy = instances.every((one) => one.status === "running" && one.health === "healthy");
  return {
    mall: plan.mall,
    ok: healthy && agent?.converged === true,
    instances,
    agent,
    agentError,
  };
}

const rolesOf = (agent: MallStatus | undefined, instance: string): readonly string[] =>
  (agent?.services ?? []).flatMap((service) =>
    Object.entries(service.roles).flatMap(([role, holders]) => (holders.includes(instance) ? [role] : [])),
  );
