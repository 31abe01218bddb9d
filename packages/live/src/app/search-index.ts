/** The index of rooms: its mapping, documents written under the room's event number, and how it is asked. */
import { type Elastic, reasonOf, SearchAway } from "./elastic.ts";

export interface RoomDocument {
  readonly name: string;
  readonly title: string;
  readonly merchant: string;
  readonly state: "idle" | "live" | "ended";
  /** What its last broadcast showed. */
  readonly products: readonly string[];
}

/** A room as of an event of its, or that it is gone. */
export interface Revision {
  readonly room: string;
  readonly sequence: number;
  readonly document: RoomDocument | undefined;
}

export interface Wish {
  /** Chinese, English, a room's or a merchant's name. */
  readonly text: string;
  readonly liveOnly: boolean;
  /** From 0. */
  readonly page: number;
}

export interface Found {
  /** Names of rooms, the best first. */
  readonly rooms: readonly string[];
  readonly total: number;
}

export interface RoomIndex {
  /** @returns whether it was made just now, and is empty */
  ensure(): Promise<boolean>;
  /** Unless the index has that revision or a later one. */
  put(revisions: readonly Revision[]): Promise<void>;
  search(wish: Wish): Promise<Found>;
}

export const resultsAPage = 20;
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
  },
} as const;

export const indexName = (prefix: string): string => `${prefix}rooms-1`;

interface BulkAnswer {
  readonly items: readonly Readonly<
    Record<string, { readonly _id: string; readonly status: number; readonly error?: unknown }>
  >[];
}

/** All of these throw SearchAway when no node answers, or an Error with the server's reason. */
export function roomIndexIn(elastic: Elastic, prefix: string): RoomIndex {
  const name = indexName(prefix);
  const must = async <T>(request: Parameters<Elastic["ask"]>[0]): Promise<T> => {
    const { status, body } = await elastic.ask<T>(request);
    if (status < 300) return body;
    throw new Error(`${request.method} ${request.path}: ${status} ${reasonOf(body)}`);
  };
  return {
    ensure: async () => {
      const there = await elastic.ask({ method: "HEAD", path: `/${name}`, timeoutMs: searchMs });
      if (there.status === 200) return false;
      const path = `/${name}`;
      await must({ method: "PUT", path, body: { mappings: mapping }, timeoutMs: writeMs });
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
      }>({ method: "POST", path: `/${name}/_search`, body: searchBody(wish), timeoutMs: searchMs });
      return { rooms: hits.hits.map(({ _id }) => _id), total: hits.total.value };
    },
  };
}

/** Pure. All words must be found in one field; who is live comes before who is not. */
export function searchBody({ text: query, liveOnly, page }: Wish): object {
  const all = (field: string, boost: number) => ({ match: { [field]: { query, operator: "and", boost } } });
  // Of two characters there is one pair; of more, most of them must be found.
  const pairs = (field: string, boost: number) => ({
    match: { [field]: { query, minimum_should_match: "75%", boost } },
  });
  const word = query.trim();
  return {
    from: page * resultsAPage,
    size: resultsAPage,
    track_total_hits: true,
    _source: false,
    query: {
      bool: {
        must: [
          {
            dis_max: {
              tie_breaker: 0.1,
              queries: [
                all("title", 3),
                pairs("title.pairs", 2),
                all("products", 1.5),
                pairs("products.pairs", 1),
                { term: { name: { value: word.toLowerCase(), boost: 5 } } },
                { term: { merchant: { value: word, boost: 4 } } },
              ],
            },
          },
        ],
        should: [{ term: { state: { value: "live", boost: 2 } } }],
        filter: liveOnly ? [{ term: { state: "live" } }] : [],
      },
    },
    sort: [{ _score: "desc" }, { name: "asc" }],
  };
}
