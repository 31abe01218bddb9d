/** What the application works with beside MySQL: off when the mall has none of it, and never needed to serve. */
import type { Log } from "./log.ts";

/** `unasked`: this instance had no reason to yet. `away`: it did not answer the last time. */
export type PartState = "off" | "unasked" | "ok" | "away";

export type Part = "kafka" | "redis" | "edges" | "elasticsearch" | "minio" | "livekit";

export interface Parts {
  /** Logged when it is another state than before. @param cause why it is away */
  report(part: Part, state: "ok" | "away", cause?: string): void;
  all(): Readonly<Record<Part, PartState>>;
}

/** @param configured whether the mall has it */
export function partsOf(configured: Readonly<Record<Part, boolean>>, log: Log): Parts {
  const states = new Map<Part, PartState>(
    (Object.keys(configured) as Part[]).map((part) => [part, configured[part] ? "unasked" : "off"]),
  );
  return {
    report: (part, state, cause) => {
      if (states.get(part) === state) return;
      states.set(part, state);
      log(state === "ok" ? "part answers" : "part is away", { part, cause });
    },
    all: () => Object.fromEntries(states) as Readonly<Record<Part, PartState>>,
  };
}
