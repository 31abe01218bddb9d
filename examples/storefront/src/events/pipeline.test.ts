/**
 * From the order to the search index and the sales figures, when anything may fail at any moment: calls are refused,
 * half done, or done with their answer lost, and everyone begins again with nothing but what was stored.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cancelOrder, placeOrder } from "../orders.ts";
import { type SalesDelta, type SalesTx, salesDeltas, salesProjection } from "../sales/sales.ts";
import type { ProductDocument } from "../search/document.ts";
import { searchProjection } from "../search/projection.ts";
import { type Fault, fakeBroker, Lost, partitionOf } from "../testing/fake-broker.ts";
import { fakeStore } from "../testing/fake-store.ts";
import type { PendingEvents } from "./outbox.ts";
import { intake } from "./projection.ts";
import { relayOnce } from "./relay.ts";
import { type Draft, eventId, type OrderEvent, type ShopEvent, topicOf, topics } from "./schema.ts";

const load = "a".repeat(32);
const at = new Date("2026-11-24T17:00:00Z"); // the next day in China
const noWait = { withinMs: 60_000, sleep: async () => {}, random: () => 0 };

const eventOf = (draft: Draft): ShopEvent => ({ ...draft, load, id: eventId(load, draft) }) as ShopEvent;

function world(faults: Fault[]) {
  let calm = false;
  const next = (): Fault => (calm ? "none" : (faults.shift() ?? "none"));
  /** Something that is done whole or not at all. */
  const whole = async <T>(work: () => T): Promise<T> => {
    const fault = next();
    if (fault === "before") throw new Lost();
    const value = work();
    if (fault !== "none") throw new Lost();
    return value;
  };
  const shop = fakeStore();
  const broker = fakeBroker(next);
  const published = new Set<number>();
  const pending: PendingEvents = {
    unpublished: (limit) =>
      whole(() =>
        shop
          .now()
          .outbox.map((draft, id) => ({ id, event: eventOf(draft) }))
          .filter(({ id }) => !published.has(id))
          .slice(0, limit)
          .map(({ id, event }) => ({
            id,
            topic: topicOf(event.type),
            key: event.key,
            eventId: event.id,
            body: JSON.stringify(event),
          })),
      ),
    markPublished: (ids) =>
      whole(() => {
        for (const id of ids) published.add(id);
      }),
    prune: async () => 0,
  };

  const index = new Map<number, ProductDocument>();
  const search = searchProjection({
    documents: (ids) =>
      whole(() =>
        ids.map((productId) => {
          const { revisions, stock } = shop.now();
          return {
            productId,
            revision: revisions.get(productId),
            availableUnits: stock.get(productId),
          } as ProductDocument;
        }),
      ),
    index: async (documents) => {
      const fault = next();
      if (fault === "before") throw new Lost();
      for (const document of fault === "part" ? documents.slice(0, 1) : documents)
        if ((index.get(document.productId)?.revision ?? 0) < document.revision)
          index.set(document.productId, document);
      if (fault !== "none") throw new Lost();
    },
  });

  let figures: { applied: ReadonlySet<string>; deltas: readonly SalesDelta[] } = {
    applied: new Set(),
    deltas: [],
  };
  const sales = salesProjection({
    transaction: async (work) => {
      const own = { applied: new Set(figures.applied), deltas: [...figures.deltas] };
      const tx: SalesTx = {
        applied: async (ids) => new Set(ids.filter((id) => own.applied.has(id))),
        markApplied: async (ids) => {
          for (const id of ids) own.applied.add(id);
        },
        add: async (deltas) => {
          own.deltas.push(...deltas);
        },
      };
      const value = await work(tx);
      return await whole(() => {
        figures = own;
        return value;
      });
    },
  });

  const rejected: string[] = [];
  const reject = async (_: unknown, why: string) => {
    rejected.push(why);
  };
  const take = {
    search: intake({ load, projection: search, reject }),
    sales: intake({ load, projection: sales, reject }),
  };
  const consume = (who: keyof typeof take, partition: number, count: number) =>
    broker.deliver(who, who === "search" ? topics.products : topics.orders, partition, count, take[who]);

  return {
    shop,
    broker,
    index,
    published,
    rejected,
    figures: () => figures,
    relay: (limit: number) => relayOnce(pending, broker, limit),
    consume,
    /** Everybody works without faults until nothing is left. */
    settle: async () => {
      calm = true;
      while ((await relayOnce(pending, broker)) > 0);
      for (const who of ["search", "sales"] as const)
        for (let partition = 0; partition < broker.partitions; partition += 1)
          while ((await consume(who, partition, 100)) > 0);
    },
  };
}

