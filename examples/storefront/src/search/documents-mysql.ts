/** Documents for the search index, from the rows. */
import {
  categoryInEnglish,
  categoryOf,
  cityInEnglish,
  groupInEnglish,
  merchantInEnglish,
  partsOf,
  productInEnglish,
} from "../data/english.ts";
import type { Session } from "../database.ts";
import type { ProductDocument } from "./document.ts";

interface Row {
  readonly id: number;
  readonly revision: number;
  readonly name: string;
  readonly brand: string;
  readonly category_id: number;
  readonly merchant_id: number;
  readonly merchant_name: string;
  readonly merchant_city: string;
  readonly price_cents: number;
  readonly available_units: number;
  readonly sold_units: number;
  readonly popularity_rank: number;
}

const query = `SELECT p.id, s.revision, p.name, p.brand, p.category_id, p.merchant_id, m.name AS merchant_name,
    m.city AS merchant_city, p.price_cents, s.available_units, s.sold_units, p.popularity_rank
  FROM products p JOIN stock s ON s.product_id = p.id JOIN merchants m ON m.id = p.merchant_id`;

/** Rows as they are at the moment of one statement: revision and figures belong together. */
export const documentsOf = async (
  session: Session,
  productIds: readonly number[],
): Promise<readonly ProductDocument[]> =>
  (await session.rows<Row>(`${query} WHERE p.id IN (?)`, [productIds])).map(toDocument);

/** Those with ids above `after`, in order. */
export const documentsAfter = async (
  session: Session,
  after: number,
  limit: number,
): Promise<readonly ProductDocument[]> =>
  (await session.rows<Row>(`${query} WHERE p.id > ? ORDER BY p.id LIMIT ?`, [after, limit])).map(toDocument);

function toDocument(row: Row): ProductDocument {
  const category = categoryOf(row.category_id);
  const english = productInEnglish(row.name, category);
  return {
    productId: row.id,
    revision: row.revision,
    name: row.name,
    nameEn: english.name,
    brand: row.brand,
    brandEn: english.brand,
    features: partsOf(row.name, category).features,
    featuresEn: english.features,
    categoryId: category.id,
    category: category.name,
    categoryEn: categoryInEnglish(category),
    group: category.group,
    groupEn: groupInEnglish(category.group),
    merchantId: row.merchant_id,
    merchant: row.merchant_name,
    merchantEn: `${merchantInEnglish(row.merchant_name)} ${cityInEnglish(row.merchant_city)}`,
    city: row.merchant_city,
    priceCents: row.price_cents,
    availableUnits: row.available_units,
    soldUnits: row.sold_units,
    popularityRank: row.popularity_rank,
  };
}
