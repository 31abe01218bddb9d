/** Ends auctions when their time is over, on whichever instance looks first. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Feed } from "./feed.ts";
import type { Auctions } from "./store.ts";

/** No bid is taken after the end; its result is known this much later at most. */
const lookMs = 250;

export interface ClockDeps {
  readonly auctions: Pick<Auctions, "settleDue">;
  readonly feed: Pick<Feed, "tell">;
  readonly log: Log;
}

/** Begun once the schema is there; ends with the signal. */
export async function endAuctions({ auctions, feed, log }: ClockDeps, signal: AbortSignal): Promise<void> {
  for (let said = ""; !signal.aborted; await sleep(lookMs, undefined, { signal }).catch(() => {})) {
    try {
      for (const stored of await auctions.settleDue()) {
        log("auction closed", {
          auction: stored.id,
          room: stored.room,
          outcome: stored.auction.closed?.outcome,
        });
        feed.tell(stored);
      }
      said = "";
    } catch (error) {
      const cause = messageOf(error);
      if (cause !== said) log("auctions cannot be ended for now", { cause });
      said = cause;
    }
  }
}
