/** What an auction's page makes of what it is told, however late and in whichever order. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AuctionInfo } from "../src/app/api.ts";
import {
  amountOf,
  bidsWord,
  clockOf,
  entered,
  leftMs,
  liveness,
  moneyOf,
  newer,
  refusalOf,
  roleOf,
} from "./auction-state.ts";
import { say } from "./words.ts";

const start = Date.parse("2026-11-30T12:00:00Z");
const iso = (ms: number) => new Date(start + ms).toISOString();
const auction = (version: number, over: Partial<AuctionInfo> = {}): AuctionInfo => ({
  ...{ id: "a1", room: "tea", title: "Tea", currency: "CNY", openingPrice: 100 },
  ...{ increments: [{ from: 0, step: 10 }], extensionSeconds: 10, openedAt: iso(0), endsAt: iso(60_000) },
  ...{ now: iso(0), version, state: "open", outcome: null, closedAt: null, price: null, leader: null },
  ...{ minimum: 100, bids: version, bidders: 0, hasReserve: false, reserveMet: true },
  ...over,
});

test("of what comes twice, late or in another order the newest is shown", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1 }), (versions) => {
      const shown = versions.reduce<ReturnType<typeof newer> | undefined>(
        (before, version) => newer(before, auction(version), start),
        undefined,
      );
      expect(shown?.auction.version).toBe(Math.max(...versions));
    }),
  );
});

test("another auction replaces an earlier one, and an earlier one none", () => {
  const second = auction(0, { id: "a2", openedAt: iso(120_000) });
  expect(newer(newer(undefined, auction(9), start), second, start).auction.id).toBe("a2");
  expect(newer(newer(undefined, second, start), auction(9), start).auction.id).toBe("a2");
});

test("time is left by the clock that ends it; what was under way for long moves no clock", () => {
  // This device is 5 s behind; the second message was 2 s under way.
  const first = newer(undefined, auction(1, { now: iso(5_000) }), start);
  const late = newer(first, auction(2, { now: iso(6_000) }), start + 3_000);
  expect(late.aheadMs).toBe(5_000);
  expect(leftMs(late, start + 3_000)).toBe(52_000);
  expect(leftMs(late, start + 300_000)).toBe(0);
  expect(leftMs(newer(late, auction(3, { state: "closed" }), start), start)).toBe(0);
});

test("the clock is never at nothing while there is time", () => {
  expect([65_000, 10_000, 9_999, 900, 1, 0].map(clockOf)).toEqual([
    "1:05",
    "0:10",
    "10.0",
    "0.9",
    "0.1",
    "0.0",
  ]);
});

test("amounts are what was entered, in the currency's own digits", () => {
  expect(amountOf("12.3", "CNY")).toBe(1_230);
  expect(amountOf("12", "JPY")).toBe(12);
  for (const wrong of ["", " ", "x", "-1", "0", "1e99"])
    expect(amountOf(wrong, "CNY"), wrong).toBeUndefined();
  expect(entered(1_205, "CNY")).toBe("12.05");
  expect(moneyOf(1_205, "CNY", "zh")).toBe("¥12.05");
});

test("one bid is one, and none or several are not", () => {
  expect([0, 1, 2].map((bids) => `${bids} ${say("en", bidsWord(bids))}`)).toEqual([
    "0 bids",
    "1 bid",
    "2 bids",
  ]);
  expect([0, 1].map((bids) => say("zh", bidsWord(bids)))).toEqual(["次出价", "次出价"]);
});

test("a host who is seen is live, whatever the room's stream is", () => {
  expect((["idle", "ended", "live"] as const).map((room) => liveness(room, true))).toEqual([
    ...["live", "live", "live"],
  ]);
  expect(liveness("ended", false)).toBe("ended");
});

test("a refusal is said as what it means, and a token is no more than a hint", () => {
  expect(["BID_TOO_LOW", "AUCTION_OVER", "TOKEN_WRONG", "BUSY"].map(refusalOf)).toEqual([
    ...["bidTooLow", "bidTooLate", "bidNeedsLogin", "bidNotSent"],
  ]);
  const token = (role: string) =>
    `x.${Buffer.from(JSON.stringify({ role, sub: "茶?>" })).toString("base64url")}.y`;
  expect([token("streamer"), token("viewer"), token("operator"), "x", undefined].map(roleOf)).toEqual([
    ...["streamer", "viewer", undefined, undefined, undefined],
  ]);
});
