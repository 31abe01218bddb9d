/** What is read and written of auctions within a transaction. */
import type { AcceptedBid, Bid, Known } from "../../auction/rules.ts";
import { LiveError } from "../errors.ts";
import type { Session, Value } from "../session.ts";
import { type AuctionRow, type BidRow, bidOf, type StoredAuction, storedOf } from "./rows.ts";

export const bidColumns = "auction, sequence, bid_id, bidder, paddle, amount, at, extended_to";

/** @throws NO_SUCH_AUCTION, also when `lock` passes over a row that another transaction holds */
export async function rowOf(session: Session, id: string, lock = ""): Promise<AuctionRow> {
  const [row] = await session.rows<AuctionRow>(`SELECT * FROM auctions WHERE id = ? ${lock}`, [id]);
  if (row === undefined) throw new LiveError("NO_SUCH_AUCTION");
  return row;
}

/**
 * The auction's row, which nobody else changes until this transaction is over. What belongs to it is read by statements
 * of their own: one that waited for the lock still has the time, and sees the other rows, of when it began.
 */
export const held = (session: Session, id: string, more = ""): Promise<AuctionRow> =>
  rowOf(session, id, `FOR UPDATE ${more}`);

/** A row that was read, with its last bid and the time. No bid of the row is missing, newer ones are left out. */
export async function storedBy(session: Session, row: AuctionRow): Promise<StoredAuction> {
  const [last, now] = await Promise.all([lastBid(session, row), clock(session)]);
  return storedOf(row, last, now);
}

export async function lastBid(session: Session, { id, bids }: AuctionRow): Promise<BidRow | undefined> {
  if (bids === 0) return undefined;
  const [row] = await session.rows<BidRow>(
    `SELECT ${bidColumns} FROM auction_bids WHERE auction = ? AND sequence = ?`,
    [id, bids],
  );
  return row;
}

export async function clock(session: Session): Promise<number> {
  const [row] = await session.rows<{ readonly now: Date }>("SELECT NOW(3) AS now");
  return row?.now.getTime() ?? 0;
}

export async function paddles(
  session: Session,
  id: string,
  bidders: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await session.rows<Pick<BidRow, "bidder" | "paddle">>(
    `SELECT bidder, MIN(paddle) AS paddle FROM auction_bids
     WHERE auction = ? AND bidder IN (${bidders.map(() => "?").join(", ")}) GROUP BY bidder`,
    [id, ...bidders],
  );
  return new Map(rows.map(({ bidder, paddle }) => [bidder, paddle]));
}

export async function knownOf(session: Session, id: string, bids: readonly Bid[]): Promise<Known> {
  const [rows, numbers] = await Promise.all([
    session.rows<BidRow>(
      `SELECT ${bidColumns} FROM auction_bids
       WHERE auction = ? AND (bidder, bid_id) IN (${bids.map(() => "(?, ?)").join(", ")})`,
      [id, ...bids.flatMap(({ bidder, id: bid }) => [bidder, bid])],
    ),
    paddles(session, id, [...new Set(bids.map(({ bidder }) => bidder))]),
  ]);
  const known = rows.map(bidOf);
  return {
    bid: (bidder, bid) => known.find((one) => one.bidder === bidder && one.id === bid),
    paddle: (bidder) => numbers.get(bidder),
  };
}

export async function insertBids(
  session: Session,
  id: string,
  accepted: readonly AcceptedBid[],
): Promise<void> {
  const values = accepted.flatMap(
    ({ sequence, id: bid, bidder, paddle, amount, at, extendedTo }): Value[] => [
      ...[id, sequence, bid, bidder, paddle, amount],
      ...[new Date(at), extendedTo === undefined ? null : new Date(extendedTo)],
    ],
  );
  const places = accepted.map(() => "(?, ?, ?, ?, ?, ?, ?, ?)").join(", ");
  await session.run(`INSERT INTO auction_bids (${bidColumns}) VALUES ${places}`, values);
}
