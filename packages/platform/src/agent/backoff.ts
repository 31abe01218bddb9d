/** Waits between tries of what keeps failing, per key. */
export interface Failure {
  readonly failures: number;
  readonly error: string;
  /** Milliseconds since the epoch, when it may be tried again. */
  readonly notBefore: number;
}

export interface Backoff {
  failed(key: string, error: string, now: number): Failure;
  succeeded(key: string): void;
  /** The failure that still holds the key back, if any. */
  holding(key: string, now: number): Failure | undefined;
  /** What failed last time it was tried, waiting or not. */
  failure(key: string): Failure | undefined;
  /** Forgets all keys but these: what is no longer asked for starts anew when it is asked for again. */
  keep(keys: ReadonlySet<string>): void;
}

export function createBackoff(firstMs: number, capMs: number): Backoff {
  const failures = new Map<string, Failure>();
  return {
    failed(key, error, now) {
      const before = failures.get(key)?.failures ?? 0;
      const failure = {
        failures: before + 1,
        error,
        notBefore: now + Math.min(capMs, firstMs * 2 ** before),
      };
      failures.set(key, failure);
      return failure;
    },
    succeeded: (key) => void failures.delete(key),
    holding(key, now) {
      const failure = failures.get(key);
      return failure !== undefined && failure.notBefore > now ? failure : undefined;
    },
    failure: (key) => failures.get(key),
    keep(keys) {
      for (const key of [...failures.keys()]) if (!keys.has(key)) failures.delete(key);
    },
  };
}
