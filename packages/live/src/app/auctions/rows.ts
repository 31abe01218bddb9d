/** Rows of MySQL as what the rules of auctions know, and what may be shown of it. */
import { type AcceptedBid, type Auction, isReserveMet, minimumBid, versionOf } from "../../auction/rules.ts";
import type { AuctionDetail, AuctionInfo, BidInfo } from "../api.ts";

export interface StoredAuction {
  readonly id: string;
  readonly room: string;
  readonly title: string;
  readonly currency: string;
  /** ms, as all times are. */
  readonly openedAt: number;
  /** When it was read. */
  readonly readAt: number;
  readonly auction: Auction;
}

export interface AuctionRow {
  readonly id: string;
  readonly room: string;
  readonly title: string;
  readonly currency: string;
  readonly opening_price: number;
  readonly reserve: number | null;
  readonly increments: Auction["terms"]["increments"];
  readonly extension_ms: number;
  readonly opened_at: Date;
  readonly ends_at: Date;
  readonly bids: number;
  readonly bidders: number;
  readonly closed_at: Date | null;
  readonly outcome: NonNullable<Auction["closed"]>["outcome"] | null;
}

export interface BidRow {
  readonly auction: string;
  readonly sequence: number;
  readonly bid_id: string;
  readonly bidder: string;
  readonly paddle: number;
  readonly amount: number;
  readonly at: Date;
  readonly extended_to: Date | null;
}

export const bidOf = (row: BidRow): AcceptedBid => ({
  id: row.bid_id,
  bidder: row.bidder,
  amount: row.amount,
  sequence: row.sequence,
  paddle: row.paddle,
  at: row.at.getTime(),
  extendedTo: row.extended_to?.getTime(),
});

/** @param leading its last bid */
export const storedOf = (row: AuctionRow, leading: BidRow | undefined, readAt: number): StoredAuction => ({
  id: row.id,
  room: row.room,
  title: row.title,
  currency: row.currency,
  openedAt: row.opened_at.getTime(),
  readAt,
  auction: {
    terms: {
      openingPrice: row.opening_price,
      reserve: row.reserve ?? undefined,
      increments: row.increments,
      extensionMs: row.extension_ms,
    },
    endsAt: row.ends_at.getTime(),
    closed:
      row.closed_at === null || row.outcome === null
        ? undefined
        : { outcome: row.outcome, at: row.closed_at.getTime() },
    leading: leading === undefined ? undefined : bidOf(leading),
    bids: row.bids,
    bidders: row.bidders,
  },
});

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : iso(ms));

/** What everyone may see: bidders by their numbers, of the reserve only whether it was met. */
export function faceOf({ auction, ...stored }: StoredAuction): AuctionInfo {
  const { terms, closed, leading } = auction;
  return {
    id: stored.id,
    room: stored.room,
    title: stored.title,
    currency: stored.currency,
    openingPrice: terms.openingPrice,
    increments: terms.increments,
    extensionSeconds: terms.extensionMs / 1_000,
    openedAt: iso(stored.openedAt),
    endsAt: iso(auction.endsAt),
    now: iso(stored.readAt),
    version: versionOf(auction),
    state: closed === undefined ? "open" : "closed",
    outcome: closed?.outcome ?? null,
    closedAt: isoOrNull(closed?.at),
    price: leading?.amount ?? null,
    leader: leading?.paddle ?? null,
    minimum: minimumBid(auction),
    bids: auction.bids,
    bidders: auction.bidders,
    hasReserve: terms.reserve !== undefined,
    reserveMet: isReserveMet(auction),
  };
}

/** What its operators and its merchant's streamers see: also the reserve, and who it is that leads or has bought. */
export const detailOf = (stored: StoredAuction): AuctionDetail => ({
  ...faceOf(stored),
  reserve: stored.auction.terms.reserve ?? null,
  leaderSubject: stored.auction.leading?.bidder ?? null,
});

export const bidInfoOf = (bid: AcceptedBid): BidInfo => ({
  sequence: bid.sequence,
  paddle: bid.paddle,
  amount: bid.amount,
  at: iso(bid.at),
  extendedTo: isoOrNull(bid.extendedTo),
});
