/**
 * What the shop tells the world: one form an event, checked by whoever writes one and by whoever reads one. The same
 * forms stand as JSON Schema in `examples/storefront/events/`, for consumers in other languages.
 *
 * Compatible changes add an optional field. Any other change is a new type beside the old one.
 */
import { hash } from "node:crypto";
import { z } from "zod";

const id = z.string().regex(/^[0-9a-f]{32}$/);
const productId = z.int().min(1);
const cents = z.int();
const units = z.int().min(1);

const line = z.strictObject({
  productId,
  merchantId: z.int().min(1),
  units,
  unitPriceCents: cents.min(0),
  commissionCents: cents.min(0),
});

const envelope = {
  /** Of the change itself: whoever announces it again gives it the same id. */
  id,
  /** The load whose shop it happened in: topics outlive a shop that is loaded anew. */
  load: id,
  /** Counts the events of one key, in the order in which they happened. */
  version: z.int().min(1),
  at: z.iso.datetime(),
};

export const orderPlaced = z
  .strictObject({
    ...envelope,
    type: z.literal("order.placed"),
    key: z.string().describe("The order's number"),
    consumerId: z.int().min(1),
    totalCents: cents.min(0),
    placedAt: z.iso.datetime(),
    lines: z.array(line).min(1),
  })
  .describe("An order was placed and paid.");

export const orderCancelled = z
  .strictObject({
    ...envelope,
    type: z.literal("order.cancelled"),
    key: z.string().describe("The order's number"),
    consumerId: z.int().min(1),
    totalCents: cents.min(0),
    placedAt: z.iso.datetime(),
    lines: z.array(line).min(1),
  })
  .describe("An order was cancelled and its money given back.");

export const productChanged = z
  .strictObject({
    ...envelope,
    type: z.literal("product.changed"),
    key: z.string().describe("The product's id"),
    priceCents: cents.min(0),
    availableUnits: z.int().min(0),
    soldUnits: z.int().min(0).describe("By orders that stand"),
  })
  .describe("A product's price, stock or sales changed; these are its figures at that version.");

export const shopEvent = z.discriminatedUnion("type", [orderPlaced, orderCancelled, productChanged]);

export type OrderPlaced = z.output<typeof orderPlaced>;
export type OrderCancelled = z.output<typeof orderCancelled>;
export type OrderEvent = OrderPlaced | OrderCancelled;
export type ProductChanged = z.output<typeof productChanged>;
export type ShopEvent = z.output<typeof shopEvent>;
export type EventType = ShopEvent["type"];

/** An event without what the outbox gives it. */
export type Draft = ShopEvent extends infer E
  ? E extends ShopEvent
    ? Omit<E, "id" | "load">
    : never
  : never;

export const topics = { orders: "mall.orders", products: "mall.products" } as const;
export type Topic = (typeof topics)[keyof typeof topics];

/** Events of one key go to one topic, so that they stay in order. */
export const topicOf = (type: EventType): Topic =>
  type === "product.changed" ? topics.products : topics.orders;

/** Derived, not drawn: a transaction that is tried again announces the same event. 128 bits of SHA-256. */
export const eventId = (load: string, draft: Pick<Draft, "type" | "key" | "version">): string =>
  hash("sha256", `${load}/${draft.type}/${draft.key}/${draft.version}`, "hex").slice(0, 32);

/** @returns the event, or why the text is none. */
export function parseEvent(
  text: string,
): { readonly ok: true; readonly event: ShopEvent } | { readonly ok: false; readonly why: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: "it is not JSON" };
  }
  const parsed = shopEvent.safeParse(value);
  return parsed.success
    ? { ok: true, event: parsed.data }
    : { ok: false, why: z.prettifyError(parsed.error).slice(0, 300) };
}

/** The forms as JSON Schema, by type. */
export const jsonSchemas = (): Readonly<Record<EventType, object>> => ({
  "order.placed": z.toJSONSchema(orderPlaced),
  "order.cancelled": z.toJSONSchema(orderCancelled),
  "product.changed": z.toJSONSchema(productChanged),
});
