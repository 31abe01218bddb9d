/**
 * Log-ins, in Redis. A lost session (evicted, expired, a node gone) is a log-in again, never an error. The key
 * is a digest of the token: who reads a dump of Redis gets no token from it.
 */
import { hash, randomBytes } from "node:crypto";
import { luaScript, type Redis } from "./redis.ts";

export interface SessionStore {
  /** @returns a new token for the consumer */
  begin(consumerId: number): Promise<string>;
  /** @returns whose it is, and keeps it alive; undefined: log in again. */
  find(token: string): Promise<number | undefined>;
  end(token: string): Promise<void>;
}

const touch = luaScript(`local found = redis.call('GET', KEYS[1])
if found then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return found`);

/** @param ttlMs life after the last use */
export function sessions(redis: Redis, space: string, ttlMs = 30 * 60_000): SessionStore {
  const key = (token: string) => `${space}:session:1:${hash("sha256", token, "base64url")}`;
  return {
    begin: async (consumerId) => {
      const token = randomBytes(18).toString("base64url");
      await redis.set(key(token), String(consumerId), ttlMs);
      return token;
    },
    find: async (token) => {
      const found = await redis.script(touch, key(token), [String(ttlMs)]);
      return typeof found === "string" ? Number(found) : undefined;
    },
    end: (token) => redis.del(key(token)),
  };
}
