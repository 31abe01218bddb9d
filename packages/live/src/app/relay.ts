/**
 * Brings events from the outbox to Kafka: read the oldest unpublished ones, publish, mark them. Killed between any two
 * of these, the next relay publishes some of them again and loses none. Consumers drop what they have seen, and what
 * is left stands in the order of its room, because each batch begins with the oldest event that nobody has marked. Two
 * relays at once, after a connection was lost unnoticed, would cost duplicates, not order.
 *
 * Without Kafka the newest events are kept: whoever gives the mall one later gets those.
 */
import type { Outbox, Pending } from "./outbox.ts";

/**
 * Resolves once every event is on all in-sync replicas. A failure leaves open which of them are: publishing all of
 * them again is what it takes.
 */
export type Publish = (events: readonly Pending[]) => Promise<void>;

export interface RelayPorts {
  /** Runs `work` while no other relay works. @returns false when another one does */
  exclusively(work: (outbox: Outbox) => Promise<void>): Promise<boolean>;
  /** undefined: there is no Kafka. */
  readonly publish: Publish | undefined;
  sleep(ms: number): Promise<void>;
  now(): number;
}

export interface RelayOptions {
  readonly signal: AbortSignal;
  readonly onPublished: (count: number) => void;
  readonly onError: (error: unknown) => void;
}

const batchEvents = 500;
/** Between two looks at an empty outbox: what is added at most to the time until an event is told. */
const idleMs = 100;
const othersTurnMs = 1_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;
const tidyEveryMs = 60_000;
/** About 50 MB. */
export const keptWithoutKafka = 100_000;

/** Until told to end; every failure is begun again after a pause that grows. */
export async function runRelay(ports: RelayPorts, options: RelayOptions): Promise<void> {
  const { signal, onPublished, onError } = options;
  const { publish, sleep, now } = ports;
  let failures = 0;
  let tidiedAt = Number.NEGATIVE_INFINITY;

  const tidy = async (outbox: Outbox): Promise<void> => {
    if (now() - tidiedAt < tidyEveryMs) return;
    const pruned = await outbox.prune();
    const trimmed = publish === undefined ? await outbox.trim(keptWithoutKafka) : 0;
    if (pruned + trimmed === 0) tidiedAt = now();
  };
  const round = async (outbox: Outbox): Promise<number> => {
    const batch = publish === undefined ? [] : await outbox.pending(batchEvents);
    if (publish === undefined || batch.length === 0) return 0;
    await publish(batch);
    await outbox.markPublished(batch.map(({ row }) => row));
    return batch.length;
  };

  while (!signal.aborted) {
    try {
      const held = await ports.exclusively(async (outbox) => {
        while (!signal.aborted) {
          const count = await round(outbox);
          failures = 0;
          if (count > 0) onPublished(count);
          await tidy(outbox);
          if (count < batchEvents) await sleep(publish === undefined ? othersTurnMs : idleMs);
        }
      });
      if (!held) await sleep(othersTurnMs);
    } catch (error) {
      onError(error);
      await sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** failures));
      failures = Math.min(10, failures + 1);
    }
  }
}
