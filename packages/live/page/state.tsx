/** What the whole page shares: language, address, and how the application is asked. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { type LiveClient, liveClient } from "../src/client/client.ts";
import { clockAheadMs } from "./playback.ts";
import { type Language, say, type Word } from "./words.ts";

export interface Shared {
  readonly language: Language;
  readonly t: (word: Word) => string;
  readonly setLanguage: (language: Language) => void;
}

export const SharedContext = createContext<Shared | undefined>(undefined);

export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (shared === undefined) throw new Error("no shared state");
  return shared;
}

/** The server has already chosen, by the address and by what the browser asks for. */
export const firstLanguage = (): Language => (document.documentElement.lang === "zh" ? "zh" : "en");

export const sharedOf = (language: Language, setLanguage: Shared["setLanguage"]): Shared => ({
  language,
  setLanguage,
  t: (word) => say(language, word),
});

/** In the address, so that a copied one and a reload speak the same language. */
export function keepLanguage(language: Language): void {
  const address = new URL(location.href);
  address.searchParams.set("lang", language);
  history.replaceState(null, "", address);
}

/** A path of this page, in the language that the address names. */
export function pathTo(path: string): string {
  const language = new URLSearchParams(location.search).get("lang");
  return language === null ? path : `${path}?lang=${encodeURIComponent(language)}`;
}

export function go(path: string): void {
  history.pushState(null, "", path);
  window.dispatchEvent(new Event("popstate"));
  window.scrollTo(0, 0);
}

export function usePath(): string {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const changed = () => setPath(location.pathname);
    window.addEventListener("popstate", changed);
    return () => window.removeEventListener("popstate", changed);
  }, []);
  return path;
}

/**
 * Looks at once, and again so long after each look has ended, until the page is left or one of `of` is another.
 * @param look is told by what it is given whether its answer is still wanted; undefined: there is nothing to look at
 */
export function useRepeated(
  everyMs: number,
  of: readonly unknown[],
  look: ((isWanted: () => boolean) => Promise<void>) | undefined,
): void {
  useEffect(() => {
    if (look === undefined) return undefined;
    let timer = 0;
    let wanted = true;
    const again = async () => {
      await look(() => wanted);
      if (wanted) timer = window.setTimeout(again, everyMs);
    };
    void again();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, of);
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  /** `NO_ANSWER`: none, or not one of the application's. */
  | { readonly ok: false; readonly code: string };

let aheadMs: number | undefined;
/** How far the servers' clock is ahead of this device's, as the last answer said. */
export const serverAheadMs = (): number | undefined => aheadMs;

const answerWithinMs = 8_000;

async function send(request: Request): Promise<Response> {
  const askedAt = Date.now();
  const response = await fetch(request, { signal: AbortSignal.timeout(answerWithinMs) });
  // What the edge kept for a while has an old date.
  if (response.headers.get("age") === null)
    aheadMs = clockAheadMs(response.headers.get("date"), askedAt, Date.now()) ?? aheadMs;
  return response;
}

/** The application. @param token of who asks; undefined: anyone */
export const api = (token?: string): LiveClient => liveClient({ token, fetch: send });

/** What a call of {@link api} came to. Never throws. */
export async function ask<T>(
  call: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>,
): Promise<Answer<T>> {
  try {
    const { data, error, response } = await call;
    if (response.ok) return { ok: true, value: data as T };
    if (response.status === 429) return { ok: false, code: "TOO_MANY" };
    const { code } = Object(error) as { readonly code?: unknown };
    return { ok: false, code: typeof code === "string" ? code : "NO_ANSWER" };
  } catch {
    return { ok: false, code: "NO_ANSWER" };
  }
}
