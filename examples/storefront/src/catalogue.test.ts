import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { type Catalogue, catalogue, decode, type ProductPage, type ProductSource } from "./catalogue.ts";
import type { Cache } from "./catalogue-cache.ts";
import { RedisUnavailable } from "./redis.ts";

const page = (id: number, version: number): ProductPage => ({
  id,
  version,
  name: `货品 ${id}`,
  brand: "云岚",
  priceCents: 100 + version,
  categoryId: 1,
  merchantId: 1,
  merchantName: "云岚旗舰店",
  merchantCity: "杭州",
  attributes: {},
  description: "",
  orderedUnits: 0,
});

/**
 * Redis and MySQL as a client meets them: a request travels, takes effect at one moment, and its answer travels
 * back; `travel` decides how long each takes.
 */
function servers(travel: (what: string) => Promise<void>) {
  const keys = new Map<number, string>();
  const rows = new Map<number, number>();
  let away = false;
  const atRedis = async <T>(what: string, effect: () => T): Promise<T> => {
    await travel(`${what} →`);
    if (away) throw new RedisUnavailable("away");
    const value = effect();
    await travel(`← ${what}`);
    return value;
  };
  const cache: Cache = {
    get: (id) => atRedis("get", () => keys.get(id) ?? null),
    lease: (id, token) =>
      atRedis("lease", () => {
        const found = keys.get(id);
        if (found !== undefined) return { leased: false, found };
        keys.set(id, `L${token}`);
        return { leased: true };
      }),
    fill: (id, token, value) =>
      atRedis("fill", () => {
        if (keys.get(id) !== `L${token}`) return false;
        keys.set(id, value);
        return true;
      }),
    release: (id, token) =>
      atRedis("release", () => {
        if (keys.get(id) === `L${token}`) keys.delete(id);
      }),
    fence: (id, token) =>
      atRedis("fence", () => {
        keys.set(id, `F${token}`);
      }),
    lift: (id, token) =>
      atRedis("lift", () => {
        const found = keys.get(id);
        if (found?.startsWith("F") === true && found !== `F${token}`) return;
        keys.delete(id);
      }),
  };
  let asked = 0;
  const source: ProductSource = {
    product: async (id) => {
      asked += 1;
      await travel("select →");
      const version = rows.get(id);
      await travel("← select");
      return version === undefined ? undefined : page(id, version);
    },
  };
  const commit = async (id: number): Promise<number> => {
    await travel("update →");
    const version = (rows.get(id) ?? 0) + 1;
    rows.set(id, version);
    await travel("← update");
    return version;
  };
  return {
    cache,
    source,
    commit,
    keys,
    rows,
    asked: () => asked,
    redisIsAway: (is: boolean) => {
      away = is;
    },
  };
}

const now = async () => {};
let tokens = 0;
const token = () => {
  tokens += 1;
  return `t${tokens}`;
};

describe("every interleaving", () => {
  type Actor = "read a" | "read b" | "write a" | "write b" | "evict";
  const actors = fc.array(
    fc.constantFrom<Actor>("read a", "read a", "read b", "write a", "write b", "evict"),
    { minLength: 2, maxLength: 9 },
  );

  test("no reader sees a row from before an acknowledged change, whatever is evicted when", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), actors, async (s, plan) => {
        const travel = (what: string) => s.schedule(Promise.resolve(), what);
        const world = servers(travel);
        world.rows.set(1, 1);
        const options = { sleep: () => travel("sleep"), token, random: () => 0.5 };
        const instances = {
          a: catalogue(world.cache, world.source, options),
          b: catalogue(world.cache, world.source, options),
        };
        let acknowledged = 1;
        const read = async (instance: Catalogue) => {
          await travel("comes");
          const atLeast = acknowledged;
          const found = await instance.read(1);
          expect(found?.version).toBeGreaterThanOrEqual(atLeast);
        };
        const write = async (instance: Catalogue) => {
          await travel("comes");
          const version = await instance.changing(1, async () => ({
            certain: true,
            value: await world.commit(1),
          }));
          acknowledged = Math.max(acknowledged, version);
        };
        const evict = async () => {
          await travel("evict");
          world.keys.delete(1);
        };
        const run = (actor: Actor): Promise<void> => {
          if (actor === "evict") return evict();
          const instance = actor.endsWith("a") ? instances.a : instances.b;
          return actor.startsWith("read") ? read(instance) : write(instance);
        };
        await s.waitFor(Promise.all(plan.map(run)));
        await s.waitIdle(); // fills go on beside their readers
        // When all is quiet, what stands in the cache is the row.
        const entry = decode(world.keys.get(1) ?? null);
        if (entry.kind === "page") expect(entry.page?.version).toBe(world.rows.get(1));
        expect(entry.kind).not.toBe("fence");
      }),
      { numRuns: 3_000 },
    );
  });

  test("a writer that dies after its commit leaves a fence, and then a miss, never the old row", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 5 }), async (s, readers) => {
        const travel = (what: string) => s.schedule(Promise.resolve(), what);
        const world = servers(travel);
        world.rows.set(1, 1);
        const options = { sleep: () => travel("sleep"), token, random: () => 0.5 };
        const shared = catalogue(world.cache, world.source, options);
        let committed = false;
        const dying = shared
          .changing(1, async () => {
            await world.commit(1);
            committed = true;
            throw new Error("killed");
          })
          .catch(() => {});
        const read = async () => {
          await travel("comes");
          const after = committed;
          const found = await shared.read(1);
          if (after) expect(found?.version).toBe(2);
        };
        await s.waitFor(Promise.all([dying, ...Array.from({ length: readers }, read)]));
        expect(decode(world.keys.get(1) ?? null).kind).toBe("fence");
        world.keys.delete(1); // the fence expires
        const last = shared.read(1);
        expect((await s.waitFor(last))?.version).toBe(2);
      }),
      { numRuns: 500 },
    );
  });
});

