/** All services' loops side by side, over the mall as it is now. A changed mall starts, ends or re-aims them. */
import { messageOf } from "../errors.ts";
import { digest } from "../plan/config-file.ts";
import type { MallPlan } from "../plan/model.ts";
import { planMall, servicesOf } from "../services/plan-mall.ts";
import type { ActionBase, AnyService, Ctx, LogEntry, Net, SecretReader } from "../services/service.ts";
import type { Mall } from "../spec/mall.ts";
import type { NewEvent } from "./events.ts";
import type { Lease } from "./lease.ts";
import type { Metrics } from "./metrics.ts";
import { createRoleBoard } from "./roles.ts";
import { type Runner, startRunner } from "./runner.ts";
import { sleep } from "./sleep.ts";
import type { MallStatus } from "./status.ts";
import type { Timing } from "./timing.ts";

export interface LoopDeps {
  readonly registry: readonly AnyService[];
  /** A service whose every workload is left out on this target is the target's own business there. */
  readonly target: "compose" | "kubernetes";
  readonly net: (plan: MallPlan) => Net;
  readonly secrets: SecretReader;
  readonly lease: Lease;
  readonly metrics: Metrics;
  readonly record: (event: NewEvent) => void;
  readonly log: (entry: LogEntry) => void;
  readonly timing: Timing;
  readonly now: () => number;
}

export interface Loop {
  /** Takes up a mall. @throws what planning throws; the former mall stays in force then. */
  apply(mall: Mall): Promise<void>;
  /** Says why a changed mall was not taken up; shown until one is. */
  refused(reason: string): void;
  status(): MallStatus;
  plan(): MallPlan | undefined;
  /** A service's context for whatever runs beside its loop, such as checks. */
  contexts(signal: AbortSignal): readonly { readonly service: AnyService; readonly ctx: Ctx }[];
  kick(service?: string): void;
  /** Whether the service, or every one, has nothing left to do by an observation newer than this call. */
  settled(service: string | undefined, timeoutMs: number): Promise<boolean>;
  /** @returns false when there is no such service. @throws what the action throws. */
  perform(service: string, action: ActionBase): Promise<boolean>;
  stop(graceMs: number): Promise<void>;
}

interface Current {
  readonly mall: Mall;
  readonly plan: MallPlan;
  readonly net: Net;
  readonly digest: string;
}

/** How often a lease that is not held is asked for again, ms: a successor acts within this time. */
const leaseRetryMs = 1_000;

export function createLoop(deps: LoopDeps): Loop {
  const { now } = deps;
  const board = createRoleBoard(now, deps.timing.staleMs);
  const runners = new Map<string, Runner>();
  const stopping = new AbortController();
  const startedAt = new Date(now()).toISOString();
  let current: Current | undefined;
  let configError: string | undefined;

  function context(service: string, signal: AbortSignal): Ctx {
    if (current === undefined) throw new Error("no mall yet");
    const { mall, plan, net } = current;
    const own = plan.services.find((s) => s.service === service);
    if (own === undefined) throw new Error(`${service} is no part of this mall`);
    return {
      site: mall.site,
      spec: mall.services[service],
      plan,
      own,
      net,
      secrets: deps.secrets,
      roles: board,
      signal,
      patience: 1,
      now,
      log: (entry) => deps.log({ service, ...entry }),
    };
  }

  const present = ({ mall, plan }: Current): readonly AnyService[] =>
    servicesOf(mall, deps.registry).filter(({ name }) => {
      const workloads = plan.services.find((s) => s.service === name)?.workloads ?? [];
      return workloads.length === 0 || workloads.some((w) => (w.onlyOn ?? deps.target) === deps.target);
    });

  async function keepLease(): Promise<void> {
    while (!stopping.signal.aborted) {
      let held = false;
      try {
        held = deps.lease.held() || (await deps.lease.acquire());
      } catch (error) {
        deps.log({ level: "error", message: `lease: ${messageOf(error)}` });
      }
      deps.metrics.lease(held);
      await sleep(leaseRetryMs, stopping.signal);
    }
  }
  const lease = keepLease();

  return {
    async apply(mall) {
      const plan = planMall(mall, deps.registry);
      current = { mall, plan, net: deps.net(plan), digest: digest(mall) };
      configError = undefined;
      const wanted = present(current);
      const names = new Set(wanted.map((s) => s.name));
      const leaving = [...runners].filter(([name]) => !names.has(name));
      for (const [name] of leaving) runners.delete(name);
      for (const service of wanted) {
        const running = runners.get(service.name);
        if (running !== undefined) {
          running.kick();
          continue;
        }
        runners.set(
          service.name,
          startRunner({
            service,
            ctx: (signal) => context(service.name, signal),
            lease: () => deps.lease.held(),
            board,
            record: deps.record,
            metrics: deps.metrics,
            timing: deps.timing,
            now,
          }),
        );
      }
      // An action in hand may take its time; the services that stay do not wait for it, the next mall does.
      await Promise.all(
        leaving.map(async ([name, runner]) => {
          await runner.stop(deps.timing.actTimeoutMs);
          deps.metrics.forget(name);
        }),
      );
    },
    refused(reason) {
      configError = reason;
    },
    status() {
      const services = [...runners.values()].map((r) => r.status());
      return {
        mall: current?.mall.site.name ?? "",
        converged: configError === undefined && services.length > 0 && services.every((s) => s.converged),
        plan: current?.digest ?? "",
        configError,
        lease: deps.lease.held(),
        startedAt,
        residentBytes: process.memoryUsage.rss(),
        services,
      };
    },
    plan: () => current?.plan,
    contexts: (signal) =>
      current === undefined
        ? []
        : present(current).map((service) => ({
            service,
            ctx: context(service.name, signal),
          })),
    kick(service) {
      for (const [name, runner] of runners) if (service === undefined || name === service) runner.kick();
    },
    async settled(service, timeoutMs) {
      const asked = [...runners].filter(([name]) => service === undefined || name === service);
      const settled = await Promise.all(asked.map(([, runner]) => runner.settled(timeoutMs)));
      return settled.length > 0 && settled.every((s) => s);
    },
    async perform(service, action) {
      const runner = runners.get(service);
      if (runner === undefined) return false;
      await runner.perform(action);
      return true;
    },
    async stop(graceMs) {
      stopping.abort();
      await Promise.all([...runners.values()].map((r) => r.stop(graceMs)));
      await lease;
      await deps.lease.release();
    },
  };
}
