/** What every part of the server has: the shop, its bounds, who is asking, and how a write is kept record of. */
import { storefrontError } from "../errors.ts";
import type { Answer, Intent, Ledger } from "../ledger.ts";
import { failureText, type RetryOptions } from "../retry.ts";
import type { SessionStore } from "../session.ts";
import type { Shop } from "../shop.ts";

export interface WebContext {
  readonly shop: Shop;
  /** `check` holds the servers to every write that a visitor was told of. */
  readonly ledger: Ledger;
  /** Log-ins of merchants; those of consumers are the shop's own. */
  readonly merchantSessions: SessionStore;
  readonly reading: RetryOptions;
  readonly writing: RetryOptions;
}

/** Intent on the disk, then the write, then its answer on the disk; what `work` throws goes on. */
export async function recorded<T>(
  { ledger }: WebContext,
  intent: Intent,
  work: () => Promise<T>,
  answerOf: (value: T) => Answer,
): Promise<T> {
  const n = await ledger.intend(intent);
  try {
    const value = await work();
    await ledger.answer(n, answerOf(value));
    return value;
  } catch (error) {
    await ledger.answer(n, { is: "open", why: failureText(error) });
    throw error;
  }
}

/** The value of a cookie of a request. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? "").split(";")) {
    const [key, value] = part.trim().split("=");
    if (key === name && value !== undefined && value !== "") return value;
  }
  return undefined;
}

export const cookies = { consumer: "shop_session", merchant: "shop_merchant" } as const;

/** Out of reach of scripts and of other sites. The page is on loopback without TLS, hence no `Secure`. */
export const setCookie = (name: string, value: string, maxAgeSeconds: number): string =>
  `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`;

export const unavailableCodes: readonly string[] = [
  storefrontError.STORE_UNAVAILABLE({ what: "", waitedMs: 0, detail: "" }).code,
];
