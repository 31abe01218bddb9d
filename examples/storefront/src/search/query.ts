/** A search as the cluster is asked for it. Pure. */
import { waysToAsk } from "./synonyms.ts";

export const sorts = ["relevance", "sold", "price-up", "price-down"] as const;
export type Sort = (typeof sorts)[number];

export interface SearchWish {
  /** Chinese or English; empty: everything. */
  readonly text: string;
  readonly categoryId?: number;
  readonly merchantId?: number;
  readonly lowestCents?: number;
  readonly highestCents?: number;
  readonly onlyInStock: boolean;
  readonly sort: Sort;
  /** From 0. */
  readonly page: number;
  readonly pageSize: number;
}

/** The cluster goes no deeper than this (`index.max_result_window`). */
export const deepestHit = 10_000;

export function searchBody(wish: SearchWish): Readonly<Record<string, unknown>> {
  const from = Math.min(wish.page * wish.pageSize, deepestHit);
  return {
    from,
    size: Math.min(wish.pageSize, deepestHit - from),
    track_total_hits: true,
    _source: ["productId"],
    query: {
      function_score: {
        query: { bool: { must: [matching(wish.text)], filter: filters(wish) } },
        // What sells comes first among equals, and no bestseller before what was asked for.
        functions: [{ field_value_factor: { field: "soldUnits", modifier: "log1p", factor: 0.1 } }],
        score_mode: "sum",
        boost_mode: wish.text.trim() === "" ? "replace" : "sum",
      },
    },
    aggs: {
      categories: { terms: { field: "categoryId", size: 12 } },
      merchants: { terms: { field: "merchantId", size: 8 } },
    },
    sort: sorting(wish.sort),
  };
}

function matching(text: string): object {
  if (text.trim() === "") return { match_all: {} };
  return { dis_max: { tie_breaker: 0.1, queries: waysToAsk(text).flatMap(asked) } };
}

const han = /\p{Script=Han}/u;

/**
 * All words must be found, wherever each is: a category's word and a product's feature together describe a product.
 * Fields that share an analyzer can be asked together (`cross_fields`), so each language is asked by itself.
 */
function asked(query: string): readonly object[] {
  const together = (fields: readonly string[]) => ({
    multi_match: { query, type: "cross_fields", operator: "and", fields },
  });
  if (!han.test(query))
    return [
      together(["nameEn^3", "featuresEn", "categoryEn^2", "groupEn", "brandEn^2"]),
      { match: { merchantEn: { query, operator: "and", boost: 0.5 } } },
    ];
  return [
    together(["name^3", "features", "category^2", "group", "merchant"]),
    // Brands and other words that no dictionary has: pairs of characters, most of them.
    { match: { "name.pairs": { query, minimum_should_match: "75%", boost: 0.6 } } },
    { match: { "brand.pairs": { query, operator: "and", boost: 2 } } },
    { match: { "merchant.pairs": { query, operator: "and", boost: 0.5 } } },
  ];
}

function filters(wish: SearchWish): readonly object[] {
  const { categoryId, merchantId, lowestCents, highestCents, onlyInStock } = wish;
  const price = {
    ...(lowestCents === undefined ? {} : { gte: lowestCents }),
    ...(highestCents === undefined ? {} : { lte: highestCents }),
  };
  return [
    ...(categoryId === undefined ? [] : [{ term: { categoryId } }]),
    ...(merchantId === undefined ? [] : [{ term: { merchantId } }]),
    ...(Object.keys(price).length === 0 ? [] : [{ range: { priceCents: price } }]),
    ...(onlyInStock ? [{ range: { availableUnits: { gt: 0 } } }] : []),
  ];
}

/** The last key makes the order whole: pages neither repeat nor skip. */
function sorting(sort: Sort): readonly object[] {
  const id = { productId: "asc" };
  switch (sort) {
    case "relevance":
      return [{ _score: "desc" }, { popularityRank: "asc" }, id];
    case "sold":
      return [{ soldUnits: "desc" }, id];
    case "price-up":
      return [{ priceCents: "asc" }, id];
    case "price-down":
      return [{ priceCents: "desc" }, id];
  }
}
