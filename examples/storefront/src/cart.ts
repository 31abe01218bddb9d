/**
 * Carts, in Redis: one hash a consumer, product → units. A lost cart is an empty cart. Prices are not kept
 * here: what the buyer agrees to is read from the catalogue at the checkout and checked by the order.
 */
import { luaScript, type Redis } from "./redis.ts";

export interface CartLine {
  readonly productId: number;
  readonly units: number;
}

export interface CartStore {
  /** @returns units of the product now in the cart; undefined when the cart is full. */
  add(consumerId: number, productId: number, units: number): Promise<number | undefined>;
  read(consumerId: number): Promise<readonly CartLine[]>;
  /** Takes what was ordered out, and leaves what was added meanwhile. */
  take(consumerId: number, lines: readonly CartLine[]): Promise<void>;
  clear(consumerId: number): Promise<void>;
}

export const cartLines = 50;

const add =
  luaScript(`if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
  return false
end
local units = redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return units`);

const read = luaScript("return redis.call('HGETALL', KEYS[1])");

const take = luaScript(`for i = 1, #ARGV, 2 do
  if redis.call('HINCRBY', KEYS[1], ARGV[i], -tonumber(ARGV[i + 1])) <= 0 then
    redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return 1`);

/** @param ttlMs life after the last change */
export function carts(redis: Redis, space: string, ttlMs = 7 * 86_400_000): CartStore {
  const key = (consumerId: number) => `${space}:cart:1:${consumerId}`;
  return {
    add: async (consumerId, productId, units) => {
      const now = await redis.script(add, key(consumerId), [
        String(productId),
        String(units),
        String(ttlMs),
        String(cartLines),
      ]);
      return typeof now === "number" ? now : undefined;
    },
    read: async (consumerId) => {
      const flat = await redis.script(read, key(consumerId), []);
      if (!Array.isArray(flat)) return [];
      const lines: CartLine[] = [];
      for (let i = 0; i + 1 < flat.length; i += 2)
        lines.push({ productId: Number(flat[i]), units: Number(flat[i + 1]) });
      return lines.filter((line) => line.units > 0).sort((a, b) => a.productId - b.productId);
    },
    take: async (consumerId, lines) => {
      await redis.script(
        take,
        key(consumerId),
        lines.flatMap((line) => [String(line.productId), String(line.units)]),
      );
    },
    clear: (consumerId) => redis.del(key(consumerId)),
  };
}
