/** Looking around: categories, lists, products, pictures. No session is needed. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { categoryInEnglish, categoryOf, groupInEnglish } from "../data/english.ts";
import { categories, groups } from "../data/vocabulary.ts";
import { pictureOf } from "../pictures/upload.ts";
import { certain, listing } from "../products.ts";
import { SearchUnavailable } from "../search/elastic.ts";
import { deepestHit, sorts } from "../search/query.ts";
import type { Found } from "../search/search.ts";
import type { Named, ProductList, ShopInfo } from "./api.ts";
import { cardsOf, detailOf, merchantNamed } from "./cards.ts";
import type { WebContext } from "./context.ts";

export const pageSize = 24;

const id = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31);
const cents = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 31);
const listQuery = z.object({
  text: z.string().max(100).default(""),
  category: id.optional(),
  merchant: id.optional(),
  low: cents.optional(),
  high: cents.optional(),
  stock: z.enum(["0", "1"]).default("0"),
  sort: z.enum(sorts).default("relevance"),
  page: z.coerce
    .number()
    .int()
    .min(0)
    .max(Math.floor(deepestHit / pageSize))
    .default(0),
});

const categoryNamed = (categoryId: number): Named => {
  const category = categoryOf(categoryId);
  return { id: category.id, zh: category.name, en: categoryInEnglish(category) };
};

export function catalogueRoutes(app: FastifyInstance, context: WebContext): void {
  const { shop, reading } = context;

  app.get("/api/shop", async (): Promise<ShopInfo> => {
    const { consumers, merchants } = shop.manifest.size;
    return {
      consumers,
      merchants,
      groups: groups.map((group) => ({
        zh: group,
        en: groupInEnglish(group),
        categories: categories.filter((one) => one.group === group).map((one) => categoryNamed(one.id)),
      })),
    };
  });

  app.get("/api/products", async (request): Promise<ProductList> => {
    const { text, category, merchant, low, high, stock, sort, page } = listQuery.parse(request.query);
    try {
      const found = await shop.search.search({
        text,
        ...(category === undefined ? {} : { categoryId: category }),
        ...(merchant === undefined ? {} : { merchantId: merchant }),
        ...(low === undefined ? {} : { lowestCents: low }),
        ...(high === undefined ? {} : { highestCents: high }),
        onlyInStock: stock === "1",
        sort,
        page,
        pageSize,
      });
      return await listOf(context, found, page);
    } catch (error) {
      if (!(error instanceof SearchUnavailable)) throw error;
      const ids = await listing(shop.replicas, category ?? 1, page, reading);
      const products = await cardsOf(shop, ids, reading);
      return {
        ...{ products, total: products.length, page, pageSize, categories: [], merchants: [] },
        degraded: true,
      };
    }
  });

  app.get<{ Params: { id: string } }>("/api/products/:id", async (request, reply) => {
    const detail = await detailOf(shop, id.parse(request.params.id), reading);
    if (detail !== undefined) return detail;
    return reply.code(404).send({ error: "not-found", detail: "no such product" });
  });

  app.get<{ Params: { name: string } }>("/pictures/:name", async (request, reply) => {
    const productId = Number(/^(\d{1,9})-[0-9a-f]{12}\.svg$/.exec(request.params.name)?.[1]);
    const picture = Number.isInteger(productId)
      ? await certain("picture", () => pictureOf(shop.replicas, productId), reading)
      : undefined;
    if (picture === undefined) return reply.code(404).send({ error: "not-found", detail: "no such picture" });
    const tag = `"${picture.sha256.slice(0, 24)}"`;
    reply
      .header("etag", tag)
      .header("cache-control", "public, max-age=86400, immutable")
      // Opened by itself it is a document of this origin: nothing in it may run or fetch.
      .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    if (request.headers["if-none-match"] === tag) return reply.code(304).send();
    const got = await shop.pictures.get(await shop.pictures.viewUrl(picture.key));
    if (got === undefined) return reply.code(404).send({ error: "not-found", detail: "no such picture" });
    return reply.type(got.contentType).send(got.body);
  });
}

async function listOf({ shop, reading }: WebContext, found: Found, page: number): Promise<ProductList> {
  const [products, merchants] = await Promise.all([
    cardsOf(shop, found.productIds, reading),
    merchantsNamed(
      { shop, reading },
      found.merchants.map((bucket) => bucket.id),
    ),
  ]);
  return {
    products,
    total: found.total,
    page,
    pageSize,
    categories: found.categories.map((bucket) => ({ ...categoryNamed(bucket.id), count: bucket.count })),
    merchants: found.merchants.flatMap((bucket) => {
      const name = merchants.get(bucket.id);
      return name === undefined ? [] : [{ ...merchantNamed(bucket.id, name), count: bucket.count }];
    }),
    degraded: false,
  };
}

export async function merchantsNamed(
  { shop, reading }: Pick<WebContext, "shop" | "reading">,
  ids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await certain(
    "merchants",
    () =>
      shop.replicas.use((session) =>
        session.rows<{ id: number; name: string }>("SELECT id, name FROM merchants WHERE id IN (?)", [ids]),
      ),
    reading,
  );
  return new Map(rows.map((row) => [row.id, row.name]));
}
