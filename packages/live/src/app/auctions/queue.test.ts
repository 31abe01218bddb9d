/** Bids are taken in the order in which they came, each once, and one failure is not the next one's. */
import { expect, test } from "vitest";
import type { Bid } from "../../auction/rules.ts";
import { LiveError } from "../errors.ts";
import { bidQueue } from "./queue.ts";
import type { StoredAuction } from "./rows.ts";

const stored = {} as StoredAuction;
const bid = (id: number): Bid => ({ id: `${id}`, bidder: "ann", amount: id });
const refused = { kind: "refused", code: "BID_TOO_LOW", minimum: 1 } as const;

test("what comes while others are being written is written next, together and in order", async () => {
  const batches: string[][] = [];
  const place = bidQueue(async (_auction, bids) => {
    batches.push(bids.map(({ id }) => id));
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { stored, answers: bids.map(() => refused) };
  });
  await Promise.all(Array.from({ length: 40 }, (_, i) => place("a", bid(i))));
  expect(batches.map(({ length }) => length)).toEqual([1, 32, 7]);
  expect(batches.flat()).toEqual(Array.from({ length: 40 }, (_, i) => `${i}`));
  await place("a", bid(40));
  expect(batches.at(-1)).toEqual(["40"]);
});

test("auctions do not wait for each other", async () => {
  let open = () => {};
  const place = bidQueue(async (auction, bids) => {
    if (auction === "slow") await new Promise<void>((resolve) => (open = resolve));
    return { stored, answers: bids.map(() => refused) };
  });
  const slow = place("slow", bid(1));
  await place("fast", bid(2));
  open();
  await slow;
});

test("a transaction that fails is told to those in it, and the next begins", async () => {
  let count = 0;
  const place = bidQueue(async (_auction, bids) => {
    count += 1;
    await Promise.resolve();
    if (count === 1) throw new LiveError("DATABASE_AWAY");
    return { stored, answers: bids.map(() => refused) };
  });
  const all = await Promise.allSettled([place("a", bid(1)), place("a", bid(2)), place("a", bid(3))]);
  expect(all.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
});

test("who would wait for too many others is sent away at once", async () => {
  let open = () => {};
  const place = bidQueue(async (_auction, bids) => {
    await new Promise<void>((resolve) => (open = resolve));
    return { stored, answers: bids.map(() => refused) };
  });
  const all = Array.from({ length: 1_001 }, (_, i) => place("a", bid(i)));
  await expect(place("a", bid(-1))).rejects.toMatchObject({ code: "BUSY" });
  for (let left = 40; left > 0; left--) {
    open();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await Promise.all(all);
});
