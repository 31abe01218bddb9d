/** Cart, orders, and a merchant's sales: what needs a session. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { categoryOf, productInEnglish } from "../data/english.ts";
import { cancelOrder, placeOrder } from "../orders.ts";
import { latestOrders } from "../orders-mysql.ts";
import { certain } from "../products.ts";
import { salesDays } from "../sales/sales-mysql.ts";
import { SearchUnavailable } from "../search/elastic.ts";
import { consumerOf, merchantOf } from "./account-routes.ts";
import type { CartInfo, OrderAnswer, OrderInfo, OrderLineInfo, SalesInfo } from "./api.ts";
import { cardsOf, merchantNamed, pictureUrl } from "./cards.ts";
import { merchantsNamed } from "./catalogue-routes.ts";
import { recorded, type WebContext } from "./context.ts";

const productId = z.int().min(1);
const cartChange = z.strictObject({ productId, units: z.int().min(0).max(99) });
const orderWish = z.strictObject({
  /** Made by the page for this order and kept for every retry. */
  key: z.string().regex(/^[0-9a-f]{32}$/),
  lines: z
    .array(z.strictObject({ productId, units: z.int().min(1).max(99), unitPriceCents: z.int().min(0) }))
    .min(1)
    .max(50),
});
const orderNumber = z.string().regex(/^\d{8}-[0-9A-Z]{5}-[0-9A-Z]{5}$/);
const shownOrders = 20;
const shownDays = 30;
const shownBest = 6;

const signedOut = (reply: FastifyReply) =>
  reply.code(401).send({ error: "signed-out", detail: "sign in first" });

export function orderRoutes(app: FastifyInstance, context: WebContext): void {
  const { shop, reading, writing } = context;

  app.get("/api/cart", async (request, reply) => {
    const consumerId = await consumerOf(context, request);
    if (consumerId === undefined) return signedOut(reply);
    const lines = await shop.carts.read(consumerId);
    const cards = await cardsOf(
      shop,
      lines.map((line) => line.productId),
      reading,
    );
    const shown = cards.flatMap((product) => {
      const units = lines.find((line) => line.productId === product.id)?.units ?? 0;
      return units > 0 ? [{ product, units }] : [];
    });
    const totalCents = shown.reduce((sum, line) => sum + line.units * line.product.priceCents, 0);
    return { lines: shown, totalCents } satisfies CartInfo;
  });

  // The wanted number of units, not a difference: said twice it is the same.
  app.put("/api/cart", async (request, reply) => {
    const consumerId = await consumerOf(context, request);
    if (consumerId === undefined) return signedOut(reply);
    const change = cartChange.parse(request.body);
    const lines = await shop.carts.read(consumerId);
    const now = lines.find((line) => line.productId === change.productId)?.units ?? 0;
    if (change.units > now) await shop.carts.add(consumerId, change.productId, change.units - now);
    if (change.units < now)
      await shop.carts.take(consumerId, [{ productId: change.productId, units: now - change.units }]);
    return reply.code(204).send();
  });

  app.post("/api/orders", async (request, reply) => {
    const consumerId = await consumerOf(context, request);
    if (consumerId === undefined) return signedOut(reply);
    const { key, lines } = orderWish.parse(request.body);
    const totalCents = lines.reduce((sum, line) => sum + line.units * line.unitPriceCents, 0);
    const placed = await recorded(
      context,
      { do: "order", key, consumerId, totalCents },
      () => placeOrder(shop.orders, { key, consumerId, lines, placedAt: new Date() }, writing),
      (value) =>
        value.kind === "placed"
          ? { is: "acknowledged", number: value.order.number, attempts: value.attempts }
          : { is: "refused", why: value.kind },
    );
    if (placed.kind !== "placed") return reply.code(409).send(placed satisfies OrderAnswer);
    // A cart that could not be emptied is seen and emptied by its owner; the order stands.
    await shop.carts.take(consumerId, lines).catch(() => {});
    const { number } = placed.order;
    return { kind: "placed", number, totalCents: placed.order.totalCents } satisfies OrderAnswer;
  });

  app.get("/api/orders", async (request, reply) => {
    const consumerId = await consumerOf(context, request);
    if (consumerId === undefined) return signedOut(reply);
    // From the primary: an order that was just placed is among them.
    const orders = await latestOrders(shop.primary, consumerId, shownOrders, reading);
    const lines = await linesOf(
      context,
      orders.map((order) => order.id),
    );
    return orders.map((order): OrderInfo => {
      const { number, status, totalCents, placedAt } = order;
      return {
        number,
        status,
        totalCents,
        placedAt: placedAt.toISOString(),
        lines: lines.get(order.id) ?? [],
      };
    });
  });

  app.post<{ Params: { number: string } }>("/api/orders/:number/cancel", async (request, reply) => {
    const consumerId = await consumerOf(context, request);
    if (consumerId === undefined) return signedOut(reply);
    const number = orderNumber.parse(request.params.number);
    const own = await certain(
      "order",
      () =>
        shop.primary.use((session) =>
          session.rows("SELECT id FROM orders WHERE number = ? AND consumer_id = ?", [number, consumerId]),
        ),
      reading,
    );
    if (own.length === 0) return reply.code(404).send({ error: "not-found", detail: "no such order" });
    await recorded(
      context,
      { do: "cancel", number },
      () => cancelOrder(shop.orders, number, new Date(), writing),
      (value) =>
        value.kind === "cancelled"
          ? { is: "acknowledged", number, attempts: value.attempts }
          : { is: "refused", why: value.kind },
    );
    return reply.code(204).send();
  });

  app.get("/api/sales", async (request, reply) => {
    const merchantId = await merchantOf(context, request);
    if (merchantId === undefined) return signedOut(reply);
    const [names, days, best] = await Promise.all([
      merchantsNamed(context, [merchantId]),
      salesDays(shop.primary, merchantId, shownDays, reading),
      bestOf(context, merchantId),
    ]);
    const merchant = merchantNamed(merchantId, names.get(merchantId) ?? "");
    return { merchant, days, best: await cardsOf(shop, best, reading) } satisfies SalesInfo;
  });
}

