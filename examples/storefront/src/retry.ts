/**
 * What may be tried again. A transaction that carries an idempotency key may be repeated after any failure
 * that leaves its outcome open; the key makes the repetition harmless.
 */
import { messageOf } from "@mallstack/platform/src/errors.ts";

/**
 * `retry`: the server undid it, or never began. `unknown`: the answer was lost, it may have been committed.
 * `fatal`: it would fail again in the same way.
 */
export type Failure = "retry" | "unknown" | "fatal";

/** Server errors after which the same statement may succeed; numbers from MySQL's error message reference. */
const retryable = new Set([
  1205, // ER_LOCK_WAIT_TIMEOUT
  1213, // ER_LOCK_DEADLOCK
  1290, // ER_OPTION_PREVENTS_STATEMENT: the primary is (still, or by now) super_read_only
  1836, // ER_READ_ONLY_MODE
  3101, // ER_TRANSACTION_ROLLBACK_DURING_COMMIT
  1040, // ER_CON_COUNT_ERROR
  1203, // ER_TOO_MANY_USER_CONNECTIONS
  1226, // ER_USER_LIMIT_REACHED
  1044, // ER_DBACCESS_DENIED_ERROR: the user is being created again on a new primary
  1045, // ER_ACCESS_DENIED_ERROR: a password is being rotated
]);

/** Server errors that end the connection while a commit may have gone through. */
const openOutcome = new Set([
  1053, // ER_SERVER_SHUTDOWN
  1152, // ER_ABORTING_CONNECTION
  1184, // ER_NEW_ABORTING_CONNECTION
  1317, // ER_QUERY_INTERRUPTED
  1927, // ER_CONNECTION_KILLED
  3024, // ER_QUERY_TIMEOUT
  3169, // ER_SESSION_WAS_KILLED
  4031, // ER_CLIENT_INTERACTION_TIMEOUT
]);

/** Failures of the connection itself, as Node and the driver name them. */
const connectionCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_SEQUENCE_TIMEOUT",
  "HANDSHAKE_NO_SSL_SUPPORT",
  "HANDSHAKE_SSL_ERROR",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
]);

export interface DatabaseFailure extends Error {
  readonly code?: string;
  readonly errno?: number;
  readonly fatal?: boolean;
}

export function classify(error: unknown): Failure {
  if (!(error instanceof Error)) return "fatal";
  const { code, errno, fatal } = error as DatabaseFailure;
  if (errno !== undefined && retryable.has(errno)) return "retry";
  if (errno !== undefined && openOutcome.has(errno)) return "unknown";
  if (code !== undefined && connectionCodes.has(code)) return "unknown";
  // The driver's own words for a connection that was closed under a command carry no code.
  if (fatal === true || /closed state|connection (?:lost|is closed)|pool is closed/i.test(error.message))
    return code?.startsWith("ER_") === true ? "fatal" : "unknown";
  return "fatal";
}

export interface RetryOptions {
  /** Longest time in all, in ms. */
  readonly withinMs: number;
  readonly signal?: AbortSignal;
  /** Called before each wait. */
  readonly onRetry?: (failure: Failure, error: unknown, attempt: number) => void;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export type Outcome<T> =
  | { readonly kind: "done"; readonly value: T; readonly attempts: number }
  | { readonly kind: "open"; readonly error: unknown; readonly attempts: number; readonly waitedMs: number };

const firstWaitMs = 10;
const longestWaitMs = 1_000;

/**
 * Runs `work` until it succeeds, fails for good (thrown) or the time is over (`open`: nobody knows).
 * Waits grow exponentially with full jitter, so that clients of a lost primary do not come back in step
 * (M. Brooker, "Exponential Backoff and Jitter").
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<Outcome<T>> {
  const now = options.now ?? Date.now;
  const sleep = options.sleep ?? ((ms: number) => new Promise((resolve) => setTimeout(resolve, ms)));
  const random = options.random ?? Math.random;
  const began = now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { kind: "done", value: await work(attempt), attempts: attempt };
    } catch (error) {
      const failure = classify(error);
      if (failure === "fatal") throw error;
      const waitedMs = now() - began;
      if (waitedMs >= options.withinMs || options.signal?.aborted === true)
        return { kind: "open", error, attempts: attempt, waitedMs };
      options.onRetry?.(failure, error, attempt);
      await sleep(1 + random() * Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempt, 10)));
    }
  }
}

/** For a log or an error text: code and message, no stack. */
export function failureText(error: unknown): string {
  const code = error instanceof Error ? (error as DatabaseFailure).code : undefined;
  return code === undefined ? messageOf(error) : `${code}: ${messageOf(error)}`;
}
