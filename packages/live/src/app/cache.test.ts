import { expect, test } from "vitest";
import { cacheIn } from "./cache.ts";

function world() {
  const kept = new Map<string, string>();
  const outcomes: string[] = [];
  const state = { away: false, loads: 0 };
  const cache = cacheIn(
    {
      get: async (keys) => {
        if (state.away) throw new Error("away");
        return keys.map((key) => kept.get(key) ?? null);
      },
      set: async (key, value) => {
        if (state.away) throw new Error("away");
        kept.set(key, value);
      },
    },
    "live:",
    (outcome) => outcomes.push(outcome),
  );
  const load = async () => {
    state.loads += 1;
    return { n: state.loads };
  };
  return { cache, load, kept, outcomes, state };
}

test("many at once are one question; later ones have what Redis holds, until it forgets", async () => {
  const { cache, load, kept, outcomes, state } = world();
  expect(await Promise.all([1, 2, 3].map(() => cache.through("a", load)))).toEqual([
    { n: 1 },
    { n: 1 },
    { n: 1 },
  ]);
  expect(await cache.through("a", load)).toEqual({ n: 1 });
  expect([...kept]).toEqual([["live:a", '{"n":1}']]);
  kept.clear();
  expect(await cache.through("a", load)).toEqual({ n: 2 });
  expect(outcomes).toEqual(["miss", "hit", "miss"]);
  expect(state.loads).toBe(2);
});

test("without Redis each question is answered, and a failure is kept by nobody", async () => {
  const { cache, load, outcomes, state } = world();
  state.away = true;
  expect(await cache.through("a", load)).toEqual({ n: 1 });
  expect(await cache.through("a", load)).toEqual({ n: 2 });
  expect(outcomes).toEqual(["away", "away"]);
  await expect(cache.through("b", () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
  expect(await cache.through("b", load)).toEqual({ n: 3 });
  expect(await cacheIn(undefined, "", () => {}).through("a", load)).toEqual({ n: 4 });
});
