/**
 * Who watches, in Redis, so that every instance says the same. One instance at a time writes; what it wrote lives for
 * some seconds, so that numbers which nobody renews are unknown, not old.
 */
import type { Redis } from "./redis.ts";

/** Sessions by room. */
export type Watching = ReadonlyMap<string, ReadonlySet<string>>;

export interface Presence {
  /** What was written last. */
  load(): Promise<Watching>;
  /** @param watching a room that nobody watches any more is in it once, without sessions */
  save(watching: Watching): Promise<void>;
  /** In the order of the rooms. @returns undefined when nobody knows */
  viewers(rooms: readonly string[]): Promise<readonly number[] | undefined>;
}

/** Several polls of the edges. */
const countLifeMs = 15_000;
/** Whoever takes over goes on from there. */
const sessionLifeMs = 60_000;

export function presenceIn(redis: Redis, prefix: string): Presence {
  const watched = `${prefix}watched`;
  const counted = `${prefix}counted`;
  const of = (room: string, what: "sessions" | "viewers") => `${prefix}{${room}}:${what}`;
  return {
    load: async () => {
      const rooms = await redis.members(watched);
      const sessions = await Promise.all(rooms.map((room) => redis.members(of(room, "sessions"))));
      return new Map(rooms.map((room, i) => [room, new Set(sessions[i])]));
    },
    save: async (watching) => {
      await Promise.all(
        [...watching].flatMap(([room, sessions]) => [
          redis.setMembers(of(room, "sessions"), [...sessions], sessionLifeMs),
          redis.set(of(room, "viewers"), String(sessions.size), countLifeMs),
        ]),
      );
      const rooms = [...watching].filter(([, sessions]) => sessions.size > 0).map(([room]) => room);
      await redis.setMembers(watched, rooms, sessionLifeMs);
      await redis.set(counted, "1", countLifeMs);
    },
    viewers: async (rooms) => {
      const [known, ...counts] = await redis.get([counted, ...rooms.map((room) => of(room, "viewers"))]);
      return known === null ? undefined : counts.map((count) => Number(count ?? 0));
    },
  };
}

export interface Change {
  readonly room: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  /** From now on. */
  readonly viewers: number;
}

/** Pure. Rooms without a change are left out; the others come in the order of their names. */
export function changesBetween(before: Watching, after: Watching): readonly Change[] {
  const none: ReadonlySet<string> = new Set();
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((room) => {
    const [was, is] = [before.get(room) ?? none, after.get(room) ?? none];
    const joined = [...is].filter((session) => !was.has(session));
    const left = [...was].filter((session) => !is.has(session));
    return joined.length + left.length === 0 ? [] : [{ room, joined, left, viewers: is.size }];
  });
}
