/** What the whole page shares: language, session, address, and how the server is asked. */
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";
import type { Problem, SessionInfo, ShopInfo } from "../src/web/api.ts";
import { type Language, say, type Word } from "./words.ts";

export class AskError extends Error {
  constructor(
    readonly problem: Problem["error"],
    detail: string,
    /** The answer's body, for those that say more. */
    readonly body: unknown,
  ) {
    super(detail);
  }
}

/** @throws AskError */
export async function ask<T>(path: string, method = "GET", body?: object): Promise<T> {
  const response = await fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  }).catch(() => undefined);
  if (response === undefined) throw new AskError("busy", "no answer", undefined);
  const text = await response.text();
  const answer: unknown = text === "" ? undefined : JSON.parse(text);
  if (response.ok) return answer as T;
  const problem = answer as Partial<Problem> | undefined;
  throw new AskError(problem?.error ?? "busy", problem?.detail ?? "", answer);
}

export interface Shared {
  readonly language: Language;
  readonly t: (word: Word) => string;
  /** The text in the page's language. */
  readonly pick: (both: { readonly zh: string; readonly en: string }) => string;
  readonly setLanguage: (language: Language) => void;
  readonly session: SessionInfo | undefined;
  readonly refreshSession: () => Promise<void>;
  readonly info: ShopInfo | undefined;
  /** Says something for a moment, also to those who do not see it. */
  readonly notify: (text: string) => void;
}

export const SharedContext = createContext<Shared | undefined>(undefined);

export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (shared === undefined) throw new Error("no shared state");
  return shared;
}

const languageKey = "language";

export function firstLanguage(): Language {
  const kept = localStorage.getItem(languageKey);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export const keepLanguage = (language: Language): void => localStorage.setItem(languageKey, language);

export const texts = (language: Language): Pick<Shared, "language" | "t" | "pick"> => ({
  language,
  t: (word) => say(language, word),
  pick: (both) => both[language],
});

/** Goes to an address of this page; `keepScroll` for a change within it. */
export function go(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  window.dispatchEvent(new Event("popstate"));
}

export function useAddress(): URL {
  const [address, setAddress] = useState(() => new URL(location.href));
  useEffect(() => {
    const changed = () => setAddress(new URL(location.href));
    window.addEventListener("popstate", changed);
    return () => window.removeEventListener("popstate", changed);
  }, []);
  return address;
}

export type Loaded<T> =
  | { readonly is: "loading"; readonly before: T | undefined }
  | { readonly is: "there"; readonly value: T }
  | { readonly is: "failed"; readonly error: AskError };

/** Asks for something and again whenever the address of it changes; what was there stays until then. */
export function useAsked<T>(path: string): readonly [Loaded<T>, () => Promise<void>] {
  const [loaded, setLoaded] = useState<Loaded<T>>({ is: "loading", before: undefined });
  const load = useCallback(async () => {
    try {
      const value = await ask<T>(path);
      setLoaded({ is: "there", value });
    } catch (error) {
      if (error instanceof AskError) setLoaded({ is: "failed", error });
      else throw error;
    }
  }, [path]);
  useEffect(() => {
    let wanted = true;
    setLoaded((now) => ({ is: "loading", before: now.is === "there" ? now.value : undefined }));
    ask<T>(path).then(
      (value) => wanted && setLoaded({ is: "there", value }),
      (error: unknown) => {
        if (wanted && error instanceof AskError) setLoaded({ is: "failed", error });
      },
    );
    return () => {
      wanted = false;
    };
  }, [path]);
  return [loaded, load];
}

/** 32 hex digits, for one order and all its retries. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
