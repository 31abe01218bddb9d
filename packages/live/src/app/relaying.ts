/** The relay with its real ports, for as long as the application runs. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "./config.ts";
import type { Database } from "./database.ts";
import { causeOf } from "./errors.ts";
import { kafkaPublisher } from "./kafka.ts";
import { exclusively } from "./lock.ts";
import { type Log, onChange } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { outboxOver } from "./outbox.ts";
import type { Parts } from "./parts.ts";
import { runRelay } from "./relay.ts";
import type { Secrets } from "./secrets.ts";

export interface RelayingDeps {
  readonly config: Config;
  readonly database: Database;
  readonly secrets: Secrets;
  readonly metrics: Metrics;
  readonly parts: Parts;
  readonly log: Log;
}

export async function relayEvents(deps: RelayingDeps, signal: AbortSignal): Promise<void> {
  const { config, database, secrets, metrics, parts } = deps;
  const failed = onChange(deps.log, "events are not told");
  const publisher = config.kafka === undefined ? undefined : kafkaPublisher(config.kafka, secrets);
  const publish =
    publisher === undefined
      ? undefined
      : async (events: Parameters<typeof publisher.publish>[0]) => {
          try {
            await publisher.publish(events);
            parts.report("kafka", "ok");
          } catch (error) {
            parts.report("kafka", "away", causeOf(error));
            throw error;
          }
        };
  await runRelay(
    {
      exclusively: (work) => exclusively(database, "relay", (session) => work(outboxOver(session))),
      publish,
      sleep: (ms) => sleep(ms, undefined, { signal }).catch(() => {}),
      now: Date.now,
    },
    {
      signal,
      onPublished: metrics.published,
      onError: (error) => {
        metrics.relayFailed();
        failed(causeOf(error));
      },
    },
  );
  await publisher?.close();
}
