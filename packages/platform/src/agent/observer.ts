/** Observes one service within a time limit and derives from the state what the loop needs, all in one step. */
import { messageOf } from "../errors.ts";
import type { InstanceName } from "../plan/model.ts";
import type { ActionBase, AnyService, Ctx } from "../services/service.ts";
import type { Text } from "../text.ts";
import type { NewEvent } from "./events.ts";
import type { Metrics } from "./metrics.ts";
import type { MutableRoleBoard, Roles } from "./roles.ts";
import { sleep } from "./sleep.ts";
import type { Timing } from "./timing.ts";

export interface Observation {
  /** When it began, ms since the epoch: what it says is at least this old. */
  readonly at: number;
  readonly durationMs: number;
  readonly state: unknown;
  readonly actions: readonly ActionBase[];
  readonly summary: { readonly ok: boolean; readonly text: Text };
  readonly roles: Roles;
  readonly unseen: readonly InstanceName[];
}

export interface Observer {
  /** @returns undefined when it failed; `error()` says why. */
  observe(): Promise<Observation | undefined>;
  /** The last that succeeded. */
  last(): Observation | undefined;
  error(): string | undefined;
  /** Resolves when the next one is over, or the time is. */
  next(timeoutMs: number): Promise<void>;
}

export interface ObserverDeps {
  readonly service: AnyService;
  readonly ctx: (signal: AbortSignal) => Ctx;
  readonly board: MutableRoleBoard;
  readonly record: (event: NewEvent) => void;
  readonly metrics: Metrics;
  readonly timing: Timing;
  readonly now: () => number;
}

export function createObserver(deps: ObserverDeps, stop: AbortSignal): Observer {
  const { service, timing, now } = deps;
  let last: Observation | undefined;
  let error: string | undefined;
  /** One that overran its limit and did not heed the signal: another beside it would pile up connections. */
  let lingering: Promise<unknown> | undefined;
  const waiting = new Set<() => void>();

  async function read(): Promise<Observation> {
    const at = now();
    const controller = new AbortController();
    const ctx = deps.ctx(AbortSignal.any([controller.signal, stop]));
    const observing = service.observe(ctx);
    const over = Symbol("over");
    const ended = new AbortController();
    const state = await Promise.race([
      observing,
      sleep(timing.observeTimeoutMs, ended.signal).then(() => over),
    ]).finally(() => ended.abort());
    if (state === over) {
      controller.abort(new Error("observation took too long"));
      lingering = observing
        .catch(() => {})
        .finally(() => {
          lingering = undefined;
        });
      throw new Error(`no observation within ${timing.observeTimeoutMs} ms`);
    }
    const { spec } = ctx;
    return {
      at,
      durationMs: now() - at,
      state,
      actions: service.decide(spec, state),
      summary: service.summary(spec, state),
      roles: service.roles?.(spec, state) ?? {},
      unseen: service.unseen?.(spec, state) ?? [],
    };
  }

  /** Trouble is logged when it begins, changes or ends, not every two seconds. */
  function note(message: string | undefined, durationMs: number): void {
    if (message === error) return;
    const base = { service: service.name, action: "observe", target: "service", durationMs };
    deps.record(
      message === undefined
        ? { ...base, why: "observation works again", outcome: "note" }
        : { ...base, why: "the loop", outcome: "failed", error: message },
    );
  }

  return {
    async observe() {
      const started = now();
      let observation: Observation | undefined;
      let message: string | undefined;
      try {
        if (lingering !== undefined) throw new Error("the former observation still hangs");
        observation = await read();
      } catch (thrown) {
        message = messageOf(thrown);
        deps.metrics.failed(service.name, "observe");
      }
      if (stop.aborted) return undefined;
      note(message, now() - started);
      error = message;
      if (observation !== undefined) {
        last = observation;
        deps.board.publish(service.name, observation.roles, observation.at, observation.unseen);
        deps.metrics.observed(service.name, observation.durationMs, observation.at);
      }
      for (const wake of [...waiting]) wake();
      return observation;
    },
    last: () => last,
    error: () => error,
    next: (timeoutMs) =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, timeoutMs);
        waiting.add(end);
      }),
  };
}
