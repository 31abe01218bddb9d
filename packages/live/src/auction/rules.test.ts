/** The rules of an auction, over many auctions with many bidders whose questions are lost and repeated. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Band, highestAmount, isAmount, stepAt, wrongWith } from "./increments.ts";
import {
  type AcceptedBid,
  type Auction,
  afterBid,
  type Bid,
  type BidAnswer,
  cancel,
  decideBid,
  isReserveMet,
  type Known,
  minimumBid,
  settle,
  type Terms,
  takeBids,
  versionOf,
} from "./rules.ts";

const start = 1_800_000_000_000;
const auctionOf = (terms: Partial<Terms> = {}, durationMs = 60_000): Auction => ({
  terms: {
    openingPrice: 1_000,
    reserve: undefined,
    increments: [{ from: 0, step: 100 }],
    extensionMs: 0,
    ...terms,
  },
  endsAt: start + durationMs,
  closed: undefined,
  leading: undefined,
  bids: 0,
  bidders: 0,
});

/** What a store would remember. */
const knownFrom = (accepted: readonly AcceptedBid[]): Known => ({
  bid: (bidder, id) => accepted.find((one) => one.bidder === bidder && one.id === id),
  paddle: (bidder) => accepted.find((one) => one.bidder === bidder)?.paddle,
});

interface Asked {
  readonly bid: Bid;
  readonly now: number;
}

/** The history of an auction: each question with its answer, and the auction before and after. */
function play(auction: Auction, asked: readonly Asked[]) {
  const accepted: AcceptedBid[] = [];
  const steps: { asked: Asked; before: Auction; answer: BidAnswer; after: Auction }[] = [];
  let current = auction;
  for (const one of asked) {
    const answer = decideBid(current, knownFrom(accepted), one.bid, one.now);
    const before = current;
    if (answer.kind === "accepted") {
      accepted.push(answer.bid);
      current = afterBid(current, answer.bid);
    }
    steps.push({ asked: one, before, answer, after: current });
  }
  return { steps, accepted, auction: current };
}

const bands = fc
  .uniqueArray(fc.integer({ min: 1, max: 5_000 }), { maxLength: 4 })
  .chain((froms) =>
    fc
      .array(fc.integer({ min: 1, max: 400 }), { minLength: froms.length + 1, maxLength: froms.length + 1 })
      .map((steps): readonly Band[] =>
        [0, ...froms.sort((a, b) => a - b)].map((from, i) => ({ from, step: steps[i] ?? 1 })),
      ),
  );
const terms: fc.Arbitrary<Terms> = fc.record({
  openingPrice: fc.integer({ min: 1, max: 2_000 }),
  reserve: fc.option(fc.integer({ min: 1, max: 6_000 }), { nil: undefined }),
  increments: bands,
  extensionMs: fc.constantFrom(0, 1_000, 10_000),
});
/** Few bidders and few ids, so that ids come again; times mostly rise, and fall at times as clocks do. */
const asked: fc.Arbitrary<readonly Asked[]> = fc
  .array(
    fc.record({
      bidder: fc.constantFrom("ann", "bob", "茶"),
      id: fc.constantFrom(..."abcdefgh"),
      amount: fc.integer({ min: 0, max: 8_000 }),
      passed: fc.integer({ min: -300, max: 8_000 }),
    }),
    { maxLength: 40 },
  )
  .map((all) => {
    let now = start;
    return all.map(({ passed, ...bid }) => {
      now += passed;
      return { bid, now };
    });
  });
const world = fc.record({ terms, asked, duration: fc.integer({ min: 1_000, max: 120_000 }) });
const played = ({
  terms: of,
  asked: all,
  duration,
}: {
  terms: Terms;
  asked: readonly Asked[];
  duration: number;
}) => play(auctionOf(of, duration), all);

