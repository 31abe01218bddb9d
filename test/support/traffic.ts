/**
 * An application at work while something happens to its servers: requests over connections that stay, and new
 * connections all the time, until it is stopped. Whatever it sees go wrong is kept with its time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../packages/platform/src/errors.ts";

export interface Traffic {
  readonly requests: number;
  readonly connections: number;
  /** `time what: why`. */
  readonly failures: readonly string[];
}

export interface RunningTraffic {
  /** For what the application notices outside of a request, such as a connection lost. */
  fail(what: string, error: unknown): void;
  stop(): Promise<Traffic>;
}

export interface Application {
  /** The n-th round over the connections that stay. @returns how many requests it was. */
  request(n: number): Promise<number>;
  /** The n-th new connection, used and closed. */
  connect(n: number): Promise<void>;
  /** Pauses between two of them, ms. */
  readonly pauseMs: { readonly request: number; readonly connect: number };
  /** Ends the connections that stay. */
  close(): void;
}

/** Runs until stopped. */
export function startTraffic(application: Application): RunningTraffic {
  const failures: string[] = [];
  let requests = 0;
  let connections = 0;
  let isOver = false;
  const fail = (what: string, error: unknown): void => {
    failures.push(`${new Date().toISOString()} ${what}: ${messageOf(error)}`);
  };
  const again = async (what: "request" | "connect", work: (n: number) => Promise<void>): Promise<void> => {
    for (let n = 0; !isOver; n += 1) {
      await work(n).catch((error: unknown) => fail(what, error));
      await sleep(application.pauseMs[what]);
    }
  };
  const running = Promise.all([
    again("request", async (n) => {
      requests += await application.request(n);
    }),
    again("connect", async (n) => {
      await application.connect(n);
      connections += 1;
    }),
  ]);
  return {
    fail,
    async stop() {
      isOver = true;
      await running;
      application.close();
      return { requests, connections, failures };
    },
  };
}
