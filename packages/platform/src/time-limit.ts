/** A limit of time beside a signal. */
import { setMaxListeners } from "node:events";

/**
 * Runs `work` with a signal that aborts when `parent` does, or after `ms`. The work must heed it.
 *
 * Not `AbortSignal.any([parent, AbortSignal.timeout(ms)])`: Node.js 20 may collect a time-out that nothing but `any`
 * knows of, and it never comes; a dead connection then lasts until the system's own limit, two minutes or more.
 */
export async function withLimit<T>(
  parent: AbortSignal,
  ms: number,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const onAbort = () => limit.abort(parent.reason);
  const timer = setTimeout(() => limit.abort(new DOMException(`over after ${ms} ms`, "TimeoutError")), ms);
  // Many limits on the signal of one command are no leak: each is taken off below.
  setMaxListeners(0, parent);
  parent.addEventListener("abort", onAbort, { once: true });
  if (parent.aborted) onAbort();
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    parent.removeEventListener("abort", onAbort);
  }
}
