/** Who follows an auction sees its first change at once, and its last one soon. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { feedOf } from "./feed.ts";
import type { StoredAuction } from "./rows.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const at = (bids: number): StoredAuction =>
  ({ id: "a1", auction: { bids, closed: undefined } }) as unknown as StoredAuction;
const opened = () => {
  const feed = feedOf({ get: () => Promise.reject(), versions: () => Promise.reject() }, () => {});
  const seen: number[] = [];
  const end = feed.follow("a1", ({ auction }) => seen.push(auction.bids));
  return { feed, seen, end };
};

test("changes that come together are told together, the newest of them, none twice and none back", () => {
  const { feed, seen } = opened();
  feed.tell(at(1));
  expect(seen).toEqual([1]);
  for (const bids of [2, 4, 3, 4]) feed.tell(at(bids));
  expect(seen).toEqual([1]);
  vi.advanceTimersByTime(40);
  expect(seen).toEqual([1, 4]);
  feed.tell(at(5));
  vi.advanceTimersByTime(40);
  expect(seen).toEqual([1, 4, 5]);
  vi.advanceTimersByTime(1_000);
  feed.tell(at(6));
  expect(seen).toEqual([1, 4, 5, 6]);
});

test("who has gone is told nothing", () => {
  const { feed, seen, end } = opened();
  feed.tell(at(1));
  feed.tell(at(2));
  end();
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([1]);
  expect(feed.followers()).toBe(0);
});
