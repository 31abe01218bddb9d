/** As many requests as a server answers to a few connections, and what they cost it. */
import { Pool } from "undici";
import type { Engine } from "../../engine/engine.ts";

export interface Target {
  /** Container, for its CPU time. */
  readonly container: string;
  readonly origin: string;
  readonly ca: string;
  readonly serverName: string;
  readonly path: string;
}

export interface Load {
  readonly requests: number;
  readonly bytes: number;
  readonly seconds: number;
  /** CPU time of the whole container, s. */
  readonly cpuSeconds: number;
}

const connections = 16;

/** @throws for any answer but 200 */
export async function load(engine: Engine, target: Target, seconds: number): Promise<Load> {
  const pool = new Pool(target.origin, {
    connections,
    connect: { ca: target.ca, servername: target.serverName },
  });
  let [requests, bytes] = [0, 0];
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      pool.dispatch(
        { method: "GET", path: target.path },
        {
          onRequestStart: () => {},
          onResponseStart: (_controller, status) => {
            if (status !== 200) reject(new Error(`${target.container} answers ${status}`));
          },
          onResponseData: (_controller, chunk) => {
            bytes += chunk.length;
          },
          onResponseEnd: () => {
            requests += 1;
            resolve();
          },
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  try {
    const before = await cpuSeconds(engine, target.container);
    const startedAt = performance.now();
    const end = startedAt + seconds * 1_000;
    const worker = async () => {
      while (performance.now() < end) await one();
    };
    await Promise.all(Array.from({ length: connections }, worker));
    const took = (performance.now() - startedAt) / 1_000;
    const cpu = (await cpuSeconds(engine, target.container)) - before;
    return { requests, bytes, seconds: took, cpuSeconds: cpu };
  } finally {
    await pool.destroy();
  }
}

interface Stats {
  readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
}

async function cpuSeconds(engine: Engine, container: string): Promise<number> {
  const stats = (await engine.api(`/containers/${container}/stats?stream=false&one-shot=true`)) as Stats;
  return stats.cpu_stats.cpu_usage.total_usage / 1e9;
}

export const sumOf = (loads: readonly Load[]): Load =>
  loads.reduce((sum, each) => ({
    requests: sum.requests + each.requests,
    bytes: sum.bytes + each.bytes,
    seconds: sum.seconds + each.seconds,
    cpuSeconds: sum.cpuSeconds + each.cpuSeconds,
  }));

/** Requests that one core answers in a second: what a server is worth where it shares its machine with who asks. */
export const perCore = ({ requests, cpuSeconds: cpu }: Load): number => requests / cpu;
