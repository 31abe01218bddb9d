/**
 * One service's loop: observe → decide → act until `decide` returns nothing. Knows no service by name. Whatever
 * goes wrong in it stays in it: it is said in the status and tried again.
 */
import { messageOf } from "../errors.ts";
import type { ActionBase, AnyService, Ctx } from "../services/service.ts";
import { createBackoff } from "./backoff.ts";
import type { NewEvent } from "./events.ts";
import type { Metrics } from "./metrics.ts";
import { createObserver, type Observation } from "./observer.ts";
import type { MutableRoleBoard } from "./roles.ts";
import { createSignal, sleep } from "./sleep.ts";
import type { PendingAction, ServiceStatus } from "./status.ts";
import { paceOf, type Timing } from "./timing.ts";

export interface RunnerDeps {
  readonly service: AnyService;
  /** Made anew for each step: the mall may have changed since the last one. */
  readonly ctx: (signal: AbortSignal) => Ctx;
  /** Whether we may act at this moment. */
  readonly lease: () => boolean;
  readonly board: MutableRoleBoard;
  readonly record: (event: NewEvent) => void;
  readonly metrics: Metrics;
  readonly timing: Timing;
  readonly now: () => number;
}

export interface Runner {
  status(): ServiceStatus;
  /** Observes now instead of at the end of the pause. */
  kick(): void;
  /** True as soon as an observation that began after this call finds nothing to do. */
  settled(timeoutMs: number): Promise<boolean>;
  /** Runs an action that an operator asks for, between the loop's own. @throws what `act` throws. */
  perform(action: ActionBase): Promise<void>;
  /** Ends after the step in hand; an action that does not heed its signal is not waited for longer than `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

interface Request {
  readonly action: ActionBase;
  readonly done: (error?: unknown) => void;
}

type Pace = "afterAction" | "unsettled" | "calm";

const keyOf = (action: ActionBase): string => `${action.kind} ${action.target}`;

export function startRunner(deps: RunnerDeps): Runner {
  const { service, timing, now } = deps;
  const pace = paceOf(timing, service);
  const stopping = new AbortController();
  const backoff = createBackoff(timing.backoffFirstMs, timing.backoffCapMs);
  const observer = createObserver(deps, stopping.signal);
  const wake = createSignal();
  const requests: Request[] = [];
  let pending: readonly ActionBase[] = [];
  let running: ActionBase | undefined;

  /** One action, logged; observations go on beside it so that status and roles stay fresh. */
  async function perform(action: ActionBase): Promise<unknown> {
    const started = now();
    const controller = new AbortController();
    const limit = setTimeout(
      () => controller.abort(new Error(`told to stop after ${timing.actTimeoutMs} ms`)),
      timing.actTimeoutMs,
    );
    const onStop = () => controller.abort(new Error("the agent stops"));
    stopping.signal.addEventListener("abort", onStop, { once: true });
    running = action;
    let outcome: { readonly error: unknown } | "done" | undefined;
    const acting = Promise.resolve()
      .then(() => service.act(deps.ctx(controller.signal), action))
      .then(
        () => {
          outcome = "done";
        },
        (error: unknown) => {
          outcome = { error };
        },
      );
    for (;;) {
      await Promise.race([acting, sleep(timing.calmMs, stopping.signal)]);
      if (outcome !== undefined || stopping.signal.aborted) break;
      await observer.observe();
    }
    // Never two acts at once: after a stop signal the one in hand is still waited for.
    await acting;
    clearTimeout(limit);
    stopping.signal.removeEventListener("abort", onStop);
    running = undefined;
    const error = typeof outcome === "object" ? outcome.error : undefined;
    const failed = error !== undefined;
    const base = {
      service: service.name,
      action: action.kind,
      target: action.target,
      why: action.why,
      durationMs: now() - started,
    };
    deps.record(
      failed ? { ...base, outcome: "failed", error: messageOf(error) } : { ...base, outcome: "done" },
    );
    deps.metrics.acted(service.name, action.kind, failed ? "failed" : "done");
    return error;
  }

  async function requested(): Promise<boolean> {
    const request = requests.shift();
    if (request === undefined) return false;
    request.done(await perform(request.action));
    return true;
  }

