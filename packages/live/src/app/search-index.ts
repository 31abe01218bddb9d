/** The index of rooms: its mapping, documents written under the room's event number, and how it is asked. */
import { type Elastic, reasonOf, SearchAway } from "./elastic.ts";
import { aboutRoom, replayId, replaysBody, roomsBody, type Wish } from "./search-query.ts";

export interface RoomDocument {
  readonly name: string;
  readonly title: string;
  readonly merchant: string;
  readonly state: "idle" | "live" | "ended";
  /** What its last broadcast showed. */
  readonly products: readonly string[];
  /** Those in which something was shown. */
  readonly replays: readonly { readonly broadcast: string; readonly products: readonly string[] }[];
}

/** A room as of an event of its, or that it is gone. */
export interface Revision {
  readonly room: string;
  readonly sequence: number;
  readonly document: RoomDocument | undefined;
}

export interface Found {
  /** Names of rooms, the best first. */
  readonly rooms: readonly string[];
  readonly total: number;
}

export interface FoundReplays {
  /** All of these rooms' replays … */
  readonly rooms: readonly string[];
  /** … and these. Some may be gone by now. */
  readonly broadcasts: readonly string[];
}

export interface RoomIndex {
  /** @returns whether it was made just now, and is empty */
  ensure(): Promise<boolean>;
  /** Unless the index has that revision or a later one. */
  put(revisions: readonly Revision[]): Promise<void>;
  search(wish: Wish): Promise<Found>;
  /** Of the twenty rooms that fit best. */
  searchReplays(text: string): Promise<FoundReplays>;
}

const searchMs = 2_000;
const writeMs = 10_000;

/**
 * Chinese is segmented by smartcn, which takes English, too. Where its segments differ from the searcher's (a brand is
 * no word of its dictionary), pairs of characters (`cjk`) find it all the same.
 */
const text = {
  type: "text",
  analyzer: "smartcn",
  fields: { pairs: { type: "text", analyzer: "cjk" } },
} as const;
const mapping = {
  dynamic: "strict",
  properties: {
    name: { type: "keyword" },
    title: text,
    merchant: { type: "keyword" },
    state: { type: "keyword" },
    products: text,
    replays: { type: "nested", properties: { broadcast: { type: "keyword" }, products: text } },
  },
} as const;

/** Another mapping is another index, filled from MySQL. */
export const indexName = (prefix: string): string => `${prefix}rooms-2`;
const formerNames = (prefix: string): readonly string[] => [`${prefix}rooms-1`];

interface BulkAnswer {
  readonly items: readonly Readonly<
    Record<string, { readonly _id: string; readonly status: number; readonly error?: unknown }>
  >[];
}

interface ReplayHits {
  readonly hits: {
    readonly hits: readonly {
      readonly _id: string;
      readonly matched_queries?: readonly string[];
      readonly inner_hits: {
        readonly replays: {
          readonly hits: {
            readonly hits: readonly { readonly fields: Readonly<Record<string, readonly string[]>> }[];
          };
        };
      };
    }[];
  };
}

/** All of these throw SearchAway when no node answers, or an Error with the server's reason. */
export function roomIndexIn(elastic: Elastic, prefix: string): RoomIndex {
  const name = indexName(prefix);
  const must = async <T>(request: Parameters<Elastic["ask"]>[0]): Promise<T> => {
    const { status, body } = await elastic.ask<T>(request);
    if (status < 300) return body;
    const why = `${request.method} ${request.path}: ${status} ${reasonOf(body)}`;
    // Being made, by this instance or another one.
    throw status === 404 ? new SearchAway(why) : new Error(why);
  };
  return {
    ensure: async () => {
      const there = await elastic.ask({ method: "HEAD", path: `/${name}`, timeoutMs: searchMs });
      if (there.status === 200) return false;
      const path = `/${name}`;
      await must({ method: "PUT", path, body: { mappings: mapping }, timeoutMs: writeMs });
      for (const former of formerNames(prefix))
        await elastic.ask({ method: "DELETE", path: `/${former}`, timeoutMs: writeMs });
      return true;
    },
    put: async (revisions) => {
      if (revisions.length === 0) return;
      const lines = revisions.flatMap(({ room, sequence, document }): readonly object[] => {
        const action = { _id: room, version: sequence + 1, version_type: "external" };
        return document === undefined ? [{ delete: action }] : [{ index: action }, document];
      });
      const path = `/${name}/_bulk`;
      const { items } = await must<BulkAnswer>({ method: "POST", path, lines, timeoutMs: writeMs });
      // A conflict says that the same or a later revision is there; what is to be deleted may be unknown.
      const refused = items
        .flatMap((item) => Object.values(item))
        .find(({ status }) => status >= 300 && status !== 409 && status !== 404);
      if (refused === undefined) return;
      const why = `room ${refused._id}: ${reasonOf({ error: refused.error })}`;
      throw refused.status === 429 || refused.status >= 500 ? new SearchAway(why) : new Error(why);
    },
    search: async (wish) => {
      const { hits } = await must<{
        readonly hits: {
          readonly total: { readonly value: number };
          readonly hits: readonly { readonly _id: string }[];
        };
      }>({ method: "POST", path: `/${name}/_search`, body: roomsBody(wish), timeoutMs: searchMs });
      return { rooms: hits.hits.map(({ _id }) => _id), total: hits.total.value };
    },
    searchReplays: async (wanted) => {
      const path = `/${name}/_search`;
      const { hits } = await must<ReplayHits>({
        ...{ method: "POST", path, body: replaysBody(wanted), timeoutMs: searchMs },
      });
      const isWhole = (hit: ReplayHits["hits"]["hits"][number]) =>
        hit.matched_queries?.includes(aboutRoom) === true;
      return {
        rooms: hits.hits.filter(isWhole).map(({ _id }) => _id),
        broadcasts: hits.hits
          .filter((hit) => !isWhole(hit))
          .flatMap(({ inner_hits }) =>
            inner_hits.replays.hits.hits.flatMap(({ fields }) => fields[replayId] ?? []),
          ),
      };
    },
  };
}
