/** Carries out a service's rolling change: one step at a time, each proven before the next begins. */
import type { AgentClient } from "../../agent/client.ts";
import type { MallStatus } from "../../agent/status.ts";
import type { Engine } from "../../engine/engine.ts";
import { messageOf } from "../../errors.ts";
import type { MallPlan } from "../../plan/model.ts";
import { instancesOn } from "../../plan/names.ts";
import type { AnyService, InstanceChange, Step } from "../../services/service.ts";
import type { Mall } from "../../spec/mall.ts";
import { waitConverged } from "./agent.ts";
import { containerName } from "./names.ts";
import { composeUp } from "./project.ts";
import { waitHealthy } from "./wait.ts";

export interface RolloutContext {
  readonly engine: Engine;
  readonly mall: Mall;
  readonly plan: MallPlan;
  readonly folder: string;
  readonly agent: AgentClient;
  readonly signal: AbortSignal;
  readonly note: (detail: string) => void;
  /** Waits for each container's own probe alone: for a service that cannot be whole before the last step is done. */
  readonly untilHealthyOnly?: true;
}

/** Longest wait for one step: a database's orderly stop, its start and its catching up. */
const stepTimeoutMs = 180_000;

/** A service that is not whole is changed all the same, after this time. */
const lookTimeoutMs = 10_000;

/** @returns the steps that were done, in order, with what was said about them. */
export async function rolloutService(
  context: RolloutContext,
  service: AnyService,
  changes: readonly InstanceChange[],
): Promise<readonly { readonly step: Step; readonly ms: number; readonly remark: string }[]> {
  const spec = context.mall.services[service.name];
  const status = await look(context, service).catch(() => undefined);
  const state = status?.services.find((one) => one.service === service.name)?.state;
  const steps = service.rollout(spec, state, changes);
  const done: { step: Step; ms: number; remark: string }[] = [];
  for (const [index, step] of steps.entries()) {
    context.signal.throwIfAborted();
    context.note(`${index + 1} of ${steps.length}: ${step.action} ${step.instance} (${step.why})`);
    const startedAt = Date.now();
    const remark = await prepare(context, service, step);
    await perform(context, step);
    await waitHealthy(context.engine, context.mall.site.name, [step.instance], {
      timeoutMs: stepTimeoutMs,
      signal: context.signal,
    });
    if (step.until === "converged" && context.untilHealthyOnly !== true) {
      await waitConverged(context.agent, context.mall, {
        service: service.name,
        timeoutMs: stepTimeoutMs,
        signal: context.signal,
      });
    }
    done.push({ step, ms: Date.now() - startedAt, remark });
  }
  return done;
}

/** An agent that has just been replaced itself has seen nothing yet; the order of the steps rests on what it sees. */
async function look(context: RolloutContext, service: AnyService): Promise<MallStatus> {
  const { agent, signal } = context;
  // Waiting until all is well is in vain there, and what it sees now will do.
  if (context.untilHealthyOnly === true) return agent.status();
  return (await agent.reconcile({ service: service.name, waitMs: lookTimeoutMs, signal })).status;
}

async function prepare(context: RolloutContext, service: AnyService, step: Step): Promise<string> {
  if (step.prepare === undefined) return "";
  try {
    await context.agent.perform(service.name, step.prepare, context.signal);
    return "";
  } catch (error) {
    // The agent may be the thing that is being replaced, or ill; the step itself is still safe, only less gentle.
    return `went on without ${step.prepare.kind}: ${messageOf(error)}`;
  }
}

async function perform(context: RolloutContext, step: Step): Promise<void> {
  const { engine, mall, plan, folder } = context;
  if (step.action === "recreate") {
    await composeUp(engine, mall.site.name, folder, [step.instance], {
      recreate: true,
      signal: context.signal,
    });
    return;
  }
  const container = containerName(mall.site.name, step.instance);
  const signal = instancesOn(plan, "compose").find((found) => found.instance.name === step.instance)?.workload
    .reloadSignal;
  if (step.action === "reload" && signal !== undefined) {
    await engine.docker(["kill", "--signal", signal, container]);
    return;
  }
  await engine.docker(["restart", container]);
}
