/**
 * A small seeded generator: the same seed gives the same shop on every machine and in every run.
 * Algorithm: sfc32 (C. Doty-Humphrey, PractRand), seeded by FNV-1a of seed and stream name. Not for secrets.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** Uniform integer in [low, high], both included. */
  between(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** Exponentially distributed with this mean: waiting times of independent events. */
  exponential(mean: number): number;
}

/** Each table and each shopper draws from a stream of its own, so that changing one leaves the others' data alone. */
export function random(seed: number, stream: string): Random {
  let [a, b, c, d] = words(`${seed}/${stream}`);
  const word = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i += 1) word();
  const next = () => word() / 2 ** 32;
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    next,
    below,
    between: (low, high) => low + below(high - low + 1),
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError("pick() of an empty list");
      return item;
    },
    chance: (probability) => next() < probability,
    exponential: (mean) => -mean * Math.log(1 - next()),
  };
}

function words(text: string): [number, number, number, number] {
  const one = (salt: number) => {
    let hash = 0x811c9dc5 ^ salt;
    for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
    return hash;
  };
  return [one(1), one(2), one(3), 1];
}

/** 16 random bytes as 32 hex digits: keys of generated rows. */
export const hexKey = (rng: Random): string =>
  Array.from({ length: 4 }, () =>
    Math.floor(rng.next() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");

/**
 * Ranks 0 … count−1 with probability proportional to 1 / (rank+1)^exponent: what is popular in a shop is much
 * more popular than the rest.
 */
export function zipf(count: number, exponent: number): (rng: Random) => number {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank += 1) {
    sum += (rank + 1) ** -exponent;
    cumulative[rank] = sum;
  }
  return (rng) => {
    const wanted = rng.next() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] ?? sum) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** The constant of YCSB's zipfian generator (Cooper et al., SoCC 2010), with which caches are usually measured. */
export const popularityExponent = 0.99;

/**
 * The product (1-based id) at a popularity rank (0-based): a fixed permutation, so that popular products are
 * spread over all ids, merchants and categories. A multiplication by a number coprime with the count is one.
 */
export function productAtRank(rank: number, count: number): number {
  return ((rank * coprime(count) + 17) % count) + 1;
}

/** Inverse of {@link productAtRank} for a whole shop: ranks by product id − 1. */
export function ranks(count: number): Uint32Array {
  const byProduct = new Uint32Array(count);
  for (let rank = 0; rank < count; rank += 1) byProduct[productAtRank(rank, count) - 1] = rank;
  return byProduct;
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

function coprime(count: number): number {
  let factor = 7919;
  while (greatestCommonDivisor(factor, count) !== 1) factor += 1;
  return factor;
}
