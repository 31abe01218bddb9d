/** Puts the agent together: mall file → loops → API. `main.ts` runs it with a container's places. */
import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { mallFile } from "../plan/names.ts";
import type { AnyService, LogEntry } from "../services/service.ts";
import { createApi } from "./api.ts";
import { openEventLog } from "./events.ts";
import { socketLease } from "./lease.ts";
import { createLoop } from "./loop.ts";
import { readMall, watchFile } from "./mall-file.ts";
import { createMetrics } from "./metrics.ts";
import { networkInside, secretFolder } from "./ports.ts";
import type { Timing } from "./timing.ts";

export interface AgentPlaces {
  /** Folder with mall.json. */
  readonly config: string;
  /** The secrets' `current`. */
  readonly secrets: string;
  /** Events and lease. */
  readonly data: string;
  readonly listen: { readonly host: string; readonly port: number };
}

export interface AgentOptions {
  readonly places: AgentPlaces;
  readonly registry: readonly AnyService[];
  readonly target: "compose" | "kubernetes";
  readonly timing: Timing;
  /** Takes one line with its newline. */
  readonly write: (line: string) => void;
}

export interface RunningAgent {
  readonly port: number;
  stop(): Promise<void>;
}

/** Below Docker's default of ten seconds between SIGTERM and SIGKILL plus what closing the API takes. */
const stopGraceMs = 8_000;

/** @throws AGENT_MALL_UNREADABLE, AGENT_SECRET_ABSENT: without either there is nothing to run; the engine tries again. */
export async function startAgent({
  places,
  registry,
  target,
  timing,
  write,
}: AgentOptions): Promise<RunningAgent> {
  const now = Date.now;
  const log = (entry: LogEntry) =>
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), ...entry })}\n`);
  const stopping = new AbortController();
  const mallPath = join(places.config, mallFile);
  const secrets = secretFolder(places.secrets);
  const identity = await secrets.identity();
  const mall = await readMall(mallPath);
  const events = await openEventLog({
    path: join(places.data, "events.jsonl"),
    rotateBytes: 2 ** 20,
    ring: 1_000,
    write,
    now,
  });
  const metrics = createMetrics();
  const loop = createLoop({
    registry,
    target,
    net: networkInside,
    secrets,
    lease: socketLease(join(places.data, "lease.sock")),
    metrics,
    record: (event) => events.record(event),
    log,
    timing,
    now,
  });
  const api = createApi({ loop, events, metrics, identity, now, stopping: stopping.signal });
  const note = (action: string, why: string, error?: string) =>
    events.record({
      service: "agent",
      action,
      target: "service",
      why,
      durationMs: 0,
      ...(error === undefined ? { outcome: "note" as const } : { outcome: "failed" as const, error }),
    });

  // The API first: while the first observations run, `status` already says so.
  await api.app.listen(places.listen);
  note("start", "the agent began");
  await loop.apply(mall);

  const watches = [
    watchFile(
      mallPath,
      async () => {
        try {
          await loop.apply(await readMall(mallPath));
          note("reload", "mall.json changed");
        } catch (error) {
          loop.refused(messageOf(error));
          note("reload", "mall.json changed", messageOf(error));
        }
      },
      stopping.signal,
    ),
    watchFile(
      join(places.secrets, "tls.crt"),
      async () => {
        try {
          api.renew(await secrets.identity());
          note("renew-certificate", "the agent's certificate or the trusted CAs changed");
        } catch (error) {
          note("renew-certificate", "the agent's certificate or the trusted CAs changed", messageOf(error));
        }
      },
      stopping.signal,
    ),
  ];

  const address = api.app.server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : places.listen.port,
    async stop() {
      note("stop", "the agent was told to stop");
      stopping.abort(new Error("the agent stops"));
      await Promise.all([loop.stop(stopGraceMs), api.app.close(), ...watches]);
      await events.flush();
    },
  };
}
