/** What goes on behind the shop: the relay of events, and those who take them. */
import { messageOf } from "@mallstack/platform/src/errors.ts";
import type { Database } from "./database.ts";
import type { Bus, DeliveredRecord } from "./events/bus.ts";
import { intake } from "./events/projection.ts";
import { runRelay } from "./events/relay.ts";
import { exclusively } from "./events/relay-mysql.ts";
import { topics } from "./events/schema.ts";
import { salesProjection } from "./sales/sales.ts";
import { salesStore } from "./sales/sales-mysql.ts";
import type { CatalogueIndex } from "./search/catalogue-index.ts";
import { documentsOf } from "./search/documents-mysql.ts";
import { searchProjection } from "./search/projection.ts";

export const groups = { search: "mall.storefront.search", sales: "mall.storefront.sales" } as const;

export interface WorkerPorts {
  readonly load: string;
  readonly primary: Database;
  readonly bus: Bus;
  readonly index: Pick<CatalogueIndex, "put">;
}

export interface WorkerStats {
  readonly published: number;
  /** Failures by text; each was begun again. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface Workers {
  stats(): WorkerStats;
  stop(): Promise<void>;
}

export async function startWorkers({ load, primary, bus, index }: WorkerPorts): Promise<Workers> {
  const stop = new AbortController();
  const failures: Record<string, number> = {};
  let published = 0;
  const failed = (who: string) => (error: unknown) => {
    if (stop.signal.aborted) return;
    const text = `${who}: ${messageOf(error)}`.slice(0, 200);
    failures[text] = (failures[text] ?? 0) + 1;
  };
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      if (stop.signal.aborted) return resolve();
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        stop.signal.removeEventListener("abort", done);
        resolve();
      }
      stop.signal.addEventListener("abort", done);
    });

  const relay = runRelay(
    { exclusively: exclusively(primary), publisher: bus.publisher, sleep, now: Date.now },
    {
      signal: stop.signal,
      onError: failed("relay"),
      onPublished: (count) => {
        published += count;
      },
    },
  );
  const reject = (record: DeliveredRecord, why: string) => rejectEvent(primary, record, why);
  const search = searchProjection({
    documents: (ids) => primary.use((session) => documentsOf(session, ids)),
    index: (documents) => index.put(documents),
  });
  const sales = salesProjection(salesStore(primary));
  const subscribed = await Promise.all([
    bus.subscribe({
      group: groups.search,
      topic: topics.products,
      take: intake({ load, projection: search, reject }),
      onError: failed("search"),
    }),
    bus.subscribe({
      group: groups.sales,
      topic: topics.orders,
      take: intake({ load, projection: sales, reject }),
      onError: failed("sales"),
    }),
  ]);
  return {
    stats: () => ({ published, failures: { ...failures } }),
    stop: async () => {
      stop.abort();
      await Promise.all([relay, ...subscribed.map((one) => one.stop())]);
    },
  };
}

const rejectEvent = async (
  primary: Database,
  { topic, partition, offset }: DeliveredRecord,
  why: string,
): Promise<void> => {
  await primary.use((session) =>
    session.run(
      "INSERT IGNORE INTO rejected_events (topic, kafka_partition, kafka_offset, reason) VALUES (?, ?, ?, ?)",
      [topic, partition, offset, why.slice(0, 400)],
    ),
  );
};
