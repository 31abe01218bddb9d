/** Searching for products. */
import type { CatalogueIndex } from "./catalogue-index.ts";
import { reasonOf, type SearchCluster } from "./elastic.ts";
import { type SearchWish, searchBody } from "./query.ts";

export interface Found {
  /** Best first, of the wanted page. */
  readonly productIds: readonly number[];
  readonly total: number;
  /** Where most of the found products are. */
  readonly categories: readonly Bucket[];
  readonly merchants: readonly Bucket[];
  readonly tookMs: number;
}

export interface Bucket {
  readonly id: number;
  readonly count: number;
}

interface SearchAnswer {
  readonly took: number;
  readonly hits: {
    readonly total: { readonly value: number };
    readonly hits: readonly { readonly _source: { readonly productId: number } }[];
  };
  readonly aggregations: Readonly<
    Record<
      "categories" | "merchants",
      { readonly buckets: readonly { readonly key: number; readonly doc_count: number }[] }
    >
  >;
}

export interface ProductSearch {
  /** @throws SearchUnavailable; an Error with the cluster's reason when it refuses */
  search(wish: SearchWish): Promise<Found>;
}

/** A reader waits no longer than this; the shop has listings without search. */
const searchTimeoutMs = 2_000;

export const productSearch = (
  cluster: Pick<SearchCluster, "ask">,
  index: Pick<CatalogueIndex, "name">,
): ProductSearch => ({
  search: async (wish) => {
    const answer = await cluster.ask<SearchAnswer>({
      method: "POST",
      path: `/${index.name}/_search`,
      body: searchBody(wish),
      timeoutMs: searchTimeoutMs,
    });
    if (answer.status >= 300) throw new Error(`search: ${answer.status} ${reasonOf(answer.body)}`);
    const { took, hits, aggregations } = answer.body;
    const buckets = (of: "categories" | "merchants") =>
      aggregations[of].buckets.map((bucket) => ({ id: bucket.key, count: bucket.doc_count }));
    return {
      productIds: hits.hits.map((hit) => hit._source.productId),
      total: hits.total.value,
      categories: buckets("categories"),
      merchants: buckets("merchants"),
      tookMs: took,
    };
  },
});
