/**
 * Statements over one connection. Those asked for in the same moment travel together, in their order: each trip to the
 * primary leads through HAProxy and waits for three processes, which is most of what a short transaction takes.
 *
 *     const [row, keys] = await Promise.all([session.rows(…), session.rows(…)]);
 *
 * The first of them that fails ends them, and all of them fail with its error: none after it was run. Each statement is
 * formatted by itself and sees, under READ COMMITTED, what is committed when its own turn comes.
 */
import type { Connection, ResultSetHeader } from "mysql2/promise";

export type Value = string | number | null | Date | Buffer;

export interface Session {
  /** @param timeoutMs for what may take longer than a request waits */
  rows<T>(sql: string, values?: readonly Value[], timeoutMs?: number): Promise<readonly T[]>;
  /** @returns rows that the statement matched */
  run(sql: string, values?: readonly Value[], timeoutMs?: number): Promise<number>;
}

export interface Transaction extends Session {
  /** COMMIT, as the last of what is asked for in this moment. Without it, one follows by itself. */
  commit(): Promise<void>;
}

export const statementTimeoutMs = 1_500;

interface Asked {
  readonly sql: string;
  readonly timeoutMs: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What of a connection is used here. */
export type Wire = Pick<Connection, "format"> & {
  query(question: { readonly sql: string; readonly timeout: number }): Promise<readonly [unknown, unknown]>;
};

/** @param first travels with whatever is asked for first */
export function sessionOver(wire: Wire, first?: string): Session {
  let asked: Asked[] = [];
  let opening = first === undefined ? [] : [first];

  const send = async () => {
    const all = asked;
    const before = opening;
    asked = [];
    opening = [];
    try {
      const sql = [...before, ...all.map((one) => one.sql)].join(";\n");
      const [got] = await wire.query({ sql, timeout: Math.max(...all.map((one) => one.timeoutMs)) });
      const answers = before.length + all.length === 1 ? [got] : (got as readonly unknown[]);
      for (const [i, { resolve }] of all.entries()) resolve(answers[before.length + i]);
    } catch (error) {
      for (const { reject } of all) reject(error);
    }
  };
  const ask = <T>(sql: string, values: readonly Value[], timeoutMs: number): Promise<T> =>
    new Promise<unknown>((resolve, reject) => {
      const one = { sql: wire.format(sql, [...values]), timeoutMs, resolve, reject };
      if (asked.length === 0) queueMicrotask(send);
      asked.push(one);
    }) as Promise<T>;

  return {
    rows: (sql, values = [], timeoutMs = statementTimeoutMs) => ask(sql, values, timeoutMs),
    run: async (sql, values = [], timeoutMs = statementTimeoutMs) =>
      (await ask<ResultSetHeader>(sql, values, timeoutMs)).affectedRows,
  };
}

/** One that runs `work`, and commits unless it did so itself or throws. @param committing before COMMIT is sent */
export async function transact<T>(
  wire: Wire,
  work: (transaction: Transaction) => Promise<T>,
  { committing, isOpenAfter }: TransactHooks,
): Promise<T> {
  const session = sessionOver(wire, "START TRANSACTION");
  let over = false;
  const commit = async () => {
    if (over) throw new Error("this transaction is committed");
    over = true;
    committing();
    await session.run("COMMIT");
  };
  try {
    const value = await work({ ...session, commit });
    if (!over) await commit();
    return value;
  } catch (error) {
    if (isOpenAfter(error)) await session.run("ROLLBACK");
    throw error;
  }
}

interface TransactHooks {
  readonly committing: () => void;
  /** Whether the connection still takes a ROLLBACK. */
  readonly isOpenAfter: (error: unknown) => boolean;
}
