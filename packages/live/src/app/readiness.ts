/** Whether this instance can serve: its schema is up to date, MySQL answers, and it is not being stopped. */
import type { Database } from "./database.ts";
import { causeOf, LiveError } from "./errors.ts";
import type { PartState, Parts } from "./parts.ts";

export interface ReadinessState {
  readonly ready: boolean;
  readonly mysql: "ok" | "migrating" | "away";
  readonly stopping: boolean;
  /** What it works with beside MySQL. None of it keeps an instance from serving. */
  readonly parts: Readonly<Record<string, PartState>>;
  /** Why MySQL counts as away. */
  readonly cause?: string;
}

export interface Readiness {
  /** Asked of MySQL at most once a second, however many ask. */
  state(): Promise<ReadinessState>;
  /** @throws DATABASE_AWAY while the schema is not known to be up to date */
  demandSchema(): void;
  schemaIsThere(): void;
  stop(): void;
  /** For how long it has been ready without a break, ms; 0 when it is not. */
  readyForMs(): number;
}

const freshMs = 1_000;

export function readinessOf(database: Database, parts: Parts, now: () => number): Readiness {
  let hasSchema = false;
  let stopping = false;
  let last: { readonly at: number; readonly answer: Promise<string | undefined> } | undefined;
  let readySince: number | undefined;

  const ping = async (): Promise<string | undefined> => {
    try {
      // What a primary that was demoted would refuse as well must not pass for ready.
      const rows = await database.use((session) =>
        session.rows<{ readonly closed: number }>("SELECT @@GLOBAL.read_only AS closed"),
      );
      return rows[0]?.closed === 0 ? undefined : "the server is read-only";
    } catch (error) {
      return causeOf(error);
    }
  };
  return {
    state: async () => {
      if (last === undefined || now() - last.at >= freshMs) last = { at: now(), answer: ping() };
      const cause = await last.answer;
      const ready = cause === undefined && hasSchema && !stopping;
      readySince = ready ? (readySince ?? now()) : undefined;
      const mysql = cause !== undefined ? "away" : hasSchema ? "ok" : "migrating";
      return { ready, mysql, stopping, parts: parts.all(), ...(cause === undefined ? {} : { cause }) };
    },
    demandSchema: () => {
      if (!hasSchema) throw new LiveError("DATABASE_AWAY", "the schema is not known to be up to date yet");
    },
    schemaIsThere: () => {
      hasSchema = true;
    },
    stop: () => {
      stopping = true;
    },
    readyForMs: () => (readySince === undefined ? 0 : now() - readySince),
  };
}
