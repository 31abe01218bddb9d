/** Pauses that end early. */

/** Resolves after `ms`, or at once when aborted; never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}

export interface Signal {
  /** Ends the wait in hand; with none in hand, the next one. */
  raise(): void;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** A flag that one loop waits on: raising it while the loop is busy is not lost. */
export function createSignal(): Signal {
  let raised = false;
  let end: (() => void) | undefined;
  return {
    raise() {
      raised = true;
      end?.();
    },
    async wait(ms, signal) {
      if (!raised) {
        const early = new AbortController();
        end = () => early.abort();
        await sleep(ms, AbortSignal.any([early.signal, signal]));
        end = undefined;
      }
      raised = false;
    },
  };
}