describe("the price", () => {
  test("never falls, and each accepted bid rises by its band's step at least", () => {
    fc.assert(
      fc.property(world, (one) => {
        const { steps, accepted } = played(one);
        for (const { before, after } of steps)
          expect(after.leading?.amount ?? 0).toBeGreaterThanOrEqual(before.leading?.amount ?? 0);
        accepted.forEach((bid, i) => {
          const last = accepted[i - 1];
          if (last === undefined) expect(bid.amount).toBeGreaterThanOrEqual(one.terms.openingPrice);
          else
            expect(bid.amount - last.amount).toBeGreaterThanOrEqual(
              stepAt(one.terms.increments, last.amount),
            );
        });
      }),
    );
  });

  test("who leads is the highest accepted bid, and the last", () => {
    fc.assert(
      fc.property(world, (one) => {
        const { accepted, auction } = played(one);
        expect(auction.leading).toEqual(accepted.at(-1));
        expect(auction.leading?.amount ?? 0).toBe(Math.max(0, ...accepted.map(({ amount }) => amount)));
        expect(accepted.map(({ sequence }) => sequence)).toEqual(accepted.map((_, i) => i + 1));
      }),
    );
  });

  test("the order of arrival decides: of two bids of the same amount the first is taken, whoever's it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 9_000 }), fc.boolean(), (amount, annFirst) => {
        const both = ["ann", "bob"].map((bidder) => ({ id: "x", bidder, amount }));
        const { answers } = takeBids(auctionOf(), knownFrom([]), annFirst ? both : both.toReversed(), start);
        expect(answers.map(({ kind }) => kind)).toEqual(["accepted", "refused"]);
        expect(answers[0]).toMatchObject({ bid: { bidder: annFirst ? "ann" : "bob" } });
        expect(answers[1]).toEqual({ kind: "refused", code: "BID_TOO_LOW", minimum: amount + 100 });
      }),
    );
  });
});

describe("bids that are repeated", () => {
  test("change nothing and have the same answer, whenever they come", () => {
    fc.assert(
      fc.property(world, fc.nat(), fc.integer({ min: 0, max: 500_000 }), (one, which, later) => {
        const { steps, accepted, auction } = played(one);
        if (steps.length === 0) return;
        const { asked: first, answer } = steps[which % steps.length] as (typeof steps)[number];
        const { now } = steps.at(-1)?.asked ?? first;
        const again = decideBid(auction, knownFrom(accepted), first.bid, now + later);
        // A refusal is final, though it may be for another reason by then.
        if (answer.kind === "refused") expect(again.kind === "accepted").toBe(false);
        else expect(again).toEqual({ kind: "again", bid: answer.bid });
      }),
    );
  });

  test("with another amount are no repetition, and refused", () => {
    const { accepted, auction } = play(auctionOf(), [
      { bid: { id: "x", bidder: "ann", amount: 1_000 }, now: start },
    ]);
    const ask = (bid: Bid) => decideBid(auction, knownFrom(accepted), bid, start);
    expect(ask({ id: "x", bidder: "ann", amount: 5_000 })).toMatchObject({ code: "BID_ID_REUSED" });
    // Another's id is another's own.
    expect(ask({ id: "x", bidder: "bob", amount: 5_000 })).toMatchObject({ kind: "accepted" });
  });
});

describe("bids that come together", () => {
  test("are answered as if each had come by itself", () => {
    fc.assert(
      fc.property(terms, asked, fc.array(fc.nat({ max: 5 })), (of, all, cuts) => {
        const bids = all.map(({ bid }) => bid);
        const alone = play(
          auctionOf(of),
          bids.map((bid) => ({ bid, now: start })),
        );
        const answers: BidAnswer[] = [];
        const stored: AcceptedBid[] = [];
        let auction = auctionOf(of);
        for (let at = 0, i = 0; at < bids.length; i++) {
          const size = 1 + (cuts[i] ?? 3);
          const taken = takeBids(auction, knownFrom(stored), bids.slice(at, at + size), start);
          auction = taken.auction;
          answers.push(...taken.answers);
          stored.push(...taken.answers.flatMap((one) => (one.kind === "accepted" ? one.bid : [])));
          at += size;
        }
        expect(answers).toEqual(alone.steps.map(({ answer }) => answer));
        expect(auction).toEqual(alone.auction);
      }),
    );
  });
});

describe("bidders", () => {
  test("have one number each, from 1 on, in the order of their first accepted bids", () => {
    fc.assert(
      fc.property(world, (one) => {
        const { accepted, auction } = played(one);
        const order = [...new Set(accepted.map(({ bidder }) => bidder))];
        for (const { bidder, paddle } of accepted) expect(paddle).toBe(order.indexOf(bidder) + 1);
        expect(auction.bidders).toBe(order.length);
      }),
    );
  });
});

