/**
 * The cache's keys in Redis: one per product, holding a page (`V…`), the absence of one (`N`), a reader's lease
 * (`L<token>`) or a writer's fence (`F<token>`). Each step is atomic: one command or one script on one key.
 * The key carries the form's version and the space of the shop's load ({@link keySpace}).
 */
import { luaScript, type Redis } from "./redis.ts";

export interface Cache {
  get(id: number): Promise<string | null>;
  /** Takes the lease when nothing stands there, else says what does. */
  lease(
    id: number,
    token: string,
    ttlMs: number,
  ): Promise<{ readonly leased: true } | { readonly leased: false; readonly found: string }>;
  /** Replaces the own lease by a page. @returns false when the lease is gone. */
  fill(id: number, token: string, value: string, ttlMs: number): Promise<boolean>;
  /** Gives the own lease back. */
  release(id: number, token: string): Promise<void>;
  /** Puts a fence, whatever stands there. */
  fence(id: number, token: string, ttlMs: number): Promise<void>;
  /** Removes whatever stands there, but another writer's fence. */
  lift(id: number, token: string): Promise<void>;
}

const formVersion = 1;

const lease = luaScript(`local found = redis.call('GET', KEYS[1])
if found then return found end
redis.call('SET', KEYS[1], 'L' .. ARGV[1], 'PX', ARGV[2])
return false`);

const fill = luaScript(`if redis.call('GET', KEYS[1]) ~= 'L' .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`);

const release = luaScript(`if redis.call('GET', KEYS[1]) == 'L' .. ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`);

const lift = luaScript(`local found = redis.call('GET', KEYS[1])
if found and string.sub(found, 1, 1) == 'F' and found ~= 'F' .. ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1`);

/** @param space of the shop's load; a bench has one of its own */
export function redisCache(redis: Redis, space: string): Cache {
  const key = (id: number) => `${space}:product:${formVersion}:${id}`;
  return {
    get: (id) => redis.get(key(id)),
    lease: async (id, token, ttlMs) => {
      const found = await redis.script(lease, key(id), [token, String(ttlMs)]);
      return typeof found === "string" ? { leased: false, found } : { leased: true };
    },
    fill: async (id, token, value, ttlMs) =>
      (await redis.script(fill, key(id), [token, value, String(ttlMs)])) === 1,
    release: async (id, token) => {
      await redis.script(release, key(id), [token]);
    },
    fence: (id, token, ttlMs) => redis.set(key(id), `F${token}`, ttlMs),
    lift: async (id, token) => {
      await redis.script(lift, key(id), [token]);
    },
  };
}
