/** How good the search is: precision and recall over the judged queries. */
import { categoryOf, type ProductParts, partsOf } from "../data/english.ts";
import type { Database } from "../database.ts";
import { isRelevant, type Judged, judged } from "./judged.ts";
import type { ProductSearch } from "./search.ts";

export interface QueryFigures {
  readonly text: string;
  /** Products that it should find. */
  readonly relevant: number;
  readonly found: number;
  /** Of the first ten, or of as many as there are to find, the share that is relevant. */
  readonly precisionAt10: number;
  /** Of the relevant ones, the share that is found (among the first thousand). */
  readonly recall: number;
  readonly tookMs: number;
}

export interface Relevance {
  readonly queries: readonly QueryFigures[];
  readonly precisionAt10: number;
  readonly recall: number;
}

/** What a shop must reach: `relevance` and its test fail below. */
export const wanted = { precisionAt10: 0.95, recall: 0.95 } as const;

const looked = 1_000;

export async function measureRelevance(db: Database, search: ProductSearch): Promise<Relevance> {
  const products = await productParts(db);
  const queries: QueryFigures[] = [];
  for (const query of judged) queries.push(await measure(query, products, search));
  const asked = queries.filter((one) => one.relevant > 0);
  const mean = (of: (one: QueryFigures) => number) =>
    asked.reduce((sum, one) => sum + of(one), 0) / Math.max(1, asked.length);
  return { queries, precisionAt10: mean((one) => one.precisionAt10), recall: mean((one) => one.recall) };
}

async function measure(
  query: Judged,
  products: ReadonlyMap<number, ProductParts>,
  search: ProductSearch,
): Promise<QueryFigures> {
  const relevant = new Set([...products].filter(([, parts]) => isRelevant(query, parts)).map(([id]) => id));
  const { text } = query;
  const found = await search.search({
    text,
    onlyInStock: false,
    sort: "relevance",
    page: 0,
    pageSize: looked,
  });
  const hits = found.productIds.filter((id) => relevant.has(id)).length;
  const first = found.productIds.slice(0, 10).filter((id) => relevant.has(id)).length;
  return {
    text,
    relevant: relevant.size,
    found: found.total,
    precisionAt10: first / Math.max(1, Math.min(10, relevant.size)),
    recall: hits / Math.max(1, Math.min(looked, relevant.size)),
    tookMs: found.tookMs,
  };
}

async function productParts(db: Database): Promise<ReadonlyMap<number, ProductParts>> {
  const rows = await db.use((session) =>
    session.rows<{ id: number; name: string; category_id: number }>(
      "SELECT id, name, category_id FROM products",
    ),
  );
  return new Map(rows.map((row) => [row.id, partsOf(row.name, categoryOf(row.category_id))]));
}
