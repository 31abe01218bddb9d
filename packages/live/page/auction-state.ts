/** What an auction's page shows, from what it was told. Pure. */
import type { AuctionInfo, RoomState } from "../src/app/api.ts";
import type { Word } from "./words.ts";

export interface Shown {
  readonly auction: AuctionInfo;
  /** How far the clock that ends it is ahead of this device's, in ms. */
  readonly aheadMs: number;
}

/** The newest of the room: another auction replaces one that began before it, a version those below it. */
export function newer(shown: Shown | undefined, told: AuctionInfo, now: number): Shown {
  const ahead = Date.parse(told.now) - now;
  if (shown === undefined) return { auction: told, aheadMs: ahead };
  // What was under way for longer says less of the clock: the largest is the nearest to it.
  const aheadMs = Math.max(shown.aheadMs, ahead);
  const { auction } = shown;
  const isNewer = auction.id === told.id ? told.version > auction.version : told.openedAt > auction.openedAt;
  return { auction: isNewer ? told : auction, aheadMs };
}

/** ms until the end; 0 afterwards. */
export const leftMs = ({ auction, aheadMs }: Shown, now: number): number =>
  auction.state === "closed" ? 0 : Math.max(0, Date.parse(auction.endsAt) - (now + aheadMs));

/** `1:05`, and tenths in the last ten seconds. */
export function clockOf(ms: number): string {
  if (ms < 10_000) return (Math.ceil(ms / 100) / 10).toFixed(1);
  const seconds = Math.ceil(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const digitsOf = (currency: string): number =>
  new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** @param amount whole minor units */
export const moneyOf = (amount: number, currency: string, language: "zh" | "en"): string =>
  new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en", { style: "currency", currency }).format(
    amount / 10 ** digitsOf(currency),
  );

/** As a number in a form; what is entered there becomes minor units again. */
export const entered = (amount: number, currency: string): string =>
  (amount / 10 ** digitsOf(currency)).toFixed(digitsOf(currency));

/** @returns undefined for what is no amount */
export function amountOf(text: string, currency: string): number | undefined {
  const amount = Math.round(Number(text) * 10 ** digitsOf(currency));
  return text.trim() !== "" && Number.isSafeInteger(amount) && amount > 0 ? amount : undefined;
}

/** What stands behind the number of bids. */
export const bidsWord = (bids: number): Word => (bids === 1 ? "oneBid" : "bidsSoFar");

/** A host who is seen is live, by whichever way: the room's own state speaks of its stream alone. */
export const liveness = (room: RoomState, isSeen: boolean): RoomState => (isSeen ? "live" : room);

export function outcomeOf({ outcome }: AuctionInfo): Word | undefined {
  switch (outcome) {
    case null:
      return undefined;
    case "sold":
      return "sold";
    case "reserve-not-met":
      return "unsoldReserve";
    case "no-bids":
      return "unsoldNoBids";
    case "cancelled":
      return "cancelled";
  }
}

/** What is said of a bid that was not accepted. */
export function refusalOf(code: string): Word {
  if (code === "BID_TOO_LOW") return "bidTooLow";
  if (code === "AUCTION_OVER" || code === "NO_SUCH_AUCTION") return "bidTooLate";
  return ["LOGIN_REQUIRED", "TOKEN_WRONG", "FORBIDDEN"].includes(code) ? "bidNeedsLogin" : "bidNotSent";
}

/** Nothing is known of what became of the bid: the same one is asked again. */
export const isUnanswered = (code: string): boolean =>
  ["NO_ANSWER", "DATABASE_AWAY", "STOPPING", "BUSY", "INTERNAL", "TOO_MANY"].includes(code);

/** The role that a token gives; who really has it, the servers know. */
export function roleOf(token: string | undefined): "streamer" | "viewer" | undefined {
  try {
    const body = (token?.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { role } = JSON.parse(atob(body)) as { readonly role?: unknown };
    return role === "streamer" || role === "viewer" ? role : undefined;
  } catch {
    return undefined;
  }
}
