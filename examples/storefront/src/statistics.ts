/** Latencies of one kind of operation, and what a person wants to know of them. */
export interface Latency {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface Samples {
  add(ms: number): void;
  /** Runs `work` and keeps how long it took, when it succeeds. */
  time<T>(work: () => Promise<T>): Promise<T>;
  latency(): Latency;
}

export function samples(): Samples {
  const all: number[] = [];
  const add = (ms: number) => {
    all.push(ms);
  };
  return {
    add,
    time: async (work) => {
      const began = performance.now();
      const value = await work();
      add(performance.now() - began);
      return value;
    },
    latency: () => latencyOf(all),
  };
}

/** Percentiles by the nearest rank: each is a value that was seen. Zeros when nothing was. */
export function latencyOf(values: readonly number[]): Latency {
  const sorted = Float64Array.from(values).sort();
  const rank = (share: number) => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    count: sorted.length,
    meanMs: round(sorted.length === 0 ? 0 : sum / sorted.length),
    p50Ms: rank(0.5),
    p99Ms: rank(0.99),
    maxMs: round(sorted.at(-1) ?? 0),
  };
}

/** Microseconds are the clock's own noise. */
const round = (ms: number): number => Math.round(ms * 1_000) / 1_000;
