/**
 * Bids of one auction on this instance, taken together while those before them are being written: two hundred bidders at
 * once wait for a few transactions instead of two hundred, and one auction never uses more than one connection.
 */
import type { Bid, BidAnswer } from "../../auction/rules.ts";
import { LiveError } from "../errors.ts";
import type { StoredAuction } from "./rows.ts";
import type { Taken } from "./store.ts";

/** A transaction of so many bids is still far shorter than others wait for its lock. */
const takenAtOnce = 32;
/** More than that waited longer than anybody asks for. */
const mostWaiting = 1_000;

export interface AnsweredBid {
  readonly answer: BidAnswer;
  readonly stored: StoredAuction;
}

interface Waiting {
  readonly bid: Bid;
  readonly resolve: (answered: AnsweredBid) => void;
  readonly reject: (error: unknown) => void;
}

/** @returns places a bid. @throws BUSY, what `take` throws */
export function bidQueue(
  take: (auction: string, bids: readonly Bid[]) => Promise<Taken>,
): (auction: string, bid: Bid) => Promise<AnsweredBid> {
  const queues = new Map<string, Waiting[]>();
  const drain = async (auction: string, queue: Waiting[]): Promise<void> => {
    while (queue.length > 0) {
      const together = queue.splice(0, takenAtOnce);
      try {
        const { stored, answers } = await take(
          auction,
          together.map(({ bid }) => bid),
        );
        together.forEach(({ resolve, reject }, i) => {
          const answer = answers[i];
          if (answer === undefined) reject(new Error("a bid without an answer"));
          else resolve({ answer, stored });
        });
      } catch (error) {
        for (const { reject } of together) reject(error);
      }
    }
    queues.delete(auction);
  };
  return (auction, bid) =>
    new Promise((resolve, reject) => {
      const queue = queues.get(auction);
      if (queue !== undefined && queue.length >= mostWaiting) {
        reject(new LiveError("BUSY"));
        return;
      }
      if (queue !== undefined) {
        queue.push({ bid, resolve, reject });
        return;
      }
      const own: Waiting[] = [{ bid, resolve, reject }];
      queues.set(auction, own);
      void drain(auction, own);
    });
}
