/**
 * Counts who watches: one instance at a time asks the edges, announces who came and who left, and writes the numbers
 * for all. An instance that takes over goes on from what was written; who came in between is announced by it, and may
 * be announced twice when the former died right after announcing.
 */
import { type Change, changesBetween, type Presence, type Watching } from "./presence.ts";

export interface CountingPorts {
  /** Runs `work` while no other instance counts. @returns false when another one does */
  exclusively(work: (lock: { check(): Promise<void> }) => Promise<void>): Promise<boolean>;
  /** By the edges. @throws when none answers */
  watching(): Promise<Watching>;
  readonly presence: Presence;
  announce(change: Change): Promise<void>;
  sleep(ms: number): Promise<void>;
}

export interface CountingOptions {
  readonly signal: AbortSignal;
  /** By this instance, all rooms together; 0 when another one counts. */
  readonly onCounted: (viewers: number) => void;
  readonly onError: (error: unknown) => void;
}

const pollMs = 3_000;

/** Until told to end. */
export async function countViewers(ports: CountingPorts, options: CountingOptions): Promise<void> {
  const { presence, sleep } = ports;
  const { signal, onCounted, onError } = options;

  /** Each room's change is announced once, also when the next room's fails. */
  const round = async (known: Map<string, ReadonlySet<string>>): Promise<void> => {
    const watching = await ports.watching();
    for (const change of changesBetween(known, watching)) {
      await ports.announce(change);
      known.set(change.room, watching.get(change.room) ?? new Set());
    }
    onCounted([...known.values()].reduce((sum, { size }) => sum + size, 0));
    await presence.save(known);
    for (const [room, { size }] of known) if (size === 0) known.delete(room);
  };

  while (!signal.aborted) {
    try {
      await ports.exclusively(async (lock) => {
        const known = new Map(await presence.load());
        while (!signal.aborted) {
          await lock.check();
          await round(known).catch(onError);
          await sleep(pollMs);
        }
      });
    } catch (error) {
      onError(error);
    }
    onCounted(0);
    await sleep(pollMs);
  }
}
