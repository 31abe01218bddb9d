/** The agent's own metrics, in Prometheus' text form. Names carry their unit. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  round(service: string, durationMs: number, converged: boolean): void;
  observed(service: string, durationMs: number, at: number): void;
  acted(service: string, action: string, outcome: "done" | "failed"): void;
  failed(service: string, phase: "observe"): void;
  lease(held: boolean): void;
  /** A service that left the mall takes its series with it. */
  forget(service: string): void;
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  // Process memory, CPU, open files, event loop lag.
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const rounds = new Histogram({
    name: "mall_agent_round_seconds",
    help: "Duration of one observe, decide, act round",
    labelNames: ["service"],
    buckets: [0.01, 0.05, 0.25, 1, 5, 15, 60, 300],
    registers,
  });
  const observations = new Gauge({
    name: "mall_agent_observe_seconds",
    help: "Duration of the last successful observation",
    labelNames: ["service"],
    registers,
  });
  const lastSuccess = new Gauge({
    name: "mall_agent_observed_timestamp_seconds",
    help: "When the last successful observation began; its age is time() minus this",
    labelNames: ["service"],
    registers,
  });
  const converged = new Gauge({
    name: "mall_agent_converged",
    help: "1 when nothing is left to do and the service calls itself well",
    labelNames: ["service"],
    registers,
  });
  const actions = new Counter({
    name: "mall_agent_actions_total",
    help: "Actions taken, by outcome",
    labelNames: ["service", "action", "outcome"],
    registers,
  });
  const errors = new Counter({
    name: "mall_agent_errors_total",
    help: "Failures of a phase of the loop",
    labelNames: ["service", "phase"],
    registers,
  });
  const leaseHeld = new Gauge({
    name: "mall_agent_lease",
    help: "1 while this agent may act",
    registers,
  });
  return {
    round(service, durationMs, isConverged) {
      rounds.observe({ service }, durationMs / 1000);
      converged.set({ service }, isConverged ? 1 : 0);
    },
    observed(service, durationMs, at) {
      observations.set({ service }, durationMs / 1000);
      lastSuccess.set({ service }, at / 1000);
    },
    acted(service, action, outcome) {
      actions.inc({ service, action, outcome });
      if (outcome === "failed") errors.inc({ service, phase: "act" });
    },
    failed: (service, phase) => errors.inc({ service, phase }),
    lease: (held) => leaseHeld.set(held ? 1 : 0),
    forget(service) {
      for (const series of [rounds, observations, lastSuccess, converged]) series.remove({ service });
    },
    async text() {
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}