  /** Acts on what one observation asks for. @returns whether anything was done. */
  async function actOn(observation: Observation): Promise<boolean> {
    const setBack = new Set<string>();
    let acted = false;
    backoff.keep(new Set(observation.actions.map(keyOf)));
    for (const action of observation.actions) {
      if (stopping.signal.aborted || !deps.lease()) break;
      // Grounds that have grown old are no grounds: look again first. A waiting request goes first as well.
      if (now() - observation.at - observation.durationMs > timing.staleMs || requests.length > 0) break;
      const key = keyOf(action);
      // What failed on this target may be what the next step on it stands on.
      if (setBack.has(action.target) || setBack.has("service")) continue;
      if (backoff.holding(key, now()) !== undefined) {
        setBack.add(action.target);
        continue;
      }
      const error = await perform(action);
      if (error === undefined) {
        backoff.succeeded(key);
        pending = pending.filter((other) => other !== action);
        acted = true;
      } else {
        backoff.failed(key, messageOf(error), now());
        setBack.add(action.target);
      }
    }
    return acted;
  }

  async function round(): Promise<Pace> {
    if (await requested()) return "afterAction";
    const observation = await observer.observe();
    if (observation === undefined) return "unsettled";
    pending = observation.actions;
    const acted = await actOn(observation);
    if (acted) return "afterAction";
    return observation.actions.length === 0 && observation.summary.ok ? "calm" : "unsettled";
  }

  const paceMs = {
    afterAction: timing.afterActionMs,
    unsettled: timing.unsettledMs,
    calm: pace.calmMs,
  } satisfies Record<Pace, number>;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const started = now();
      const next = await round();
      deps.metrics.round(service.name, now() - started, converged());
      await wake.wait(paceMs[next], stopping.signal);
    }
    for (const request of requests.splice(0)) request.done(new Error("the agent stops"));
  }

  function converged(): boolean {
    const last = observer.last();
    return (
      last !== undefined &&
      observer.error() === undefined &&
      now() - last.at <= pace.staleMs &&
      last.actions.length === 0 &&
      last.summary.ok &&
      running === undefined &&
      requests.length === 0
    );
  }

  function pendingActions(): readonly PendingAction[] {
    const asked = requests.map((r) => r.action);
    const all = [
      ...(running === undefined ? [] : [running]),
      ...asked,
      ...pending.filter((action) => action !== running),
    ];
    return all.map(({ kind, target, why }, index) => {
      const failure = backoff.failure(`${kind} ${target}`);
      const isRunning = running !== undefined && index === 0;
      const waiting = failure !== undefined && failure.notBefore > now();
      const phase = isRunning ? "running" : !deps.lease() ? "held" : waiting ? "waiting" : "next";
      return {
        kind,
        target,
        why,
        phase,
        failures: failure?.failures ?? 0,
        ...(failure === undefined
          ? {}
          : { error: failure.error, retryAt: new Date(failure.notBefore).toISOString() }),
      };
    });
  }

  const finished = run();

  return {
    status() {
      const last = observer.last();
      return {
        service: service.name,
        converged: converged(),
        summary: last?.summary,
        pending: pendingActions(),
        roles: last?.roles ?? {},
        error: observer.error(),
        observedAt: last === undefined ? undefined : new Date(last.at).toISOString(),
        observeMs: last?.durationMs,
        state: last?.state,
      };
    },
    kick: () => wake.raise(),
    async settled(timeoutMs) {
      const asked = now();
      // Once: after that the loop's own pace is quick enough, and a waiting caller must not press the servers.
      wake.raise();
      for (;;) {
        const last = observer.last();
        if (last !== undefined && last.at >= asked && converged()) return true;
        const left = asked + timeoutMs - now();
        if (left <= 0 || stopping.signal.aborted) return false;
        await observer.next(left);
      }
    },
    perform(action) {
      return new Promise((resolve, reject) => {
        if (stopping.signal.aborted) return reject(new Error("the agent stops"));
        requests.push({ action, done: (error) => (error === undefined ? resolve() : reject(error)) });
        wake.raise();
      });
    },
    async stop(graceMs) {
      stopping.abort();
      deps.board.withdraw(service.name);
      await Promise.race([finished, sleep(graceMs)]);
    },
  };
}
