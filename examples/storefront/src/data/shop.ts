/** The shop's people and goods, generated from a seed: merchants, consumers, products. Pure. */
import { productAtRank, type Random, random, ranks, zipf } from "./random.ts";
import {
  brandFirst,
  brandSecond,
  type Category,
  categories,
  cities,
  givenNames,
  groups,
  praise,
  shopKinds,
  surnames,
} from "./vocabulary.ts";

export interface ShopSize {
  readonly seed: number;
  readonly merchants: number;
  readonly consumers: number;
  readonly products: number;
  readonly orders: number;
  /** Midnight (UTC, ms since the epoch) before which all history lies. */
  readonly untilMs: number;
}

export interface Merchant {
  readonly id: number;
  readonly name: string;
  readonly city: string;
  /** The platform's share of each sale, in basis points (1/100 of a percent). */
  readonly commissionBp: number;
  readonly openedAtMs: number;
  readonly group: string;
  readonly brands: readonly string[];
}

export interface Consumer {
  readonly id: number;
  readonly name: string;
  readonly city: string;
  readonly joinedAtMs: number;
}

export interface Product {
  readonly id: number;
  readonly merchantId: number;
  readonly categoryId: number;
  readonly sku: string;
  readonly name: string;
  readonly brand: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly description: string;
  readonly priceCents: number;
  /** 0 is the most popular. */
  readonly popularityRank: number;
}

const dayMs = 86_400_000;

export function makeMerchants(size: ShopSize): readonly Merchant[] {
  const rng = random(size.seed, "merchants");
  return Array.from({ length: size.merchants }, (_, index) => {
    // Round robin over the groups first: every category has a merchant even in a small shop.
    const group = groups[index % groups.length] ?? rng.pick(groups);
    const brands = Array.from({ length: rng.between(1, 4) }, () => brand(rng));
    const city = rng.pick(cities);
    const kind = rng.pick(shopKinds);
    const name = rng.chance(0.5) ? `${brands[0]}${group}${kind}` : `${city}${brands[0]}${kind}`;
    return {
      id: index + 1,
      name,
      city,
      commissionBp: rng.between(2, 16) * 50,
      openedAtMs: size.untilMs - rng.between(200, 2500) * dayMs,
      group,
      brands,
    };
  });
}

const brand = (rng: Random) => `${rng.pick(brandFirst)}${rng.pick(brandSecond)}`;

export function* makeConsumers(size: ShopSize): Generator<Consumer> {
  const rng = random(size.seed, "consumers");
  const surnameRank = zipf(surnames.length, 0.6);
  const cityRank = zipf(cities.length, 0.5);
  for (let id = 1; id <= size.consumers; id += 1) {
    const given = rng.chance(0.75)
      ? `${rng.pick(givenNames)}${rng.pick(givenNames)}`
      : `${rng.pick(givenNames)}`;
    yield {
      id,
      name: `${surnames[surnameRank(rng)] ?? "王"}${given}`,
      city: cities[cityRank(rng)] ?? "北京",
      joinedAtMs: size.untilMs - rng.between(181, 1400) * dayMs + rng.below(dayMs),
    };
  }
}

export function* makeProducts(size: ShopSize, merchants: readonly Merchant[]): Generator<Product> {
  const rng = random(size.seed, "products");
  const merchantRank = zipf(merchants.length, 0.6);
  const popularity = ranks(size.products);
  const byGroup = new Map(groups.map((group) => [group, categories.filter((c) => c.group === group)]));
  for (let id = 1; id <= size.products; id += 1) {
    const merchant = merchants[merchantRank(rng)];
    if (merchant === undefined) throw new RangeError("a shop needs a merchant");
    const kind = rng.pick(byGroup.get(merchant.group) ?? categories);
    yield makeProduct(rng, id, merchant, kind, popularity[id - 1] ?? 0);
  }
}

function makeProduct(
  rng: Random,
  id: number,
  merchant: Merchant,
  kind: Category,
  popularityRank: number,
): Product {
  const brandName = rng.pick(merchant.brands);
  const noun = rng.pick(kind.nouns);
  const first = rng.pick(kind.features);
  const second = rng.pick(kind.features);
  const features = first === second ? first : `${first}${second}`;
  const spec = rng.pick(kind.specs);
  const praised = [...new Set([rng.pick(praise), rng.pick(praise), rng.pick(praise)])];
  return {
    id,
    merchantId: merchant.id,
    categoryId: kind.id,
    sku: `${String(kind.id).padStart(2, "0")}-${String(merchant.id).padStart(4, "0")}-${String(id).padStart(7, "0")}`,
    name: `${brandName} ${features}${noun} ${spec}`,
    brand: brandName,
    attributes: { 品牌: brandName, 类目: kind.name, 规格: spec, 特点: first, 发货地: merchant.city },
    description: `${brandName}${noun}：${features}，${spec}。${praised.join("；")}。`,
    priceCents: price(rng, kind.yuan),
    popularityRank,
  };
}

/** Log-uniform between the bounds, ending as price tags do: 9 yuan, 8 yuan, or 90 cents. */
function price(rng: Random, [low, high]: readonly [number, number]): number {
  const yuan = Math.round(low * (high / low) ** rng.next());
  if (yuan < 30) return yuan * 100 - (rng.chance(0.7) ? 10 : 0);
  const ending = rng.chance(0.7) ? 9 : 8;
  return (Math.floor(yuan / 10) * 10 + ending) * 100;
}

/** Draws product ids by popularity. */
export function popularProduct(count: number, exponent: number): (rng: Random) => number {
  const rank = zipf(count, exponent);
  return (rng) => productAtRank(rank(rng), count);
}