/** None when search is away: the figures matter more. */
async function bestOf({ shop }: WebContext, merchantId: number): Promise<readonly number[]> {
  const wish = {
    text: "",
    merchantId,
    onlyInStock: false,
    sort: "sold",
    page: 0,
    pageSize: shownBest,
  } as const;
  try {
    return (await shop.search.search(wish)).productIds;
  } catch (error) {
    if (error instanceof SearchUnavailable) return [];
    throw error;
  }
}

async function linesOf(
  { shop, reading }: WebContext,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, readonly OrderLineInfo[]>> {
  const byOrder = new Map<number, OrderLineInfo[]>();
  if (orderIds.length === 0) return byOrder;
  const rows = await certain(
    "order lines",
    () =>
      shop.primary.use((session) =>
        session.rows<{
          order_id: number;
          product_id: number;
          units: number;
          unit_price_cents: number;
          name: string;
          category_id: number;
          sha256: string | null;
        }>(
          `SELECT l.order_id, l.product_id, l.units, l.unit_price_cents, p.name, p.category_id, f.sha256
           FROM order_lines l JOIN products p ON p.id = l.product_id
           LEFT JOIN pictures f ON f.product_id = l.product_id
           WHERE l.order_id IN (?) ORDER BY l.order_id, l.product_id`,
          [orderIds],
        ),
      ),
    reading,
  );
  for (const row of rows) {
    const line: OrderLineInfo = {
      productId: row.product_id,
      zh: row.name,
      en: productInEnglish(row.name, categoryOf(row.category_id)).name,
      units: row.units,
      unitPriceCents: row.unit_price_cents,
      picture: pictureUrl(row.product_id, row.sha256),
    };
    byOrder.set(row.order_id, [...(byOrder.get(row.order_id) ?? []), line]);
  }
  return byOrder;
}
