/** The answers about auctions as forms, for the OpenAPI document. */
import { z } from "zod";
import type { AuctionDetail, AuctionInfo, BidAnswer, BidInfo } from "../api.ts";

const time = z.iso.datetime();
const amount = z.int().describe("Whole minor units of the currency");

const info = {
  id: z.string(),
  room: z.string(),
  title: z.string(),
  currency: z.string().describe("ISO 4217"),
  openingPrice: amount,
  increments: z.array(z.object({ from: amount, step: amount })),
  extensionSeconds: z.number().describe("A bid in the last so many seconds moves the end"),
  openedAt: time,
  endsAt: time,
  now: time.describe("The time by the clock that ends it"),
  version: z.int().describe("Rises with every change"),
  state: z.enum(["open", "closed"]),
  outcome: z.enum(["sold", "reserve-not-met", "no-bids", "cancelled"]).nullable(),
  closedAt: time.nullable(),
  price: amount.nullable(),
  leader: z.int().nullable().describe("Number of the bidder who leads, or has bought"),
  minimum: amount.describe("What the next bid has to be at least"),
  bids: z.int(),
  bidders: z.int(),
  hasReserve: z.boolean(),
  reserveMet: z.boolean(),
};
export const auctionInfo = z.object(info).meta({ title: "AuctionInfo" }) satisfies z.ZodType<AuctionInfo>;
export const auctionDetail = z
  .object({
    ...info,
    reserve: amount.nullable(),
    leaderSubject: z.string().nullable(),
  })
  .meta({ title: "AuctionDetail" }) satisfies z.ZodType<AuctionDetail>;
export const auctionList = z.object({ auctions: z.array(auctionInfo) });

const bid = z
  .object({
    sequence: z.int(),
    paddle: z.int().describe("The bidder's number in this auction"),
    amount,
    at: time,
    extendedTo: time.nullable(),
  })
  .meta({ title: "BidInfo" }) satisfies z.ZodType<BidInfo>;
export const bidList = z.object({ bids: z.array(bid) });
export const bidAnswer = z
  .object({ bid, auction: auctionInfo })
  .meta({ title: "BidAnswer" }) satisfies z.ZodType<BidAnswer>;
export const paddleAnswer = z.object({ paddle: z.int().nullable() });
