/** What many ask for at once, for a second: in Redis, so that all instances share it; without Redis it is asked each time. */
import type { Metrics } from "./metrics.ts";
import type { Redis } from "./redis.ts";

export interface Cache {
  /** A value that JSON can hold. What `load` throws is kept by nobody. */
  through<T>(key: string, load: () => Promise<T>): Promise<T>;
}

/** So old is what everyone sees at most. */
const lifeMs = 1_000;

/** @param redis undefined: the mall has none */
export function cacheIn(
  redis: Pick<Redis, "get" | "set"> | undefined,
  prefix: string,
  cached: Metrics["cached"],
): Cache {
  // Of those that ask this instance while a value is being loaded, all get that one.
  const loading = new Map<string, Promise<unknown>>();

  const read = async (store: NonNullable<typeof redis>, key: string): Promise<string | undefined> => {
    try {
      const [text] = await store.get([`${prefix}${key}`]);
      cached(typeof text === "string" ? "hit" : "miss");
      return text ?? undefined;
    } catch {
      cached("away");
      return undefined;
    }
  };
  const load = async <T>(key: string, from: () => Promise<T>): Promise<T> => {
    const text = redis === undefined ? undefined : await read(redis, key);
    if (text !== undefined) return JSON.parse(text) as T;
    const value = await from();
    redis?.set(`${prefix}${key}`, JSON.stringify(value), lifeMs).catch(() => {});
    return value;
  };
  return {
    through: <T>(key: string, from: () => Promise<T>): Promise<T> => {
      if (redis === undefined) return from();
      const under = loading.get(key) as Promise<T> | undefined;
      if (under !== undefined) return under;
      const value = load(key, from).finally(() => loading.delete(key));
      loading.set(key, value);
      return value;
    },
  };
}
