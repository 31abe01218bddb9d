/** A log of events, as the checks of a service that writes to it read it back; whichever service keeps it provides this. */
import type { Ctx } from "./service.ts";

/** Where each partition of a topic ends, by its number. */
export type Ends = ReadonlyMap<number, bigint>;

export interface LoggedEvent {
  readonly partition: number;
  readonly key: string;
  readonly text: string;
}

export interface EventLog {
  /** @throws when it does not answer, or has no such topic */
  ends(ctx: Ctx, topic: string): Promise<Ends>;
  /** What was written after that, each partition in its order. @throws likewise */
  since(ctx: Ctx, topic: string, ends: Ends): Promise<readonly LoggedEvent[]>;
  /** What an account is told that tries this by its own password, in the log's words; `NONE`: it may. */
  attempt(ctx: Ctx, account: string, what: "read" | "write", topic: string): Promise<string>;
}