type World = ReturnType<typeof world>;

/** A program that dies of it begins again. */
const mayDie = async (work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
  }
};

function holds({ shop, broker, index, figures, rejected }: World): void {
  const { outbox, orders, revisions, stock } = shop.now();
  const events = outbox.map(eventOf);
  // Published: each, and nothing else.
  const ids = (list: readonly string[]) => [...new Set(list)].sort();
  expect(ids(broker.log.map((record) => JSON.parse(record.value).id))).toEqual(ids(events.map((e) => e.id)));
  // In order, once repetitions are dropped.
  const seen = new Set<string>();
  const versions = new Map<string, number>();
  for (const record of broker.log) {
    const event = JSON.parse(record.value) as ShopEvent;
    expect(record.partition).toBe(partitionOf(event.key));
    if (seen.has(event.id)) continue;
    seen.add(event.id);
    expect(event.version).toBeGreaterThan(versions.get(event.key) ?? 0);
    versions.set(event.key, event.version);
  }
  // Search shows every product as it is.
  for (const [id, revision] of revisions) {
    if (revision === 1) expect(index.has(id)).toBe(false);
    else expect(index.get(id)).toMatchObject({ revision, availableUnits: stock.get(id) });
  }
  // Sales count every order once.
  const orderEvents = events.filter((event): event is OrderEvent => event.type !== "product.changed");
  expect(ids([...figures().applied])).toEqual(ids(orderEvents.map((event) => event.id)));
  const total = (of: keyof SalesDelta) => figures().deltas.reduce((sum, delta) => sum + Number(delta[of]), 0);
  const standing = orders.filter((order) => order.status === "paid").flatMap((order) => order.lines);
  expect(total("units")).toBe(standing.reduce((sum, line) => sum + line.units, 0));
  expect(total("salesCents")).toBe(standing.reduce((sum, line) => sum + line.units * line.unitPriceCents, 0));
  expect(rejected).toEqual([]);
}

const key = (n: number) => n.toString(16).padStart(32, "0");

