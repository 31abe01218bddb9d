/**
 * The client's own word on what was acknowledged: a file of numbered writes, appended before a request is sent
 * (its intent) and again when its answer is in, each on the disk before anything relies on it. What the servers
 * say afterwards is held against it. Writes of many shoppers share one fsync.
 */
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

/** What a write asks for. */
export type Intent =
  | { readonly do: "order"; readonly key: string; readonly consumerId: number; readonly totalCents: number }
  | { readonly do: "cancel"; readonly number: string }
  | {
      readonly do: "price";
      readonly productId: number;
      readonly priceCents: number;
      /** The version that it makes. */
      readonly version: number;
    }
  | { readonly do: "restock"; readonly key: string; readonly productId: number; readonly units: number };

/** `acknowledged`: it happened. `refused`: it did not. `open`: nobody knows. */
export type Answer =
  | { readonly is: "acknowledged"; readonly number?: string; readonly attempts?: number }
  | { readonly is: "refused"; readonly why: string }
  | { readonly is: "open"; readonly why: string };

export interface LedgerHeader {
  readonly ledger: 1;
  readonly run: string;
  /** The load whose shop the run was on. */
  readonly load: string;
}

export interface Ledger {
  /** @returns the write's number. */
  intend(intent: Intent): Promise<number>;
  answer(n: number, answer: Answer): Promise<void>;
  close(): Promise<void>;
  readonly file: string;
}

/** @param now milliseconds since the epoch */
export async function openLedger(
  file: string,
  header: LedgerHeader,
  now: () => number = Date.now,
): Promise<Ledger> {
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, "ax", 0o600);
  const append = appender(handle);
  await append({ ...header, at: now() });
  let n = 0;
  return {
    file,
    intend: async (intent) => {
      n += 1;
      const own = n;
      await append({ n: own, at: now(), ...intent });
      return own;
    },
    answer: (own, answer) => append({ n: own, at: now(), ...answer }),
    close: () => handle.close(),
  };
}

/** Group commit: lines that come while one batch is being written make the next one. */
function appender(handle: FileHandle): (line: object) => Promise<void> {
  let pending: { text: string; done: () => void; failed: (error: unknown) => void }[] = [];
  let writing = false;
  const drain = async () => {
    writing = true;
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      try {
        await handle.appendFile(batch.map((line) => line.text).join(""));
        await handle.datasync();
        for (const line of batch) line.done();
      } catch (error) {
        for (const line of batch) line.failed(error);
      }
    }
    writing = false;
  };
  return (line) =>
    new Promise((resolve, reject) => {
      pending.push({ text: `${JSON.stringify(line)}\n`, done: resolve, failed: reject });
      if (!writing) void drain();
    });
}

export interface WrittenEntry {
  readonly run: string;
  readonly n: number;
  readonly intendedAtMs: number;
  readonly intent: Intent;
  /** Undefined: the client ended before it had an answer. */
  readonly answer: (Answer & { readonly atMs: number }) | undefined;
}

/** Every write of every run on this load, by the ledgers in a folder. A torn last line (a killed run) is left out. */
export async function readLedgers(folder: string, load: string): Promise<readonly WrittenEntry[]> {
  const files = await readdir(folder).catch(() => [] as string[]);
  const entries: WrittenEntry[] = [];
  for (const name of files.filter((file) => ledgerName.test(file)).sort())
    entries.push(...(await readLedger(join(folder, name), load)));
  return entries;
}

const ledgerName = /^ledger-.*\.jsonl$/;
export const ledgerFile = (folder: string, run: string): string => join(folder, `ledger-${run}.jsonl`);

type Numbered = { readonly n: number; readonly at: number };
type Line = LedgerHeader | (Numbered & Intent) | (Numbered & Answer);

async function readLedger(file: string, load: string): Promise<readonly WrittenEntry[]> {
  const entries = new Map<number, WrittenEntry>();
  let run: string | undefined;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const line = parseLine(text);
    if (line === undefined) continue;
    if ("ledger" in line) {
      if (line.load !== load) return [];
      run = line.run;
    } else if (run === undefined) return [];
    else if ("do" in line) {
      const { n, at, ...intent } = line;
      entries.set(n, { run, n, intendedAtMs: at, intent, answer: undefined });
    } else {
      const { n, at, ...answer } = line;
      const known = entries.get(n);
      if (known !== undefined) entries.set(n, { ...known, answer: { ...answer, atMs: at } });
    }
  }
  return [...entries.values()];
}

function parseLine(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

/**
 * Longest time in ms in which no write was acknowledged, between the first and the last of a run: what an
 * outage looked like to the shop's clients.
 */
export function longestSilenceMs(entries: readonly WrittenEntry[]): number {
  const times = entries
    .filter((entry) => entry.answer?.is === "acknowledged")
    .map((entry) => entry.answer?.atMs ?? 0)
    .sort((a, b) => a - b);
  let longest = 0;
  for (const [i, time] of times.entries()) longest = Math.max(longest, time - (times[i - 1] ?? time));
  return longest;
}