describe("reading through", () => {
  const fresh = () => {
    const world = servers(now);
    world.rows.set(1, 1);
    return { ...world, shop: catalogue(world.cache, world.source, { token, random: () => 0.5, sleep: now }) };
  };

  test("the second read is a hit", async () => {
    const { shop, asked } = fresh();
    expect((await shop.read(1))?.version).toBe(1);
    expect((await shop.read(1))?.version).toBe(1);
    expect(asked()).toBe(1);
    expect(shop.stats()).toMatchObject({ hits: 1, misses: 1 });
  });

  test("that there is no such product is known as well, until one is made", async () => {
    const { shop, asked, commit } = fresh();
    expect(await shop.read(2)).toBeUndefined();
    expect(await shop.read(2)).toBeUndefined();
    expect(asked()).toBe(1);
    await shop.changing(2, async () => ({ certain: true, value: await commit(2) }));
    expect((await shop.read(2))?.version).toBe(1);
  });

  test("many who miss at once ask the database once, and once more for those who came during that", async () => {
    const { shop, asked } = fresh();
    const found = await Promise.all(Array.from({ length: 50 }, () => shop.read(1)));
    expect(found.every((p) => p?.version === 1)).toBe(true);
    expect(asked()).toBeLessThanOrEqual(2);
  });

  test("without Redis it reads the database, and changes go on", async () => {
    const { shop, redisIsAway, commit, asked, rows } = fresh();
    redisIsAway(true);
    expect((await shop.read(1))?.version).toBe(1);
    await shop.changing(1, async () => ({ certain: true, value: await commit(1) }));
    expect((await shop.read(1))?.version).toBe(2);
    expect(asked()).toBe(2);
    expect(rows.get(1)).toBe(2);
    expect(shop.stats()).toMatchObject({ bypassed: 2, unfenced: 1 });
    redisIsAway(false);
    await shop.settle();
  });

  test("an invalidation that Redis missed is repeated until it has it", async () => {
    const world = servers(now);
    world.rows.set(1, 1);
    const pauses: (() => void)[] = [];
    const shop = catalogue(world.cache, world.source, {
      token,
      sleep: () => new Promise((resolve) => pauses.push(resolve)),
    });
    await shop.read(1);
    world.redisIsAway(true);
    await shop.changing(1, async () => ({ certain: true, value: await world.commit(1) }));
    for (const resume of pauses.splice(0)) resume();
    await vi.waitFor(() => expect(pauses).toHaveLength(1));
    world.redisIsAway(false);
    expect(decode(world.keys.get(1) ?? null)).toMatchObject({ kind: "page", page: { version: 1 } });
    for (const resume of pauses.splice(0)) resume();
    await shop.settle();
    expect(world.keys.has(1)).toBe(false);
  });

  test("a change whose outcome is open keeps its fence", async () => {
    const { shop, keys, commit } = fresh();
    await shop.changing(1, async () => ({ certain: false, value: await commit(1) }));
    expect(decode(keys.get(1) ?? null).kind).toBe("fence");
    expect((await shop.read(1))?.version).toBe(2);
    expect(shop.stats().fenced).toBe(1);
  });

  test("a database that fails gives its lease back", async () => {
    const world = servers(now);
    const shop = catalogue(world.cache, {
      product: async () => {
        throw new Error("no primary");
      },
    });
    await expect(shop.read(1)).rejects.toThrow("no primary");
    expect(world.keys.has(1)).toBe(false);
  });

  test("what cannot be read counts as nothing", () => {
    expect(decode("V{broken").kind).toBe("none");
    expect(decode("Lsomebody").kind).toBe("none");
    expect(decode("N")).toEqual({ kind: "page", page: undefined });
  });
});
