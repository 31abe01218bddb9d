/** Products as the page shows them: pages from the cache, stock and sales as the replicas have them. */
import type { ProductPage } from "../catalogue.ts";
import {
  categoryOf,
  cityInEnglish,
  descriptionInEnglish,
  merchantInEnglish,
  partsOf,
  productInEnglish,
} from "../data/english.ts";
import { certain } from "../products.ts";
import type { RetryOptions } from "../retry.ts";
import type { Shop } from "../shop.ts";
import type { Card, Named, ProductDetail } from "./api.ts";

interface Figures {
  readonly product_id: number;
  readonly available_units: number;
  readonly sold_units: number;
  readonly sha256: string | null;
}

const figuresQuery = `SELECT s.product_id, s.available_units, s.sold_units, p.sha256
  FROM stock s LEFT JOIN pictures p ON p.product_id = s.product_id WHERE s.product_id IN (?)`;

const figuresOf = async (
  shop: Pick<Shop, "replicas">,
  ids: readonly number[],
  options: RetryOptions,
): Promise<ReadonlyMap<number, Figures>> => {
  if (ids.length === 0) return new Map();
  const rows = await certain(
    "stock",
    () => shop.replicas.use((session) => session.rows<Figures>(figuresQuery, [ids])),
    options,
  );
  return new Map(rows.map((row) => [row.product_id, row]));
};

export const merchantNamed = (id: number, name: string): Named => ({
  id,
  zh: name,
  en: merchantInEnglish(name),
});

/** The digest is part of the address: a browser may keep what it has seen for good. */
export const pictureUrl = (productId: number, sha256: string | null | undefined): string | null =>
  sha256 ? `/pictures/${productId}-${sha256.slice(0, 12)}.svg` : null;

function cardOf(page: ProductPage, figures: Figures | undefined): Card {
  return {
    id: page.id,
    zh: page.name,
    en: productInEnglish(page.name, categoryOf(page.categoryId)).name,
    priceCents: page.priceCents,
    categoryId: page.categoryId,
    merchant: merchantNamed(page.merchantId, page.merchantName),
    picture: pictureUrl(page.id, figures?.sha256),
    availableUnits: figures?.available_units ?? 0,
    soldUnits: figures?.sold_units ?? 0,
  };
}

/** In the order of the ids; those that there are not, are left out. */
export async function cardsOf(
  shop: Shop,
  ids: readonly number[],
  options: RetryOptions,
): Promise<readonly Card[]> {
  const [catalogue] = shop.catalogues;
  if (catalogue === undefined) return [];
  const [pages, figures] = await Promise.all([
    Promise.all(ids.map((id) => catalogue.read(id))),
    figuresOf(shop, ids, options),
  ]);
  return pages.flatMap((page) => (page === undefined ? [] : [cardOf(page, figures.get(page.id))]));
}

export async function detailOf(
  shop: Shop,
  id: number,
  options: RetryOptions,
): Promise<ProductDetail | undefined> {
  const [catalogue] = shop.catalogues;
  const [page, figures] = await Promise.all([catalogue?.read(id), figuresOf(shop, [id], options)]);
  if (page === undefined) return undefined;
  const category = categoryOf(page.categoryId);
  const parts = partsOf(page.name, category);
  const english = productInEnglish(page.name, category);
  return {
    ...cardOf(page, figures.get(id)),
    descriptionZh: page.description,
    descriptionEn: descriptionInEnglish(page.name, page.description, category),
    specZh: parts.spec,
    specEn: english.spec,
    featuresZh: parts.features,
    featuresEn: english.features,
    city: { zh: page.merchantCity, en: cityInEnglish(page.merchantCity) },
  };
}
