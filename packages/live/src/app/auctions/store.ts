/**
 * Auctions in MySQL. Who changes one holds its row: bids of both instances come one after the other, and what is
 * answered was committed before.
 */
import { randomInt } from "node:crypto";
import {
  type AcceptedBid,
  type Bid,
  type BidAnswer,
  cancel,
  settle,
  type Terms,
  takeBids,
  versionOf,
} from "../../auction/rules.ts";
import { type Database, isDuplicate } from "../database.ts";
import { LiveError } from "../errors.ts";
import { type Draft, emit, emitAll } from "../events.ts";
import type { Session, Transaction } from "../session.ts";
import { type AuctionRow, type BidRow, bidOf, type StoredAuction, storedOf } from "./rows.ts";
import { bidColumns, clock, held, insertBids, knownOf, lastBid, paddles, rowOf, storedBy } from "./sql.ts";

export interface NewAuction extends Terms {
  readonly title: string;
  readonly currency: string;
  readonly durationMs: number;
}

export interface Taken {
  /** After all of them. */
  readonly stored: StoredAuction;
  readonly answers: readonly BidAnswer[];
}

export interface Auctions {
  /** @throws NO_SUCH_ROOM, BANNED, AUCTION_OPEN */
  open(room: string, auction: NewAuction): Promise<StoredAuction>;
  /** @throws NO_SUCH_AUCTION */
  get(id: string): Promise<StoredAuction>;
  /** The latest of a room, newest first. */
  ofRoom(room: string): Promise<readonly StoredAuction[]>;
  /** Whether one is open in the room. */
  isOpenIn(room: string): Promise<boolean>;
  /** Accepted bids in their order, those after this number. */
  bids(id: string, after: number): Promise<readonly AcceptedBid[]>;
  /** The number of a bidder who has bid. */
  paddle(id: string, bidder: string): Promise<number | undefined>;
  /** Bids that came together, in their order. @throws NO_SUCH_AUCTION */
  take(id: string, bids: readonly Bid[]): Promise<Taken>;
  /** @throws NO_SUCH_AUCTION, AUCTION_OVER */
  cancel(id: string): Promise<StoredAuction>;
  /** Closes what is over; what another instance has in hand is left to it. */
  settleDue(): Promise<readonly StoredAuction[]>;
  /** Versions of those that there are, by id. */
  versions(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

export const shownAuctions = 20;
export const shownBids = 200;
const settledAtOnce = 16;

export const isAuctionId = (id: string): boolean => /^a[0-9a-z]{5,31}$/.test(id);

export function auctionsIn(database: Database): Auctions {
  const get = (id: string) => database.use(async (session) => storedBy(session, await rowOf(session, id)));
  return {
    get,
    open: async (room, { title, currency, durationMs, ...terms }) => {
      try {
        return await database.transaction((session) =>
          insert(session, room, title, currency, durationMs, terms),
        );
      } catch (error) {
        if (isDuplicate(error)) throw new LiveError("AUCTION_OPEN");
        throw error;
      }
    },
    ofRoom: (room) =>
      database.use(async (session) => {
        const rows = await session.rows<AuctionRow>(
          `SELECT * FROM auctions WHERE room = ? ORDER BY opened_at DESC, id DESC LIMIT ${shownAuctions}`,
          [room],
        );
        const [now, ...last] = await Promise.all([
          clock(session),
          ...rows.map((row) => lastBid(session, row)),
        ]);
        return rows.map((row, i) => storedOf(row, last[i], now));
      }),
    isOpenIn: (room) =>
      database.use(async (session) => {
        const rows = await session.rows("SELECT id FROM auctions WHERE open_room = ?", [room]);
        return rows.length > 0;
      }),
    bids: (id, after) =>
      database.use(async (session) => {
        const rows = await session.rows<BidRow>(
          `SELECT ${bidColumns} FROM auction_bids WHERE auction = ? AND sequence > ? ORDER BY sequence LIMIT ${shownBids}`,
          [id, after],
        );
        return rows.map(bidOf);
      }),
    paddle: (id, bidder) =>
      database.use(async (session) => (await paddles(session, id, [bidder])).get(bidder)),
    take: (id, bids) =>
      database.transaction(async (session) => {
        const row = await held(session, id);
        const [before, known] = await Promise.all([storedBy(session, row), knownOf(session, id, bids)]);
        const { auction, answers } = takeBids(before.auction, known, bids, before.readAt);
        const accepted = answers.flatMap((answer) => (answer.kind === "accepted" ? answer.bid : []));
        if (accepted.length === 0) return { stored: before, answers };
        await Promise.all([
          insertBids(session, id, accepted),
          session.run("UPDATE auctions SET bids = ?, bidders = ?, ends_at = ? WHERE id = ?", [
            auction.bids,
            auction.bidders,
            new Date(auction.endsAt),
            id,
          ]),
          emitAll(session, before.room, accepted.map(bidEvent(id, before.room))),
          session.commit(),
        ]);
        return { stored: { ...before, auction }, answers };
      }),
    cancel: (id) =>
      database.transaction(async (session) => {
        const before = await storedBy(session, await held(session, id));
        const auction = cancel(before.auction, before.readAt);
        if (auction === undefined) throw new LiveError("AUCTION_OVER");
        return close(session, { ...before, auction });
      }),
    settleDue: async () => {
      const due = await database.use((session) =>
        session.rows<{ readonly id: string }>(
          `SELECT id FROM auctions WHERE closed_at IS NULL AND ends_at <= NOW(3) ORDER BY ends_at LIMIT ${settledAtOnce}`,
        ),
      );
      const settled: StoredAuction[] = [];
      for (const { id } of due) {
        const closed = await database.transaction(async (session) => {
          const row = await held(session, id, "SKIP LOCKED").catch(absent);
          if (row === undefined) return undefined;
          const before = await storedBy(session, row);
          const auction = settle(before.auction, before.readAt);
          return auction === undefined ? undefined : close(session, { ...before, auction });
        });
        if (closed !== undefined) settled.push(closed);
      }
      return settled;
    },
    versions: (ids) =>
      database.use(async (session) => {
        const rows = await session.rows<Pick<AuctionRow, "id" | "bids" | "closed_at">>(
          `SELECT id, bids, closed_at FROM auctions WHERE id IN (${ids.map(() => "?").join(", ")})`,
          ids,
        );
        // Of an outcome only whether there is one counts here.
        return new Map(
          rows.map(({ id, bids, closed_at }) => [
            id,
            versionOf({ bids, closed: closed_at === null ? undefined : { outcome: "cancelled", at: 0 } }),
          ]),
        );
      }),
  };
}

async function insert(
  session: Session,
  room: string,
  title: string,
  currency: string,
  durationMs: number,
  { openingPrice, reserve, increments, extensionMs }: Terms,
): Promise<StoredAuction> {
  const [found] = await session.rows<{ readonly now: Date; readonly banned_until: Date | null }>(
    "SELECT NOW(3) AS now, banned_until FROM rooms WHERE name = ? FOR UPDATE",
    [room],
  );
  if (found === undefined) throw new LiveError("NO_SUCH_ROOM");
  if (found.banned_until !== null && found.banned_until > found.now) throw new LiveError("BANNED");
  const now = found.now.getTime();
  const id = `a${now.toString(36)}${randomInt(36 ** 4)
    .toString(36)
    .padStart(4, "0")}`;
  await session.run(
    `INSERT INTO auctions (id, room, title, currency, opening_price, reserve, increments, extension_ms, opened_at, ends_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      ...[id, room, title, currency, openingPrice, reserve ?? null, JSON.stringify(increments), extensionMs],
      ...[found.now, new Date(now + durationMs)],
    ],
  );
  const stored = storedOf(await rowOf(session, id), undefined, now);
  await emit(session, {
    type: "auction.opened",
    room,
    data: { auction: id, title, currency, openingPrice, endsAt: iso(stored.auction.endsAt) },
  });
  return stored;
}

const absent = (error: unknown): undefined => {
  if (error instanceof LiveError && error.code === "NO_SUCH_AUCTION") return undefined;
  throw error;
};

async function close(session: Transaction, stored: StoredAuction): Promise<StoredAuction> {
  const { closed, leading } = stored.auction;
  if (closed === undefined) throw new Error(`${stored.id} is still open`);
  const isSold = closed.outcome === "sold" && leading !== undefined;
  await Promise.all([
    session.run("UPDATE auctions SET closed_at = ?, outcome = ? WHERE id = ? AND closed_at IS NULL", [
      new Date(closed.at),
      closed.outcome,
      stored.id,
    ]),
    emit(session, {
      type: "auction.closed",
      room: stored.room,
      data: {
        auction: stored.id,
        outcome: closed.outcome,
        ...(isSold ? { winner: leading.bidder, amount: leading.amount, sequence: leading.sequence } : {}),
      },
    }),
    session.commit(),
  ]);
  return stored;
}

const bidEvent =
  (auction: string, room: string) =>
  ({ bidder, amount, sequence, extendedTo }: AcceptedBid): Draft => ({
    type: "auction.bid",
    room,
    data: {
      ...{ auction, bidder, amount, sequence },
      ...(extendedTo === undefined ? {} : { extendedTo: iso(extendedTo) }),
    },
  });

const iso = (ms: number): string => new Date(ms).toISOString();
