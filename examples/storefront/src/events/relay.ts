/**
 * Brings events from the outbox to the broker: read the oldest unpublished ones, publish, mark them. Killed between
 * any two of these, the next relay publishes some of them again and loses none. Consumers drop what they have seen by
 * the event's id; what is left after that stands in the order of its key, because each batch begins with the oldest
 * event that nobody has marked.
 *
 * One relay works at a time (the lock is the database connection's own, and goes with it). Two of them, after a
 * connection was lost unnoticed, would cost duplicates, not order.
 */
import type { Publisher } from "./bus.ts";
import type { PendingEvents } from "./outbox.ts";

export const batchEvents = 500;

/** @returns how many events were published and marked. */
export async function relayOnce(
  pending: PendingEvents,
  publisher: Pick<Publisher, "publish">,
  limit = batchEvents,
): Promise<number> {
  const batch = await pending.unpublished(limit);
  if (batch.length === 0) return 0;
  await publisher.publish(
    batch.map(({ topic, key, eventId, body }) => ({ topic, key, eventId, value: body })),
  );
  await pending.markPublished(batch.map(({ id }) => id));
  return batch.length;
}

export interface RelayPorts {
  /**
   * Runs `work` on a connection that holds the relay's lock.
   * @returns false when another relay holds it
   */
  exclusively(work: (pending: PendingEvents) => Promise<void>): Promise<boolean>;
  readonly publisher: Publisher;
  sleep(ms: number): Promise<void>;
  now(): number;
}

export interface RelayOptions {
  readonly signal: AbortSignal;
  readonly onPublished?: (count: number) => void;
  readonly onError?: (error: unknown) => void;
}

/** Between two looks at an empty outbox: what a sale adds to the time until search shows it. */
const idleMs = 50;
const othersTurnMs = 1_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;
const pruneEveryMs = 10 * 60_000;

/** Until told to end; every failure is begun again after a pause that grows. */
export async function runRelay(ports: RelayPorts, options: RelayOptions): Promise<void> {
  const { signal } = options;
  let failures = 0;
  let prunedAt = ports.now();
  while (!signal.aborted) {
    try {
      const held = await ports.exclusively(async (pending) => {
        while (!signal.aborted) {
          const count = await relayOnce(pending, ports.publisher);
          failures = 0;
          if (count > 0) options.onPublished?.(count);
          else {
            if (ports.now() - prunedAt > pruneEveryMs && (await pending.prune()) === 0)
              prunedAt = ports.now();
            await ports.sleep(idleMs);
          }
        }
      });
      if (!held) await ports.sleep(othersTurnMs);
    } catch (error) {
      options.onError?.(error);
      await ports.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** failures));
      failures = Math.min(10, failures + 1);
    }
  }
}
