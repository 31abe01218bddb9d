/** What page and server say to each other. Types alone: the page's bundle takes nothing else from here. */
import type { SalesDay } from "../sales/sales-day.ts";

export interface Named {
  readonly id: number;
  readonly zh: string;
  readonly en: string;
}

export interface CategoryGroup {
  readonly zh: string;
  readonly en: string;
  readonly categories: readonly Named[];
}

export interface ShopInfo {
  readonly groups: readonly CategoryGroup[];
  readonly consumers: number;
  readonly merchants: number;
}

export interface SessionInfo {
  readonly consumer: { readonly id: number; readonly name: string } | null;
  readonly merchant: Named | null;
  /** Units in the cart. */
  readonly cartUnits: number;
}

export interface Card {
  readonly id: number;
  readonly zh: string;
  readonly en: string;
  readonly priceCents: number;
  readonly categoryId: number;
  readonly merchant: Named;
  /** Address of the picture; null: it has none. */
  readonly picture: string | null;
  readonly availableUnits: number;
  readonly soldUnits: number;
}

export interface ProductList {
  readonly products: readonly Card[];
  readonly total: number;
  readonly page: number;
  readonly pageSize: number;
  /** Where the found products are, most first. */
  readonly categories: readonly (Named & { readonly count: number })[];
  readonly merchants: readonly (Named & { readonly count: number })[];
  /** Search did not answer: these are a category's products, without filters. */
  readonly degraded: boolean;
}

export interface ProductDetail extends Card {
  readonly descriptionZh: string;
  readonly descriptionEn: string;
  readonly specZh: string;
  readonly specEn: string;
  readonly featuresZh: readonly string[];
  readonly featuresEn: string;
  readonly city: Omit<Named, "id">;
}

export interface CartInfo {
  readonly lines: readonly { readonly product: Card; readonly units: number }[];
  readonly totalCents: number;
}

export interface OrderLineInfo {
  readonly productId: number;
  readonly zh: string;
  readonly en: string;
  readonly units: number;
  readonly unitPriceCents: number;
  readonly picture: string | null;
}

export interface OrderInfo {
  readonly number: string;
  readonly status: "paid" | "cancelled";
  readonly totalCents: number;
  /** ISO 8601. */
  readonly placedAt: string;
  readonly lines: readonly OrderLineInfo[];
}

/** What became of an order: it stands, or why not. */
export type OrderAnswer =
  | { readonly kind: "placed"; readonly number: string; readonly totalCents: number }
  | { readonly kind: "sold-out" | "withdrawn"; readonly productId: number }
  | { readonly kind: "price-changed"; readonly productId: number; readonly priceCents: number };

export interface SalesInfo {
  readonly merchant: Named;
  /** Oldest first; days without an order are left out. */
  readonly days: readonly SalesDay[];
  readonly best: readonly Card[];
}

export interface Problem {
  readonly error: "signed-out" | "not-found" | "busy" | "wrong-input" | "refused";
  readonly detail: string;
}
