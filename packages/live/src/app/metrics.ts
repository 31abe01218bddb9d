/** Figures for Prometheus. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  /** `accepted`, or the code of the refusal; with the time it took, in seconds. */
  publish(outcome: string, seconds: number): void;
  /** `ok`, or the code of the refusal. */
  update(outcome: string): void;
  /** `accepted`, `again`, or the code of the refusal; with the time until it was committed, in seconds. */
  bid(outcome: string, seconds: number): void;
  request(route: string, status: number, seconds: number): void;
  played(outcome: string): void;
  ready(is: boolean): void;
  live(count: number): void;
  /** Events that Kafka took. */
  published(count: number): void;
  relayFailed(): void;
  /** Events that are not published: how many, and the age of the oldest in seconds. */
  backlog(depth: number, lagSeconds: number): void;
  /** Of all rooms together, by the one instance that counts them; 0 at the others. */
  viewers(count: number): void;
  /** A hot read: whether Redis had it. */
  cached(outcome: "hit" | "miss" | "away"): void;
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Authorization of a publisher is to take 20 ms at the 99th percentile. */
const buckets = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "live_app_" });
  const publish = new Histogram({
    name: "live_publish_seconds",
    help: "Authorizations of publishers by outcome",
    labelNames: ["outcome"],
    buckets,
    registers,
  });
  const update = new Counter({
    name: "live_update_total",
    help: "Reports of running broadcasts by answer",
    labelNames: ["outcome"],
    registers,
  });
  const bid = new Histogram({
    name: "live_bid_seconds",
    help: "Bids by outcome",
    labelNames: ["outcome"],
    buckets,
    registers,
  });
  const request = new Histogram({
    name: "live_http_seconds",
    help: "Requests by route and status",
    labelNames: ["route", "status"],
    buckets,
    registers,
  });
  const played = new Counter({
    name: "live_play_total",
    help: "Play addresses asked for, by outcome",
    labelNames: ["outcome"],
    registers,
  });
  const ready = new Gauge({ name: "live_app_ready", help: "1 when this instance can serve", registers });
  const live = new Gauge({ name: "live_broadcasts", help: "Broadcasts that have not ended", registers });
  const published = new Counter({
    name: "live_events_published_total",
    help: "Events that Kafka took",
    registers,
  });
  const relayFailures = new Counter({
    name: "live_relay_failures_total",
    help: "Attempts to bring events to Kafka that failed",
    registers,
  });
  const outboxDepth = new Gauge({
    name: "live_outbox_events",
    help: "Events that are not published yet, counted up to 100,000",
    registers,
  });
  const outboxLag = new Gauge({
    name: "live_outbox_lag_seconds",
    help: "Age of the oldest event that is not published yet",
    registers,
  });
  const viewers = new Gauge({
    name: "live_viewers",
    help: "Who watches, all rooms together, by the one instance that counts; 0 at the others",
    registers,
  });
  const cached = new Counter({
    name: "live_cache_total",
    help: "Hot reads by whether Redis had the value",
    labelNames: ["outcome"],
    registers,
  });
  return {
    publish: (outcome, seconds) => publish.observe({ outcome }, seconds),
    update: (outcome) => update.inc({ outcome }),
    bid: (outcome, seconds) => bid.observe({ outcome }, seconds),
    request: (route, status, seconds) => request.observe({ route, status }, seconds),
    played: (outcome) => played.inc({ outcome }),
    ready: (is) => ready.set(is ? 1 : 0),
    live: (count) => live.set(count),
    published: (count) => published.inc(count),
    relayFailed: () => relayFailures.inc(),
    backlog: (depth, lagSeconds) => {
      outboxDepth.set(depth);
      outboxLag.set(lagSeconds);
    },
    viewers: (count) => viewers.set(count),
    cached: (outcome) => cached.inc({ outcome }),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
