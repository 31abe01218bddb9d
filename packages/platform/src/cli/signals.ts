/** Ctrl-C and SIGTERM: the first asks for a clean end, the second does not wait for it. */
import { exitCodes } from "../errors.ts";

/** What of a process this needs. */
export interface Signalled {
  on(name: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  exit(code: number): unknown;
}

export interface Trapped {
  readonly signal: AbortSignal;
  /** From now on signals are a foreground client's affair; ours stays until it has ended. */
  leave(): void;
}

export function trapSignals(process: Signalled): Trapped {
  const abort = new AbortController();
  let ours = true;
  const onSignal = (): void => {
    if (!ours) return;
    if (abort.signal.aborted) process.exit(exitCodes.interrupted);
    else abort.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: abort.signal,
    leave: () => {
      ours = false;
    },
  };
}
