/**
 * Fills Redis to its maxmemory and keeps it there, so that it evicts sessions, carts, pages, leases and fences
 * under a running shop.
 */
import { randomBytes } from "node:crypto";
import type { Redis } from "./redis.ts";
import { RedisUnavailable } from "./redis.ts";

const valueBytes = 16 * 1024;
const ttlMs = 120_000;
const atOnce = 16;

export interface Ballast {
  /** Values written so far, in MiB. */
  written(): number;
  stop(): Promise<void>;
}

/** Writes `mib` at once, then goes on at a sixteenth of it per second until stopped. */
export async function ballast(redis: Redis, mib: number, signal: AbortSignal): Promise<Ballast> {
  const value = randomBytes(valueBytes / 2).toString("hex");
  let count = 0;
  let stopped = false;
  const one = async () => {
    count += 1;
    try {
      await redis.set(`shop:ballast:${count}`, value, ttlMs);
    } catch (error) {
      // A full or absent cluster is what this is about.
      if (!(error instanceof RedisUnavailable)) throw error;
    }
  };
  const perMib = (1024 * 1024) / valueBytes;
  while (count < mib * perMib && !signal.aborted) await Promise.all(Array.from({ length: atOnce }, one));
  const going = (async () => {
    const pauseMs = (16_000 * atOnce) / (mib * perMib);
    while (!stopped && !signal.aborted) {
      await Promise.all(Array.from({ length: atOnce }, one));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })();
  return {
    written: () => Math.round(count / perMib),
    stop: async () => {
      stopped = true;
      await going;
    },
  };
}