describe("the end", () => {
  test("no bid is taken at or after it, and it never comes nearer", () => {
    fc.assert(
      fc.property(world, (one) => {
        for (const { before, answer, after } of played(one).steps) {
          expect(after.endsAt).toBeGreaterThanOrEqual(before.endsAt);
          if (answer.kind === "accepted") expect(answer.bid.at).toBeLessThan(before.endsAt);
        }
      }),
    );
  });

  test("after an accepted bid there is always the extension's time left, and only late bids move it", () => {
    fc.assert(
      fc.property(world, (one) => {
        for (const { before, answer, after } of played(one).steps) {
          if (answer.kind !== "accepted") continue;
          expect(after.endsAt - answer.bid.at).toBeGreaterThanOrEqual(one.terms.extensionMs);
          const isLate = before.endsAt - answer.bid.at < one.terms.extensionMs;
          expect(after.endsAt).toBe(isLate ? answer.bid.at + one.terms.extensionMs : before.endsAt);
        }
      }),
    );
  });

  test("comes once, and sells to the highest bid when the reserve was met", () => {
    fc.assert(
      fc.property(world, (one) => {
        const { auction } = played(one);
        expect(settle(auction, auction.endsAt - 1)).toBeUndefined();
        const closed = settle(auction, auction.endsAt);
        const price = auction.leading?.amount;
        const outcome =
          price === undefined ? "no-bids" : price >= (one.terms.reserve ?? 0) ? "sold" : "reserve-not-met";
        expect(closed).toEqual({ ...auction, closed: { outcome, at: auction.endsAt } });
        if (closed === undefined) return;
        expect(isReserveMet(closed)).toBe(outcome === "sold");
        expect(versionOf(closed)).toBe(versionOf(auction) + 1);
        expect(settle(closed, closed.endsAt + 1)).toBeUndefined();
        expect(cancel(closed, start)).toBeUndefined();
        const bid = { id: "late", bidder: "ann", amount: highestAmount };
        expect(decideBid(closed, knownFrom([]), bid, start)).toMatchObject({ code: "AUCTION_OVER" });
      }),
    );
  });

  test("a cancelled auction takes no bid and is sold to nobody; one that is over cannot be cancelled", () => {
    const auction = auctionOf();
    const cancelled = cancel(auction, start) as Auction;
    expect(cancelled.closed).toEqual({ outcome: "cancelled", at: start });
    expect(settle(cancelled, auction.endsAt)).toBeUndefined();
    expect(
      decideBid(cancelled, knownFrom([]), { id: "x", bidder: "ann", amount: 5_000 }, start),
    ).toMatchObject({ kind: "refused", code: "AUCTION_OVER" });
    expect(cancel(auction, auction.endsAt)).toBeUndefined();
  });
});

describe("at the very limits", () => {
  const bid: Bid = { id: "x", bidder: "ann", amount: 1_000 };

  test("the end itself is too late, the moment before is not", () => {
    const auction = auctionOf();
    const at = (now: number) => decideBid(auction, knownFrom([]), bid, now).kind;
    expect([at(auction.endsAt - 1), at(auction.endsAt)]).toEqual(["accepted", "refused"]);
  });

  test("a price that is the reserve meets it", () => {
    const closed = (reserve: number) => {
      const { auction } = play(auctionOf({ reserve }), [{ bid, now: start }]);
      return settle(auction, auction.endsAt)?.closed?.outcome;
    };
    expect([closed(1_000), closed(1_001)]).toEqual(["sold", "reserve-not-met"]);
  });

  test("a clock that went back stands still", () => {
    const { accepted } = play(auctionOf(), [
      { bid, now: start + 5_000 },
      { bid: { ...bid, id: "y", amount: 2_000 }, now: start },
    ]);
    expect(accepted.map(({ at }) => at)).toEqual([start + 5_000, start + 5_000]);
  });
});

describe("increments", () => {
  test("the band of a price is the last that begins at or below it", () => {
    const some = [
      { from: 0, step: 100 },
      { from: 10_000, step: 500 },
    ];
    expect([0, 9_999, 10_000, 50_000].map((price) => stepAt(some, price))).toEqual([100, 100, 500, 500]);
    const bid = { id: "x", bidder: "ann", amount: 10_000 };
    const { auction } = play(auctionOf({ increments: some }), [{ bid, now: start }]);
    expect(minimumBid(auction)).toBe(10_500);
  });

  test("what could not be followed is refused", () => {
    const band = (from: number, step: number): Band => ({ from, step });
    expect(wrongWith([band(0, 1)])).toBeUndefined();
    expect(wrongWith([band(0, 1), band(10, 5)])).toBeUndefined();
    expect(wrongWith([])).toMatch(/bands/);
    expect(wrongWith(Array.from({ length: 21 }, (_, i) => band(i, 1)))).toMatch(/bands/);
    expect(wrongWith([band(1, 1)])).toMatch(/from 0/);
    for (const step of [0, -1, 0.5, Number.NaN, highestAmount + 1])
      expect(wrongWith([band(0, step)])).toMatch(/step/);
    for (const from of [0, -5, 1.5]) expect(wrongWith([band(0, 1), band(from, 1)])).toMatch(/rise/);
    expect(isAmount(highestAmount)).toBe(true);
    expect(() => stepAt([band(5, 1)], 1)).toThrow("no band");
  });
});
