/**
 * What those who follow an auction are shown, as soon as it changes. What this instance changed itself is told at once;
 * what another changed is found by asking MySQL for the versions of all auctions that anybody follows here.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { versionOf } from "../../auction/rules.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { StoredAuction } from "./rows.ts";
import type { Auctions } from "./store.ts";

/** A bid that the other instance took is seen here this much later at most, and MySQL is asked twenty times a second. */
const askMs = 50;
/**
 * The first change is told at once, those that follow it together: each is the whole state, and two hundred bidders at
 * once change it more often than anybody can see.
 */
const togetherMs = 40;
const askAgainMs = 1_000;

export type Follower = (stored: StoredAuction) => void;

export interface Feed {
  /** @returns ends it */
  follow(id: string, follower: Follower): () => void;
  /** What has just been committed. */
  tell(stored: StoredAuction): void;
  followers(): number;
  /** Looks for what others changed, until the signal. */
  watch(signal: AbortSignal): Promise<void>;
}

interface Followed {
  /** Of what was last told, or is about to be. */
  version: number;
  readonly followers: Set<Follower>;
  /** Told when the time of the last one is over. */
  next: StoredAuction | undefined;
  timer: NodeJS.Timeout | undefined;
}

export function feedOf(auctions: Pick<Auctions, "get" | "versions">, log: Log): Feed {
  const followed = new Map<string, Followed>();
  let begun = () => {};

  const tell = (stored: StoredAuction): void => {
    const entry = followed.get(stored.id);
    const version = versionOf(stored.auction);
    if (entry === undefined || version <= entry.version) return;
    entry.version = version;
    if (entry.timer === undefined) say(entry, stored);
    else entry.next = stored;
  };
  const say = (entry: Followed, stored: StoredAuction): void => {
    entry.next = undefined;
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      if (entry.next !== undefined) say(entry, entry.next);
    }, togetherMs);
    entry.timer.unref();
    for (const follower of entry.followers) follower(stored);
  };
  const look = async (): Promise<void> => {
    const versions = await auctions.versions([...followed.keys()]);
    for (const [id, version] of versions)
      if (version > (followed.get(id)?.version ?? version)) tell(await auctions.get(id));
  };
  return {
    tell,
    followers: () => [...followed.values()].reduce((sum, { followers }) => sum + followers.size, 0),
    follow: (id, follower) => {
      const entry = followed.get(id) ?? {
        ...{ version: -1, followers: new Set() },
        ...{ next: undefined, timer: undefined },
      };
      followed.set(id, entry);
      entry.followers.add(follower);
      begun();
      return () => {
        entry.followers.delete(follower);
        if (entry.followers.size === 0 && followed.get(id) === entry) followed.delete(id);
      };
    },
    watch: async (signal) => {
      signal.addEventListener("abort", () => begun(), { once: true });
      for (let failing = false; !signal.aborted; ) {
        if (followed.size === 0)
          await new Promise<void>((resolve) => {
            begun = resolve;
          });
        if (signal.aborted || followed.size === 0) continue;
        try {
          await look();
          failing = false;
        } catch (error) {
          if (!failing) log("auctions cannot be followed for now", { cause: messageOf(error) });
          failing = true;
        }
        await sleep(failing ? askAgainMs : askMs, undefined, { signal }).catch(() => {});
      }
    },
  };
}
