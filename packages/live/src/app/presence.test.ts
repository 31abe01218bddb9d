/** Who watches: what changed, what is written, what is known of it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { countViewers } from "./counting.ts";
import { unionOf } from "./edges.ts";
import { type Change, changesBetween, type Presence, presenceIn, type Watching } from "./presence.ts";
import { boundedBy, type Redis, RedisAway } from "./redis.ts";

const watching = (of: Readonly<Record<string, readonly string[]>>): Watching =>
  new Map(Object.entries(of).map(([room, sessions]) => [room, new Set(sessions)]));
const plain = (of: Watching) =>
  Object.fromEntries(
    [...of].filter(([, { size }]) => size > 0).map(([room, all]) => [room, [...all].sort()]),
  );

/** A Redis in memory whose keys' lives can be ended. */
function store() {
  const values = new Map<string, string>();
  const sets = new Map<string, readonly string[]>();
  const redis: Omit<Redis, "close"> = {
    get: async (keys) => keys.map((key) => values.get(key) ?? null),
    set: async (key, value) => {
      values.set(key, value);
    },
    members: async (key) => sets.get(key) ?? [],
    setMembers: async (key, members) => {
      sets.set(key, members);
    },
  };
  return { values, sets, redis: { ...redis, close: () => {} } };
}

test("a session at two edges is one", () => {
  const all = [{ tea: ["1", "2"] }, { tea: ["2", "3"], silk: ["1"] }];
  expect(plain(unionOf(all))).toEqual({ tea: ["1", "2", "3"], silk: ["1"] });
});

test("changes lead from one state to the other, in the order of rooms", () => {
  const state = fc.dictionary(
    fc.constantFrom("a", "b", "c"),
    fc.uniqueArray(fc.constantFrom("1", "2", "3", "4")),
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(state, state, (before, after) => {
      const changes = changesBetween(watching(before), watching(after));
      const now = new Map([...watching(before)].map(([room, of]) => [room, new Set(of)]));
      for (const { room, joined, left, viewers } of changes) {
        const of = now.get(room) ?? new Set<string>();
        for (const session of left) expect(of.delete(session)).toBe(true);
        for (const session of joined) of.add(session);
        expect(of.size).toBe(viewers);
        now.set(room, of);
      }
      expect(plain(now)).toEqual(plain(watching(after)));
      expect(changes.map(({ room }) => room)).toEqual(changes.map(({ room }) => room).sort());
    }),
  );
});

test("what is written is read, by room; numbers whose life has ended are unknown, not nought", async () => {
  const { redis, values } = store();
  const presence = presenceIn(redis, "live:");
  expect(await presence.viewers(["tea"])).toBeUndefined();
  await presence.save(watching({ tea: ["1", "2"], silk: [] }));
  expect(await presence.viewers(["tea", "silk", "jade"])).toEqual([2, 0, 0]);
  expect(plain(await presence.load())).toEqual({ tea: ["1", "2"] });
  expect([...values.keys()]).toContain("live:{tea}:viewers");
  values.delete("live:counted");
  expect(await presence.viewers(["tea"])).toBeUndefined();
});

/** Counts through these answers of the edges. */
async function count(
  answers: readonly (Watching | Error)[],
  presence: Presence,
  announce: (change: Change) => Promise<void> = async () => {},
) {
  const left = [...answers];
  const stop = new AbortController();
  const totals: number[] = [];
  const errors: unknown[] = [];
  await countViewers(
    {
      exclusively: async (work) => {
        await work({ check: async () => {} });
        return true;
      },
      watching: async () => {
        const next = left.shift();
        if (left.length === 0) stop.abort();
        if (next instanceof Error) throw next;
        return next ?? new Map();
      },
      presence,
      announce,
      sleep: async () => {},
    },
    { signal: stop.signal, onCounted: (n) => totals.push(n), onError: (error) => errors.push(error) },
  );
  return { totals, errors };
}

const told = (changes: readonly Change[]) =>
  changes.map(({ room, joined, left, viewers }) => `${room} +${joined} -${left} =${viewers}`);

test("who comes and goes is announced once, through a silent edge, a failed announcement and a change of instance", async () => {
  const { redis } = store();
  const presence = presenceIn(redis, "live:");
  const changes: Change[] = [];
  let failures = 1;
  const announce = async (change: Change) => {
    if (change.room === "tea" && failures-- > 0) throw new Error("no database");
    changes.push(change);
  };
  const both = watching({ silk: ["9"], tea: ["1"] });
  const first = await count([both, both, new Error("no edge"), both], presence, announce);
  expect(told(changes)).toEqual(["silk +9 - =1", "tea +1 - =1"]);
  expect(first.errors).toHaveLength(2);
  expect(first.totals.slice(0, -1)).toEqual([2, 2]);
  expect(first.totals.at(-1)).toBe(0);
  await count([watching({ tea: ["1", "2"] })], presence, announce);
  expect(told(changes.slice(2))).toEqual(["silk + -9 =0", "tea +2 - =2"]);
  expect(await presence.viewers(["silk", "tea"])).toEqual([0, 2]);
});

test("Redis away: who came is announced once all the same", async () => {
  const { redis } = store();
  let away = false;
  const presence = presenceIn(
    {
      ...redis,
      set: async (...args) => {
        if (away) throw new RedisAway("away");
        await redis.set(...args);
      },
    },
    "live:",
  );
  const changes: Change[] = [];
  const tea = watching({ tea: ["1"] });
  const { errors } = await count([new Map(), tea, tea, tea], presence, async (change) => {
    away = true;
    changes.push(change);
  });
  expect(told(changes)).toEqual(["tea +1 - =1"]);
  expect(errors.every((error) => error instanceof RedisAway)).toBe(true);
  expect(errors).toHaveLength(3);
});

test("a command that does not end is given up; after a row of them none is tried for a while", async () => {
  let now = 0;
  let tried = 0;
  const states: string[] = [];
  const bounded = boundedBy(
    { timeoutMs: 5, failures: 2, restMs: 100 },
    (state) => states.push(state),
    () => now,
  );
  const hang = () => {
    tried += 1;
    return new Promise<never>(() => {});
  };
  for (let i = 0; i < 4; i++) await expect(bounded(hang)).rejects.toThrow(RedisAway);
  expect(tried).toBe(2);
  expect(states).toEqual(["away"]);
  now = 100;
  expect(await bounded(async () => 7)).toBe(7);
  expect(states).toEqual(["away", "ok"]);
});