test("whatever fails when: nothing is lost, nothing counts twice, keys stay in order, search shows what is", async () => {
  const fault = fc.constantFrom<Fault>("none", "none", "before", "part", "after");
  const count = fc.integer({ min: 1, max: 4 });
  const step = fc.oneof(
    fc.record({ do: fc.constant("place" as const), n: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ do: fc.constant("cancel" as const), n: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ do: fc.constant("relay" as const), n: count }),
    fc.record({ do: fc.constant("search" as const), n: count, partition: fc.nat({ max: 2 }) }),
    fc.record({ do: fc.constant("sales" as const), n: count, partition: fc.nat({ max: 2 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.array(fault, { maxLength: 80 }),
      async (steps, faults) => {
        const all = world(faults);
        const numbers = new Map<number, string>();
        for (const one of steps) {
          if (one.do === "place") {
            const lines = [1 + (one.n % 3), 4].map((id) => ({
              productId: id,
              units: 1,
              unitPriceCents: id * 100,
            }));
            const request = { key: key(one.n), consumerId: one.n, lines, placedAt: at };
            const placed = await placeOrder(all.shop.store, request, noWait);
            if (placed.kind === "placed") numbers.set(one.n, placed.order.number);
          } else if (one.do === "cancel") {
            const number = numbers.get(one.n);
            if (number !== undefined) await cancelOrder(all.shop.store, number, at, noWait);
          } else if (one.do === "relay") await mayDie(() => all.relay(one.n));
          else await mayDie(() => all.consume(one.do, one.partition, one.n));
        }
        await all.settle();
        expect(all.shop.violations()).toEqual([]);
        holds(all);
      },
    ),
    { numRuns: 400 },
  );
});

test("what no schema knows is put aside with its reason, and what comes after it is taken", async () => {
  const all = world([]);
  const one = { productId: 1, units: 2, unitPriceCents: 100 };
  await placeOrder(all.shop.store, { key: key(1), consumerId: 1, lines: [one], placedAt: at }, noWait);
  await all.broker.publish([
    { topic: topics.products, key: "1", eventId: "x", value: '{"type":"product.gone"}' },
    { topic: topics.products, key: "1", eventId: "y", value: "not JSON" },
  ]);
  await all.settle();
  expect(all.rejected).toHaveLength(2);
  expect(all.index.get(1)).toMatchObject({ revision: 2, availableUnits: 8 });
});

test("events of a shop that was loaded before are passed over", async () => {
  const taken: ShopEvent[] = [];
  const take = intake({
    load,
    projection: {
      apply: async (events) => {
        taken.push(...events);
      },
    },
    reject: async () => {},
  });
  const draft: Draft = {
    type: "product.changed",
    key: "1",
    version: 2,
    at: at.toISOString(),
    priceCents: 1,
    availableUnits: 1,
    soldUnits: 1,
  };
  const own = eventOf(draft);
  const others = { ...own, load: "b".repeat(32) };
  const record = (event: ShopEvent) => ({
    topic: topics.products,
    partition: 0,
    offset: "0",
    key: "1",
    value: JSON.stringify(event),
  });
  await take([record(others), record(own), record(own)]);
  expect(taken).toEqual([own]);
});

test("a database that is behind the event is asked again, not believed", async () => {
  const indexed: ProductDocument[] = [];
  const projection = searchProjection({
    documents: async () => [{ productId: 1, revision: 4 } as ProductDocument],
    index: async (documents) => {
      indexed.push(...documents);
    },
  });
  const draft: Draft = {
    type: "product.changed",
    key: "1",
    version: 5,
    at: at.toISOString(),
    priceCents: 1,
    availableUnits: 1,
    soldUnits: 1,
  };
  await expect(projection.apply([eventOf(draft)])).rejects.toThrow("behind");
  expect(indexed).toEqual([]);
});

test("a day is China's, and a cancelled order leaves the day on which it was placed", () => {
  const line = { productId: 1, merchantId: 7, units: 2, unitPriceCents: 500, commissionCents: 30 };
  const order = { key: "n", consumerId: 1, totalCents: 1_000, placedAt: at.toISOString(), lines: [line] };
  const placed = eventOf({ type: "order.placed", version: 1, at: at.toISOString(), ...order }) as OrderEvent;
  const cancelled = eventOf({
    type: "order.cancelled",
    version: 2,
    at: "2026-12-01T00:00:00.000Z",
    ...order,
  }) as OrderEvent;
  expect(salesDeltas([placed])).toEqual([
    {
      merchantId: 7,
      day: "2026-11-25",
      orders: 1,
      cancelledOrders: 0,
      units: 2,
      salesCents: 1_000,
      commissionCents: 30,
    },
  ]);
  expect(salesDeltas([placed, cancelled])).toEqual([
    {
      merchantId: 7,
      day: "2026-11-25",
      orders: 1,
      cancelledOrders: 1,
      units: 0,
      salesCents: 0,
      commissionCents: 0,
    },
  ]);
});
