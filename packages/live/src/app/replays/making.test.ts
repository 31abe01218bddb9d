/** Making and deleting against a bucket in memory: the order of what is done, and what a fault leaves behind. */
import { expect, test } from "vitest";
import { makeReplays } from "./making.ts";
import type { Claimed } from "./store.ts";

interface World {
  waiting: Claimed[];
  deleting: Claimed[];
  readonly objects: Map<string, string>;
  readonly did: string[];
  isAway: boolean;
  madeAnswer: boolean;
}

/** Runs the loop for as many rounds. */
async function run(world: World, rounds: number): Promise<readonly string[]> {
  const stop = new AbortController();
  const lines: string[] = [];
  let round = 0;
  const failing = <T>(value: T): Promise<T> =>
    world.isAway ? Promise.reject(new Error("ECONNREFUSED")) : Promise.resolve(value);
  await makeReplays(
    {
      owner: "me",
      keepDays: 90,
      log: (message) => lines.push(message),
      pause: async () => {
        round += 1;
        if (round >= rounds) stop.abort();
      },
      bucket: {
        list: (prefix) =>
          failing(
            [...world.objects]
              .filter(([key]) => key.startsWith(prefix))
              .map(([key, text]) => ({ key, bytes: text.length })),
          ),
        put: async (key, content) => {
          await failing(undefined);
          world.did.push(`put ${key}`);
          world.objects.set(key, new TextDecoder().decode(content));
        },
        remove: async (key) => {
          await failing(undefined);
          world.did.push(`remove ${key}`);
          world.objects.delete(key);
        },
      },
      replays: {
        expire: async () => 0,
        claim: async (state) => (state === "waiting" ? world.waiting : world.deleting).shift(),
        made: async ({ broadcast }, _owner, { seconds, segments }) => {
          world.did.push(`made ${broadcast} ${seconds} ${segments.length}`);
          return world.madeAnswer;
        },
        removed: async (broadcast) => void world.did.push(`removed ${broadcast}`),
        putBack: async (broadcast) => void world.did.push(`put back ${broadcast}`),
      },
    },
    stop.signal,
  );
  return lines;
}

const claimed: Claimed = { broadcast: "b1aaaa", room: "tea", whole: true };
const worldOf = (change: Partial<World> = {}): World => ({
  ...{ waiting: [], deleting: [], did: [], isAway: false, madeAnswer: true },
  objects: new Map([
    ["tea/b1aaaa/source-7-1794000000000-3000.ts", "x".repeat(10)],
    ["tea/b1aaaa/source-8-1794000003000-2000.ts", "x".repeat(10)],
    ["tea/b1aaaa/poster.jpg", "x"],
  ]),
  ...change,
});

test("the playlist is in the bucket before anybody is told that there is a replay", async () => {
  const world = worldOf({ waiting: [claimed] });
  await run(world, 1);
  expect(world.did).toEqual(["put tea/b1aaaa/index.m3u8", "made b1aaaa 5 2"]);
  expect(world.objects.get("tea/b1aaaa/index.m3u8")).toContain("#EXT-X-ENDLIST");
});

test("what grew meanwhile is put back, and made anew", async () => {
  const world = worldOf({ waiting: [claimed], madeAnswer: false });
  await run(world, 1);
  expect(world.did.at(-1)).toBe("put back b1aaaa");
});

test("a bucket that is away costs nothing but time, and is said once", async () => {
  const world = worldOf({ waiting: [claimed, claimed], deleting: [claimed], isAway: true });
  const lines = await run(world, 4);
  expect(world.did).toEqual(["put back b1aaaa", "put back b1aaaa", "put back b1aaaa"]);
  expect(lines).toEqual(["replays have to wait"]);
});

test("a broadcast of which nothing arrived leaves no playlist", async () => {
  const world = worldOf({ waiting: [claimed] });
  world.objects.clear();
  await run(world, 1);
  expect(world.did).toEqual(["made b1aaaa 0 0"]);
});

test("deleted from its playlist on, and forgotten when nothing is left", async () => {
  const world = worldOf({ deleting: [claimed] });
  world.objects.set("tea/b1aaaa/index.m3u8", "");
  world.objects.set("tea/b1aaaab/poster.jpg", "another's");
  await run(world, 1);
  expect(world.did[0]).toBe("remove tea/b1aaaa/index.m3u8");
  expect(world.did.at(-1)).toBe("removed b1aaaa");
  expect([...world.objects.keys()]).toEqual(["tea/b1aaaab/poster.jpg"]);
});
