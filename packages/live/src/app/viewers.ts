/** Counting with its real ports, for as long as the application runs. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "./config.ts";
import { countViewers } from "./counting.ts";
import type { Database } from "./database.ts";
import { edgesAt } from "./edges.ts";
import { causeOf } from "./errors.ts";
import { emit } from "./events.ts";
import { exclusively } from "./lock.ts";
import { type Log, onChange } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Parts } from "./parts.ts";
import type { Change, Presence } from "./presence.ts";
import type { Secrets } from "./secrets.ts";

export interface ViewersDeps {
  readonly config: Config;
  readonly database: Database;
  readonly secrets: Secrets;
  readonly metrics: Metrics;
  readonly parts: Parts;
  readonly log: Log;
  readonly presence: Presence;
}

/** An event names so many sessions at most: 10 KB. */
const sessionsAnEvent = 500;

export async function followViewers(deps: ViewersDeps, signal: AbortSignal): Promise<void> {
  const { config, database, secrets, metrics, parts, presence } = deps;
  const failed = onChange(deps.log, "viewers are not counted");
  const edges = edgesAt(config.edges, secrets, Date.now);
  await countViewers(
    {
      exclusively: (work) =>
        exclusively(database, "viewers", (session) =>
          work({
            check: async () => {
              await session.rows("SELECT 1");
            },
          }),
        ),
      watching: async () => {
        try {
          const watching = await edges.watching();
          parts.report("edges", "ok");
          return watching;
        } catch (error) {
          parts.report("edges", "away", causeOf(error));
          throw error;
        }
      },
      presence,
      announce: (change) => announceIn(database, change),
      sleep: (ms) => sleep(ms, undefined, { signal }).catch(() => {}),
    },
    {
      signal,
      onCounted: metrics.viewers,
      onError: (error) => failed(causeOf(error)),
    },
  );
  await edges.close();
}

const announceIn = (database: Database, { room, joined, left, viewers }: Change): Promise<void> =>
  database.transaction(async (session) => {
    for (const [type, all] of [
      ["viewer.left", left],
      ["viewer.joined", joined],
    ] as const)
      for (let i = 0; i < all.length; i += sessionsAnEvent)
        await emit(session, { type, room, data: { sessions: all.slice(i, i + sessionsAnEvent), viewers } });
  });
