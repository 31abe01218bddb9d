/** What the agent did and why: a ring in memory for the API, lines on stdout for the log, a rotated file for later. */
import { appendFile, readFile, rename, stat } from "node:fs/promises";
import { messageOf } from "../errors.ts";

export interface AgentEvent {
  /** Ascending by one, also across restarts of the agent. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly service: string;
  readonly action: string;
  readonly target: string;
  readonly why: string;
  readonly outcome: "done" | "failed" | "note";
  readonly durationMs: number;
  readonly error?: string;
}

export type NewEvent = Omit<AgentEvent, "seq" | "time">;

export interface EventLog {
  record(event: NewEvent): void;
  /** Events after `seq`, oldest first, at most `limit`. */
  since(seq: number, limit: number): readonly AgentEvent[];
  /** Resolves when there is one after `seq`, or the time is over, or aborted. */
  wait(seq: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Number of the newest event; 0 when there is none. */
  last(): number;
  /** Resolves when everything recorded is in the file. */
  flush(): Promise<void>;
}

export interface EventLogOptions {
  readonly path: string;
  /** Size at which the file becomes `<path>.1`. */
  readonly rotateBytes: number;
  /** Events kept in memory. */
  readonly ring: number;
  readonly write: (line: string) => void;
  readonly now: () => number;
}

/** Opens the log and takes the newest events of the file into the ring; a line that is no event is left out. */
export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  const ring: AgentEvent[] = [...(await readEvents(`${options.path}.1`)), ...(await readEvents(options.path))]
    .sort((a, b) => a.seq - b.seq)
    .slice(-options.ring);
  let last = ring.at(-1)?.seq ?? 0;
  let bytes = await stat(options.path).then(
    (s) => s.size,
    () => 0,
  );
  let complained = false;
  // A kill may have cut the last line: what comes next begins a line of its own.
  let writing = (await endsCut(options.path)) ? append("\n") : Promise.resolve();
  const waiting = new Set<() => void>();

  async function append(line: string): Promise<void> {
    try {
      if (bytes + line.length > options.rotateBytes && bytes > 0) {
        await rename(options.path, `${options.path}.1`);
        bytes = 0;
      }
      await appendFile(options.path, line);
      bytes += Buffer.byteLength(line);
      complained = false;
    } catch (error) {
      // A full disk must not stop the agent: stdout and the ring still have the event. Said once, not per line.
      if (!complained) options.write(`${JSON.stringify({ level: "error", message: messageOf(error) })}\n`);
      complained = true;
    }
  }

  return {
    record(partial) {
      last += 1;
      const event: AgentEvent = { seq: last, time: new Date(options.now()).toISOString(), ...partial };
      ring.push(event);
      if (ring.length > options.ring) ring.shift();
      const line = `${JSON.stringify(event)}\n`;
      options.write(line);
      writing = writing.then(() => append(line));
      for (const wake of [...waiting]) wake();
    },
    since: (seq, limit) => ring.filter((e) => e.seq > seq).slice(0, limit),
    wait(seq, timeoutMs, signal) {
      if (last > seq || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(end);
          signal.removeEventListener("abort", end);
          resolve();
        };
        const timer = setTimeout(end, timeoutMs);
        waiting.add(end);
        signal.addEventListener("abort", end, { once: true });
      });
    },
    last: () => last,
    flush: () => writing,
  };
}

async function endsCut(path: string): Promise<boolean> {
  const content = await readFile(path, "utf8").catch(() => "");
  return content !== "" && !content.endsWith("\n");
}

async function readEvents(path: string): Promise<AgentEvent[]> {
  const content = await readFile(path, "utf8").catch(() => "");
  return content.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return isEvent(value) ? [value] : [];
    } catch {
      // The last line of a killed process may be cut.
      return [];
    }
  });
}

const isEvent = (value: unknown): value is AgentEvent =>
  typeof value === "object" && value !== null && "seq" in value && typeof value.seq === "number";
