/** The index of products: its mapping, and documents written under their revisions. */

import type { ProductDocument } from "./document.ts";
import { reasonOf, type SearchCluster, SearchUnavailable } from "./elastic.ts";

/** A load has an index of its own: a new shop is filled beside the old one, whose index goes then. */
export const indexName = (load: string): string => `products-${load.slice(0, 12)}`;

const chinese = { type: "text", analyzer: "smartcn" } as const;
const english = { type: "text", analyzer: "english" } as const;
const keyword = { type: "keyword" } as const;
const integer = { type: "integer" } as const;

/**
 * Chinese is segmented by smartcn. Where its segments differ from the searcher's (a brand is no word of its
 * dictionary), pairs of characters (`cjk`) find it all the same. How many shards, copies and how soon a document is
 * found is the mall's affair: its template for `products*` says so.
 */
export const mapping = {
  dynamic: "strict",
  properties: {
    productId: integer,
    revision: { type: "long" },
    name: { ...chinese, fields: { pairs: { type: "text", analyzer: "cjk" } } },
    nameEn: english,
    brand: { type: "keyword", fields: { pairs: { type: "text", analyzer: "cjk" } } },
    brandEn: { ...english, fields: { exact: keyword } },
    features: chinese,
    featuresEn: english,
    categoryId: integer,
    category: { ...chinese, fields: { exact: keyword } },
    categoryEn: english,
    group: chinese,
    groupEn: english,
    merchantId: integer,
    merchant: { ...chinese, fields: { pairs: { type: "text", analyzer: "cjk" } } },
    merchantEn: english,
    city: keyword,
    priceCents: integer,
    availableUnits: integer,
    soldUnits: integer,
    popularityRank: integer,
  },
} as const;

export interface CatalogueIndex {
  readonly name: string;
  exists(): Promise<boolean>;
  create(): Promise<void>;
  /** Indices of loads before this one. */
  removeOthers(): Promise<readonly string[]>;
  /**
   * Writes each document unless the index has that revision or a later one.
   * @throws SearchUnavailable, or an Error with the first refused document's reason: some may be written
   */
  put(documents: readonly ProductDocument[]): Promise<void>;
  /** What was written until now is found from here on. */
  refresh(): Promise<void>;
  count(): Promise<number>;
  /** Every document, in the order of ids. */
  readAll(each: (documents: readonly ProductDocument[]) => void): Promise<number>;
}

interface BulkAnswer {
  readonly errors: boolean;
  readonly items: readonly {
    readonly index: { readonly status: number; readonly _id: string; readonly error?: unknown };
  }[];
}

const bulkTimeoutMs = 30_000;
const readPage = 5_000;
const conflict = 409;

export function catalogueIndex(cluster: SearchCluster, load: string): CatalogueIndex {
  const name = indexName(load);
  const must = async <T>(...request: Parameters<typeof cluster.ask>): Promise<T> => {
    const answer = await cluster.ask<T>(...request);
    if (answer.status < 300) return answer.body;
    throw new Error(`${request[0].method} ${request[0].path}: ${answer.status} ${reasonOf(answer.body)}`);
  };
  return {
    name,
    exists: async () => (await cluster.ask({ method: "HEAD", path: `/${name}` })).status === 200,
    create: async () => {
      const answer = await cluster.ask({
        method: "PUT",
        path: `/${name}`,
        body: { mappings: mapping },
        timeoutMs: bulkTimeoutMs,
      });
      const already =
        typeof answer.body === "object" && JSON.stringify(answer.body).includes("already_exists");
      if (answer.status >= 300 && !already) throw new Error(`${name}: ${reasonOf(answer.body)}`);
    },
    removeOthers: async () => {
      const found = await must<Readonly<Record<string, unknown>>>({
        method: "GET",
        path: "/products-*/_settings/index.creation_date",
      });
      const others = Object.keys(found).filter((one) => one !== name && /^products-[0-9a-f]{12}$/.test(one));
      for (const other of others) await must({ method: "DELETE", path: `/${other}` });
      return others;
    },
    put: async (documents) => {
      if (documents.length === 0) return;
      const lines = documents.flatMap((document) => [
        { index: { _id: String(document.productId), version: document.revision, version_type: "external" } },
        document,
      ]);
      const answer = await must<BulkAnswer>({
        method: "POST",
        path: `/${name}/_bulk`,
        lines,
        timeoutMs: bulkTimeoutMs,
      });
      if (!answer.errors) return;
      // A conflict says that the same or a later revision is there.
      const refused = answer.items.find(({ index }) => index.status >= 300 && index.status !== conflict);
      if (refused === undefined) return;
      const why = `product ${refused.index._id}: ${reasonOf({ error: refused.index.error })}`;
      if (refused.index.status === 429 || refused.index.status >= 500) throw new SearchUnavailable(why);
      throw new Error(why);
    },
    refresh: async () => {
      await must({ method: "POST", path: `/${name}/_refresh`, timeoutMs: bulkTimeoutMs });
    },
    count: async () => (await must<{ count: number }>({ method: "GET", path: `/${name}/_count` })).count,
    readAll: async (each) => {
      let after: number | undefined;
      let read = 0;
      for (;;) {
        const page = await must<{
          hits: { hits: readonly { _source: ProductDocument; sort: readonly number[] }[] };
        }>({
          method: "POST",
          path: `/${name}/_search`,
          timeoutMs: bulkTimeoutMs,
          body: {
            size: readPage,
            query: { match_all: {} },
            sort: [{ productId: "asc" }],
            track_total_hits: false,
            ...(after === undefined ? {} : { search_after: [after] }),
          },
        });
        const { hits } = page.hits;
        each(hits.map((hit) => hit._source));
        read += hits.length;
        after = hits.at(-1)?.sort[0];
        if (hits.length < readPage) return read;
      }
    },
  };
}
