import { expect, test } from "vitest";
import { judged } from "./judged.ts";
import { deepestHit, type SearchWish, searchBody } from "./query.ts";
import { waysToAsk } from "./synonyms.ts";

const wish = (more: Partial<SearchWish> = {}): SearchWish => ({
  text: "蓝牙耳机",
  onlyInStock: false,
  sort: "relevance",
  page: 0,
  pageSize: 24,
  ...more,
});
const asked = (more: Partial<SearchWish>) => JSON.stringify(searchBody(wish(more)));

test("Chinese asks the Chinese fields, English the English ones", () => {
  expect(asked({})).toContain("name.pairs");
  expect(asked({})).not.toContain("nameEn");
  expect(asked({ text: "power bank" })).toContain("nameEn");
  expect(asked({ text: "power bank" })).not.toContain("name.pairs");
});

test("filters narrow and do not rank; none is there that was not asked for", () => {
  const filter = (more: Partial<SearchWish>) => {
    const body = searchBody(wish(more)) as {
      query: { function_score: { query: { bool: { filter: object[] } } } };
    };
    return body.query.function_score.query.bool.filter;
  };
  expect(filter({})).toEqual([]);
  expect(
    filter({ categoryId: 3, merchantId: 9, lowestCents: 100, highestCents: 900, onlyInStock: true }),
  ).toEqual([
    { term: { categoryId: 3 } },
    { term: { merchantId: 9 } },
    { range: { priceCents: { gte: 100, lte: 900 } } },
    { range: { availableUnits: { gt: 0 } } },
  ]);
  expect(filter({ highestCents: 900 })).toEqual([{ range: { priceCents: { lte: 900 } } }]);
});

test("no page reaches past the deepest hit that the cluster gives", () => {
  for (const page of [0, 1, 416, 417, 5_000]) {
    const { from, size } = searchBody(wish({ page })) as { from: number; size: number };
    expect(from + size).toBeLessThanOrEqual(deepestHit);
    expect(size).toBeGreaterThanOrEqual(0);
  }
});

test("every order ends with the id, so that pages neither repeat nor skip", () => {
  for (const sort of ["relevance", "sold", "price-up", "price-down"] as const)
    expect((searchBody(wish({ sort })) as { sort: object[] }).sort.at(-1)).toEqual({ productId: "asc" });
});

test("a common word is asked for as the catalogue says it as well", () => {
  expect(waysToAsk("小米充电宝")).toEqual(["小米充电宝", "小米移动电源"]);
  expect(waysToAsk("移动电源")).toEqual(["移动电源"]);
  expect(waysToAsk(" Diapers ")).toContain("nappies");
});

test("the judged searches are many, in both languages, each once", () => {
  expect(judged.length).toBeGreaterThanOrEqual(30);
  expect(judged.filter(({ text }) => /^[\x20-\x7e]+$/.test(text)).length).toBeGreaterThanOrEqual(10);
  expect(new Set(judged.map(({ text }) => text)).size).toBe(judged.length);
});
