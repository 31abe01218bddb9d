/** The index of rooms follows MySQL, whatever fails. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { SearchAway } from "./elastic.ts";
import { indexOnce, shownIn, type Unindexed } from "./indexing.ts";
import { type Revision, type RoomIndex, roomIndexIn } from "./search-index.ts";
import { aboutRoom, replayId, roomsBody } from "./search-query.ts";

const document = (room: string, title: string) => ({
  ...{ name: room, title, merchant: "m1", state: "idle" as const },
  products: [],
  replays: [],
});

/** Rooms with their numbers, and an index that keeps the latest revision of each. */
function world() {
  const rooms = new Map<string, { last: number; indexed: number; title: string | undefined }>();
  let kept: Map<string, Revision> | undefined;
  const fail = { next: false };
  const maybe = () => {
    if (!fail.next) return;
    fail.next = false;
    throw new Error("away");
  };
  const unindexed: Unindexed = {
    due: async () =>
      [...rooms].flatMap(([room, { last, indexed, title }]) =>
        last > indexed
          ? [{ room, sequence: last, document: title === undefined ? undefined : document(room, title) }]
          : [],
      ),
    indexed: async (revisions) => {
      maybe();
      for (const { room, sequence } of revisions) {
        const of = rooms.get(room);
        if (of !== undefined) of.indexed = Math.max(of.indexed, sequence);
      }
    },
    none: async () => {
      for (const of of rooms.values()) of.indexed = -1;
    },
  };
  const index: RoomIndex = {
    ensure: async () => {
      maybe();
      if (kept !== undefined) return false;
      kept = new Map();
      return true;
    },
    put: async (revisions) => {
      for (const one of revisions)
        if ((kept?.get(one.room)?.sequence ?? -1) < one.sequence) kept?.set(one.room, one);
      maybe();
    },
    search: () => Promise.reject(new Error("unused")),
    searchReplays: () => Promise.reject(new Error("unused")),
  };
  return {
    ...{ rooms, unindexed, index, fail },
    lose: () => {
      kept = undefined;
    },
    titles: () =>
      Object.fromEntries(
        [...(kept ?? [])].flatMap(([room, { document }]) => (document ? [[room, document.title]] : [])),
      ),
  };
}

test("changes, failures, an index that is lost: in the end it holds each room as it is", async () => {
  const step = fc.oneof(
    fc.record({
      change: fc.constantFrom("a", "b"),
      title: fc.option(fc.constantFrom("x", "y"), { nil: undefined }),
    }),
    fc.constantFrom("fail" as const, "lose" as const, "round" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { rooms, unindexed, index, fail, lose, titles } = world();
      for (const one of steps) {
        if (one === "fail") fail.next = true;
        else if (one === "lose") lose();
        else if (one === "round") await indexOnce(index, unindexed, true).catch(() => {});
        else {
          const of = rooms.get(one.change) ?? { last: -1, indexed: -1, title: undefined };
          rooms.set(one.change, { ...of, last: of.last + 1, title: one.title });
        }
      }
      fail.next = false;
      await indexOnce(index, unindexed, true);
      const expected = [...rooms].flatMap(([room, { title }]) =>
        title === undefined ? [] : [[room, title]],
      );
      expect(titles()).toEqual(Object.fromEntries(expected));
      expect(await indexOnce(index, unindexed, false)).toBe(0);
    }),
  );
});

test("a search asks for all words in one field or most pairs of characters, and only in what is live if asked so", () => {
  const body = JSON.stringify(roomsBody({ text: "绿茶", liveOnly: true, page: 2 }));
  expect(body).toContain('"from":40');
  expect(body).toContain('"filter":[{"term":{"state":"live"}}]');
  expect(body).toContain('{"title":{"query":"绿茶","operator":"and","boost":3}}');
  expect(JSON.stringify(roomsBody({ text: "x", liveOnly: false, page: 0 }))).toContain('"filter":[]');
});

test("a room that is gone is deleted; an older revision is no failure, a refused document is", async () => {
  const lines: (readonly object[] | undefined)[] = [];
  let status = 409;
  const index = roomIndexIn(
    {
      ask: async <T>(request: { readonly lines?: readonly object[] }) => {
        lines.push(request.lines);
        const items = [{ index: { _id: "tea", status, error: { reason: "no such field" } } }];
        return { status: 200, body: { items } as T };
      },
      close: async () => {},
    },
    "live-",
  );
  const revisions = [
    { room: "tea", sequence: 3, document: document("tea", "茶") },
    { room: "silk", sequence: 0, document: undefined },
  ];
  await index.put(revisions);
  expect(lines[0]).toEqual([
    { index: { _id: "tea", version: 4, version_type: "external" } },
    document("tea", "茶"),
    { delete: { _id: "silk", version: 1, version_type: "external" } },
  ]);
  status = 400;
  await expect(index.put(revisions)).rejects.toThrow("room tea: no such field");
});

test("replays: all of a room that is meant itself, and those alone of another that showed the product", async () => {
  const inner = (...broadcasts: readonly string[]) => ({
    replays: { hits: { hits: broadcasts.map((broadcast) => ({ fields: { [replayId]: [broadcast] } })) } },
  });
  const hits = [
    { _id: "tea", matched_queries: [aboutRoom], inner_hits: inner("b1") },
    { _id: "silk", matched_queries: [], inner_hits: inner("b2", "b3") },
    { _id: "jade", inner_hits: inner("b4") },
  ];
  const index = roomIndexIn(
    { ask: async <T>() => ({ status: 200, body: { hits: { hits } } as T }), close: async () => {} },
    "live-",
  );
  expect(await index.searchReplays("绿茶")).toEqual({ rooms: ["tea"], broadcasts: ["b2", "b3", "b4"] });
});

test("an index that is not there yet is away, and no failure", async () => {
  const index = roomIndexIn(
    { ask: async <T>() => ({ status: 404, body: {} as T }), close: async () => {} },
    "live-",
  );
  await expect(index.searchReplays("茶")).rejects.toThrow(SearchAway);
});

test("an index of another mapping is removed when the new one is made", async () => {
  const asked: string[] = [];
  const index = roomIndexIn(
    {
      ask: async <T>({ method, path }: { readonly method: string; readonly path: string }) => {
        asked.push(`${method} ${path}`);
        return { status: method === "PUT" ? 200 : 404, body: {} as T };
      },
      close: async () => {},
    },
    "live-",
  );
  expect(await index.ensure()).toBe(true);
  expect(asked).toEqual(["HEAD /live-rooms-2", "PUT /live-rooms-2", "DELETE /live-rooms-1"]);
});

test("what replays showed, each product once", () => {
  const shown = (broadcast: string, product: string) => ({ broadcast, product });
  expect(shownIn([shown("b1", "茶"), shown("b2", "silk"), shown("b1", "茶"), shown("b1", "壶")])).toEqual([
    { broadcast: "b1", products: ["茶", "壶"] },
    { broadcast: "b2", products: ["silk"] },
  ]);
});
