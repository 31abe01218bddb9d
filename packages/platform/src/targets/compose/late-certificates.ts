/**
 * Certificates that were delivered and that a server can take up only by a restart: because it reads them at its start
 * alone, or because the one that it still serves has expired, so that nobody can connect to tell it to read again.
 */
import type { InstanceName, MallPlan } from "../../plan/model.ts";
import { instancesOn, type Located } from "../../plan/names.ts";
import { expectedFingerprints } from "../../secrets/bundle.ts";
import { servedVerdicts } from "../../secrets/overview.ts";
import type { SecretSnapshot } from "../../secrets/store.ts";
import { servicesOf } from "../../services/plan-mall.ts";
import { askAgent } from "./agent.ts";
import { containersOf, type RunningContainer } from "./containers.ts";
import { type RolloutContext, rolloutService } from "./rollout.ts";
import { type Delivered, deliveries } from "./secret-volumes.ts";

export interface LateContext extends RolloutContext {
  readonly stateHome: string;
  /** What has been delivered. */
  readonly snapshot: SecretSnapshot;
}

type Containers = ReadonlyMap<InstanceName, Pick<RunningContainer, "status" | "startedAt">>;
type Deliveries = ReadonlyMap<InstanceName, Delivered>;

/** Pure. Running servers that read their certificate at their start only, and were started before theirs came. */
export function lateReaders(
  plan: MallPlan,
  containers: Containers,
  delivered: Deliveries,
): readonly Located[] {
  return startedBefore(plan, containers, delivered).filter(({ instance }) =>
    instance.secrets.some(({ ref }) => ref.kind === "certificate" && ref.rotate === "roll"),
  );
}

/**
 * Pure. Running servers that are told by a command to read their certificate again, and were given one in the place
 * of one that has ended since they were started. Those that watch their files need nobody. Some may have taken up the
 * new one while the old one was good: what is served tells.
 */
export function expiredReaders(
  plan: MallPlan,
  containers: Containers,
  delivered: Deliveries,
  now: number,
): readonly Located[] {
  return startedBefore(plan, containers, delivered).filter(({ instance }) => {
    const end = delivered.get(instance.name)?.formerEndsAt;
    const isTold = instance.secrets.some(({ ref }) => ref.kind === "certificate" && ref.rotate === "command");
    return isTold && end !== undefined && end <= now;
  });
}

const startedBefore = (plan: MallPlan, containers: Containers, delivered: Deliveries) =>
  instancesOn(plan, "compose").filter(({ instance }) => {
    const container = containers.get(instance.name);
    return (
      container?.status === "running" &&
      Date.parse(container.startedAt) < (delivered.get(instance.name)?.at ?? 0)
    );
  });

/** Where late certificates are looked for; it needs no more than that something was delivered. */
export type LateLook = Pick<LateContext, "engine" | "plan" | "stateHome" | "agent" | "signal" | "snapshot">;

/** What {@link lateReaders} says of the mall as it runs. */
export async function findLateReaders(context: LateLook): Promise<readonly Located[]> {
  const { containers, delivered } = await look(context);
  return lateReaders(context.plan, containers, delivered);
}

/** How long the agent may take to say what it sees; it looks every two seconds, and may be starting. */
const answerTimeoutMs = 30_000;

/**
 * What {@link expiredReaders} says of the mall as it runs, without those that are seen to serve the new certificate.
 * None when the agent, which sees what is served, does not answer.
 */
export async function findExpiredReaders(context: LateLook): Promise<readonly Located[]> {
  const { containers, delivered } = await look(context);
  const suspects = expiredReaders(context.plan, containers, delivered, Date.now());
  if (suspects.length === 0) return [];
  const status = await askAgent(context.agent, { signal: context.signal, timeoutMs: answerTimeoutMs });
  if (status === undefined) return [];
  const served = servedVerdicts(status.services.map((one) => one.state));
  const wanted = expectedFingerprints(context.plan, context.snapshot);
  return suspects.filter(({ instance }) => served.get(wanted.get(instance.name) ?? "") !== "served");
}

async function look({ engine, plan, stateHome }: LateLook): Promise<{
  readonly containers: ReadonlyMap<InstanceName, RunningContainer>;
  readonly delivered: Deliveries;
}> {
  const [containers, delivered] = await Promise.all([
    containersOf(engine, plan.mall),
    deliveries(stateHome, plan.mall),
  ]);
  return { containers, delivered };
}

/** One after the other, in the order and with the waits of their service. */
export async function restartReaders(context: RolloutContext, late: readonly Located[]): Promise<void> {
  for (const service of servicesOf(context.mall)) {
    const changes = late
      .filter((found) => found.service === service.name)
      .map(({ instance }) => ({
        instance: instance.name,
        apply: "restart" as const,
        what: ["certificate"],
      }));
    if (changes.length > 0) await rolloutService(context, service, changes);
  }
}

/**
 * The same for those whose certificate has expired under them. A cluster with more than one such is not whole again
 * before the last of them is restarted, so that none of the steps waits for it.
 */
export const restartExpired = (context: RolloutContext, late: readonly Located[]): Promise<void> =>
  restartReaders({ ...context, untilHealthyOnly: true }, late);
