/** The relay between an outbox and a broker that both fail at any point: nothing is lost, and each room's order holds. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Outbox, Pending } from "./outbox.ts";
import { keptWithoutKafka, type Publish, runRelay } from "./relay.ts";

/** `before`: nothing happened. `part`: some rooms' events were taken. `after`: all were, and the answer was lost. */
type Fault = "none" | "before" | "part" | "after";
class Lost extends Error {}

interface World {
  readonly rows: { readonly pending: Pending; published: boolean }[];
  readonly topic: Pending[];
  readonly trims: number[];
}

const event = (row: number, room: string): Pending => ({ row, room, eventId: `e${row}`, text: `${row}` });

function world(rooms: readonly string[]): World {
  return {
    rows: rooms.map((room, i) => ({ pending: event(i + 1, room), published: false })),
    topic: [],
    trims: [],
  };
}

const outboxOf = ({ rows, trims }: World, fault: () => Fault): Outbox => ({
  pending: async (limit) => {
    if (fault() === "before") throw new Lost();
    return rows
      .filter(({ published }) => !published)
      .slice(0, limit)
      .map(({ pending }) => pending);
  },
  markPublished: async (marked) => {
    const kind = fault();
    if (kind === "before") throw new Lost();
    for (const row of rows) if (marked.includes(row.pending.row)) row.published = true;
    if (kind !== "none") throw new Lost();
  },
  prune: async () => 0,
  trim: async (kept) => {
    trims.push(kept);
    return 0;
  },
});

const brokerOf =
  ({ topic }: World, fault: () => Fault): Publish =>
  async (events) => {
    const kind = fault();
    if (kind === "before") throw new Lost();
    topic.push(...(kind === "part" ? events.filter(({ room }) => room === "a") : events));
    if (kind !== "none") throw new Lost();
  };

/** Relays until all is marked. @returns the failures that were told */
async function run(of: World, faults: readonly Fault[], publish: Publish | undefined): Promise<number> {
  const left = [...faults];
  const fault = () => left.shift() ?? "none";
  const stop = new AbortController();
  let failures = 0;
  let time = 0;
  const done = () => of.rows.every(({ published }) => published);
  await runRelay(
    {
      exclusively: async (work) => {
        if (left.shift() === "before") return false;
        await work(outboxOf(of, fault));
        return true;
      },
      publish: publish ?? brokerOf(of, fault),
      sleep: async (ms) => {
        time += ms;
        if ((done() && left.length === 0) || time > 10_000_000) stop.abort();
      },
      now: () => time,
    },
    { signal: stop.signal, onPublished: () => {}, onError: () => failures++ },
  );
  return failures;
}

/** What a consumer keeps that drops what it has seen by its number. */
function consumed(topic: readonly Pending[]): ReadonlyMap<string, readonly number[]> {
  const seen = new Map<string, number[]>();
  for (const { room, row } of topic) {
    const of = seen.get(room) ?? [];
    if (row > (of.at(-1) ?? 0)) of.push(row);
    seen.set(room, of);
  }
  return seen;
}

test("whatever fails, and wherever: each room's events arrive whole and in order", async () => {
  const fault = fc.constantFrom<Fault>("none", "before", "part", "after");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 700 }),
      fc.array(fault, { maxLength: 20 }),
      async (rooms, faults) => {
        const of = world(rooms);
        await run(of, faults, undefined);
        const expected = consumed(rooms.map((room, i) => event(i + 1, room)));
        const got = consumed(of.topic);
        expect([...got.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [room, rows] of expected) expect(got.get(room)).toEqual(rows);
      },
    ),
    { numRuns: 300 },
  );
});

test("a failure is told, and tried again with pauses that grow to seconds", async () => {
  const of = world(["a"]);
  let asked = 0;
  const failures = await run(of, [], async () => {
    asked += 1;
    if (asked <= 8) throw new Lost();
  });
  expect(failures).toBe(8);
  expect(of.rows.every(({ published }) => published)).toBe(true);
});

test("without Kafka nothing is marked, and the newest are kept", async () => {
  const of = world(["a"]);
  const stop = new AbortController();
  let naps = 0;
  await runRelay(
    {
      exclusively: async (work) => {
        await work(outboxOf(of, () => "none"));
        return true;
      },
      publish: undefined,
      sleep: async () => {
        naps += 1;
        if (naps === 3) stop.abort();
      },
      now: () => 0,
    },
    { signal: stop.signal, onPublished: () => {}, onError: () => {} },
  );
  expect(of.rows[0]?.published).toBe(false);
  expect(of.trims).toEqual([keptWithoutKafka]);
});
