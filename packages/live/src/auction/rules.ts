/**
 * An English auction: who bids more leads, who leads when the time is over has bought, if the reserve was met. Pure: the
 * store reads the auction under a lock of its own, asks here, and writes what is answered.
 *
 * Every refusal is final. A bid that was refused once would be refused for ever after, since the price never falls and
 * an auction that is over stays so: refused bids need not be kept for the same bid, repeated, to have the same answer.
 */
import { type Band, stepAt } from "./increments.ts";

export interface Terms {
  /** What the first bid has to be at least. */
  readonly openingPrice: number;
  /** Below this nothing is sold; undefined: every bid sells. */
  readonly reserve: number | undefined;
  readonly increments: readonly Band[];
  /** A bid in the last so many ms moves the end to so many ms after it; 0: the end stands. */
  readonly extensionMs: number;
}

export type Outcome = "sold" | "reserve-not-met" | "no-bids" | "cancelled";

/** Times are ms since the epoch, by the database's clock. */
export interface Auction {
  readonly terms: Terms;
  readonly endsAt: number;
  /** undefined while bids are taken. */
  readonly closed: { readonly outcome: Outcome; readonly at: number } | undefined;
  readonly leading: AcceptedBid | undefined;
  /** Bids accepted so far. */
  readonly bids: number;
  /** Bidders who had a bid accepted: each has a number, as on a paddle, by which others know them. */
  readonly bidders: number;
}

export interface Bid {
  /** The bidder's own: the same id is the same bid. */
  readonly id: string;
  readonly bidder: string;
  readonly amount: number;
}

export interface AcceptedBid extends Bid {
  /** 1, 2, 3 … in the order of acceptance. */
  readonly sequence: number;
  readonly paddle: number;
  readonly at: number;
  /** Where it moved the auction's end to. */
  readonly extendedTo: number | undefined;
}

export type BidRefusal = "AUCTION_OVER" | "BID_TOO_LOW" | "BID_ID_REUSED";

export type BidAnswer =
  | { readonly kind: "accepted"; readonly bid: AcceptedBid }
  /** It had been accepted before; nothing changes. */
  | { readonly kind: "again"; readonly bid: AcceptedBid }
  /** `minimum`: what would have been enough. */
  | { readonly kind: "refused"; readonly code: BidRefusal; readonly minimum: number };

/** What the store knows of those who bid now. */
export interface Known {
  /** A bid of this bidder with this id that was accepted. */
  readonly bid: (bidder: string, id: string) => AcceptedBid | undefined;
  /** The number of a bidder who had a bid accepted. */
  readonly paddle: (bidder: string) => number | undefined;
}

export const minimumBid = ({ terms, leading }: Pick<Auction, "terms" | "leading">): number =>
  leading === undefined ? terms.openingPrice : leading.amount + stepAt(terms.increments, leading.amount);

export const isReserveMet = ({ terms, leading }: Pick<Auction, "terms" | "leading">): boolean =>
  leading !== undefined && leading.amount >= (terms.reserve ?? 0);

/** Rises with every change. */
export const versionOf = ({ bids, closed }: Pick<Auction, "bids" | "closed">): number =>
  bids + (closed === undefined ? 0 : 1);

/** @param now a clock that fell behind the last bid counts as standing still */
export function decideBid(auction: Auction, known: Known, bid: Bid, now: number): BidAnswer {
  const refuse = (code: BidRefusal): BidAnswer => ({ kind: "refused", code, minimum: minimumBid(auction) });
  const earlier = known.bid(bid.bidder, bid.id);
  // First of all: who asks again after the end learns that the bid had been taken.
  if (earlier !== undefined)
    return earlier.amount === bid.amount ? { kind: "again", bid: earlier } : refuse("BID_ID_REUSED");
  const at = Math.max(now, auction.leading?.at ?? now);
  if (auction.closed !== undefined || at >= auction.endsAt) return refuse("AUCTION_OVER");
  if (bid.amount < minimumBid(auction)) return refuse("BID_TOO_LOW");
  const { extensionMs } = auction.terms;
  return {
    kind: "accepted",
    bid: {
      ...bid,
      at,
      sequence: auction.bids + 1,
      paddle: known.paddle(bid.bidder) ?? auction.bidders + 1,
      extendedTo: auction.endsAt - at < extensionMs ? at + extensionMs : undefined,
    },
  };
}

export const afterBid = (auction: Auction, bid: AcceptedBid): Auction => ({
  ...auction,
  leading: bid,
  bids: bid.sequence,
  bidders: Math.max(auction.bidders, bid.paddle),
  endsAt: bid.extendedTo ?? auction.endsAt,
});

/** Bids that came together, one after the other. @returns an answer for each, in their order */
export function takeBids(
  auction: Auction,
  known: Known,
  bids: readonly Bid[],
  now: number,
): { readonly auction: Auction; readonly answers: readonly BidAnswer[] } {
  let current = auction;
  const accepted: AcceptedBid[] = [];
  const answers = bids.map((bid) => {
    const answer = decideBid(
      current,
      {
        bid: (bidder, id) =>
          accepted.find((one) => one.bidder === bidder && one.id === id) ?? known.bid(bidder, id),
        paddle: (bidder) => accepted.find((one) => one.bidder === bidder)?.paddle ?? known.paddle(bidder),
      },
      bid,
      now,
    );
    if (answer.kind !== "accepted") return answer;
    accepted.push(answer.bid);
    current = afterBid(current, answer.bid);
    return answer;
  });
  return { auction: current, answers };
}

/** The auction with its result; undefined: it is not over yet, or has been closed before. */
export function settle(auction: Auction, now: number): Auction | undefined {
  if (auction.closed !== undefined || now < auction.endsAt) return undefined;
  const outcome =
    auction.leading === undefined ? "no-bids" : isReserveMet(auction) ? "sold" : "reserve-not-met";
  return { ...auction, closed: { outcome, at: now } };
}

/** undefined: it is over. What has to be settled cannot be taken back any more. */
export const cancel = (auction: Auction, now: number): Auction | undefined =>
  auction.closed !== undefined || now >= auction.endsAt
    ? undefined
    : { ...auction, closed: { outcome: "cancelled", at: now } };
