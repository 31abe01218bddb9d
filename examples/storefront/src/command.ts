/** What the shop's commands share: their form, and an open shop. */
import type { Arguments } from "./arguments.ts";
import { connections } from "./connect.ts";
import { openShop, type Shop } from "./shop.ts";
import type { WorkerPorts } from "./workers.ts";

export interface Report {
  readonly ok: boolean;
  readonly document: object;
  readonly text: string;
}

export type Command = (given: Arguments, signal: AbortSignal) => Promise<Report>;

/** The application's own bounds: short enough that a hung server is left within seconds. */
const statementTimeoutMs = 5_000;
export const writeWithinMs = 60_000;
export const readWithinMs = 30_000;

export interface Bounds {
  readonly connections: number;
  readonly statementTimeoutMs: number;
  /** Of each command; absent: as long as a page may wait. */
  readonly redisTimeoutMs?: number;
}

/** The workers hold two connections beside those of shoppers. */
export const shoppingBounds = (given: Arguments): Bounds => ({
  connections: Math.min(32, Math.max(8, given.shoppers, given.readers)) + 3,
  statementTimeoutMs,
});

export async function withShop<T>(
  bounds: Bounds,
  signal: AbortSignal,
  work: (shop: Shop) => Promise<T>,
): Promise<T> {
  const to = await connections();
  const shop = await openShop(to, { ...bounds, instances: 2, readWithinMs, signal });
  try {
    return await work(shop);
  } finally {
    await shop.close();
  }
}

export const workerPorts = ({ manifest, primary, bus, index }: Shop): WorkerPorts => ({
  load: manifest.id,
  primary,
  bus,
  index,
});
