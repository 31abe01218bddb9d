/** The page: header, the part that the address names, and the bar at the foot of a phone. */
import { render } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { SessionInfo, ShopInfo } from "../src/web/api.ts";
import { Account } from "./account.tsx";
import { Browse } from "./browse.tsx";
import { Cart } from "./cart.tsx";
import { Orders } from "./orders.tsx";
import { Link } from "./parts.tsx";
import { Product } from "./product.tsx";
import { Sales } from "./sales.tsx";
import {
  ask,
  firstLanguage,
  go,
  keepLanguage,
  type Shared,
  SharedContext,
  texts,
  useAddress,
  useShared,
} from "./state.tsx";
import type { Language } from "./words.ts";

const noticeMs = 2_500;

function App() {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const [session, setSession] = useState<SessionInfo>();
  const [info, setInfo] = useState<ShopInfo>();
  const [notice, setNotice] = useState("");
  const timer = useRef(0);
  const address = useAddress();

  const refreshSession = useCallback(async () => {
    setSession(await ask<SessionInfo>("/api/session").catch(() => undefined));
  }, []);
  const notify = useCallback((text: string) => {
    setNotice(text);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setNotice(""), noticeMs);
  }, []);
  useEffect(() => {
    void refreshSession();
    ask<ShopInfo>("/api/shop").then(setInfo, () => {});
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
    keepLanguage(language);
  }, [language]);

  const shared = useMemo<Shared>(
    () => ({ ...texts(language), setLanguage, session, refreshSession, info, notify }),
    [language, session, info, refreshSession, notify],
  );
  return (
    <SharedContext.Provider value={shared}>
      <a class="skip" href="#content">
        {shared.t("skip")}
      </a>
      <Header address={address} />
      <main id="content" tabIndex={-1}>
        <Page address={address} />
      </main>
      <Foot address={address} />
      <div class={notice === "" ? "toast" : "toast shown"} role="status" aria-live="polite">
        {notice}
      </div>
    </SharedContext.Provider>
  );
}

function Page({ address }: { readonly address: URL }) {
  const { t } = useShared();
  const { pathname, searchParams } = address;
  const product = /^\/product\/(\d{1,9})$/.exec(pathname)?.[1];
  if (product !== undefined) return <Product key={product} id={product} />;
  switch (pathname) {
    case "/":
      return <Browse query={searchParams} />;
    case "/cart":
      return <Cart />;
    case "/orders":
      return <Orders placed={searchParams.get("placed")} />;
    case "/account":
      return <Account />;
    case "/sales":
      return <Sales />;
    default:
      return <p class="notice">{t("notFound")}</p>;
  }
}

function Header({ address }: { readonly address: URL }) {
  const { t, language, setLanguage, session } = useShared();
  const asked = address.pathname === "/" ? (address.searchParams.get("text") ?? "") : "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  return (
    <header class="top">
      <Link to="/" class="brand">
        <img src="/icon.svg" alt="" width="32" height="32" />
        <span>{t("shop")}</span>
      </Link>
      <search>
        <form
          class="search"
          onSubmit={(event) => {
            event.preventDefault();
            go(text.trim() === "" ? "/" : `/?text=${encodeURIComponent(text.trim())}`);
          }}
        >
          <input
            type="search"
            name="text"
            aria-label={t("search")}
            placeholder={t("search")}
            maxLength={100}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="submit">{t("searchButton")}</button>
        </form>
      </search>
      <nav class="links" aria-label={t("account")}>
        <Links address={address} />
        <Link to="/account" aria-current={address.pathname === "/account" ? "page" : undefined}>
          {session?.consumer?.name ?? t("signIn")}
        </Link>
      </nav>
      <button
        type="button"
        class="language"
        lang={language === "zh" ? "en" : "zh"}
        onClick={() => setLanguage(language === "zh" ? "en" : "zh")}
      >
        {t("otherLanguage")}
      </button>
    </header>
  );
}

function Links({ address }: { readonly address: URL }) {
  const { t, session } = useShared();
  const here = (path: string) => (address.pathname === path ? "page" : undefined);
  const units = session?.cartUnits ?? 0;
  return (
    <>
      <Link to="/cart" aria-current={here("/cart")}>
        {t("cart")}
        {units > 0 && (
          <span class="badge" data-cart={units}>
            {units}
          </span>
        )}
      </Link>
      <Link to="/orders" aria-current={here("/orders")}>
        {t("orders")}
      </Link>
      {session?.merchant && (
        <Link to="/sales" aria-current={here("/sales")}>
          {t("sales")}
        </Link>
      )}
    </>
  );
}

/** On a phone the thumb is at the foot of the screen. */
function Foot({ address }: { readonly address: URL }) {
  const { t } = useShared();
  return (
    <nav class="foot" aria-label={t("home")}>
      <Link to="/" aria-current={address.pathname === "/" ? "page" : undefined}>
        {t("home")}
      </Link>
      <Links address={address} />
      <Link to="/account" aria-current={address.pathname === "/account" ? "page" : undefined}>
        {t("account")}
      </Link>
    </nav>
  );
}

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
