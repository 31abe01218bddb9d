/**
 * What becomes of bids, told in the auction's room as soon as it is committed, by the instance that did it. One message
 * at a time for each room, and the newest alone: whoever comes late has missed nothing but what is old. A message that
 * is lost is made good by the auction's own address, which pages ask besides.
 */
import { versionOf } from "../../auction/rules.ts";
import { faceOf, type StoredAuction } from "../auctions/rows.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { LiveKit } from "./livekit.ts";

/** Topic of the messages. */
export const topic = "auction";

export interface Results {
  tell(stored: StoredAuction): void;
}

export function resultsTo(livekit: Pick<LiveKit, "send">, log: Log): Results {
  const waiting = new Map<string, StoredAuction>();
  const busy = new Set<string>();
  let said = "";

  const drain = async (room: string): Promise<void> => {
    busy.add(room);
    for (let next = waiting.get(room); next !== undefined; next = waiting.get(room)) {
      waiting.delete(room);
      try {
        await livekit.send(room, topic, faceOf(next));
        said = "";
      } catch (error) {
        const cause = messageOf(error);
        if (cause !== said) log("results are not told in rooms for now", { cause });
        said = cause;
      }
    }
    busy.delete(room);
  };
  return {
    tell: (stored) => {
      const { room } = stored;
      const older = waiting.get(room);
      if (older?.id === stored.id && versionOf(older.auction) >= versionOf(stored.auction)) return;
      waiting.set(room, stored);
      if (!busy.has(room)) void drain(room);
    },
  };
}
