/** The page: its header, and the part that the address names. */
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Auction } from "./auction.tsx";
import { Link } from "./parts.tsx";
import { ReplayWatch } from "./replay-watch.tsx";
import { Replays } from "./replays.tsx";
import { Rooms } from "./rooms.tsx";
import { firstLanguage, keepLanguage, SharedContext, sharedOf, usePath } from "./state.tsx";
import { Studio } from "./studio.tsx";
import { Watch } from "./watch.tsx";
import type { Language } from "./words.ts";

function App() {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const path = usePath();
  const shared = useMemo(
    () =>
      sharedOf(language, (next) => {
        keepLanguage(next);
        setLanguage(next);
      }),
    [language],
  );
  const { t } = shared;
  const [, recorded, broadcast] = /^\/watch\/([^/]+)\/replay\/([^/]+)\/?$/.exec(path) ?? [];
  const studio = /^\/studio\/([^/]+)\/?$/.exec(path)?.[1];
  const auction = /^\/auction\/([^/]+)\/?$/.exec(path)?.[1];
  const room = /^\/watch\/([^/]+)\/?$/.exec(path)?.[1];
  useEffect(() => {
    document.documentElement.lang = language;
    if (path === "/") document.title = t("site");
  }, [language, path]);
  return (
    <SharedContext.Provider value={shared}>
      <a class="skip" href="#content">
        {t("skip")}
      </a>
      <header class="top">
        <Link to="/" class="brand">
          <img src="/assets/icon.svg" alt="" width="28" height="28" />
          <span>{t("site")}</span>
        </Link>
        <nav>
          <Link to="/replays" class="pages">
            {t("replays")}
          </Link>
        </nav>
        <button
          type="button"
          class="language"
          lang={language === "zh" ? "en" : "zh"}
          onClick={() => shared.setLanguage(language === "zh" ? "en" : "zh")}
        >
          {t("otherLanguage")}
        </button>
      </header>
      <main id="content" tabIndex={-1}>
        {recorded !== undefined && broadcast !== undefined ? (
          <ReplayWatch key={broadcast} room={decoded(recorded)} broadcast={decoded(broadcast)} />
        ) : path === "/replays" ? (
          <Replays />
        ) : studio !== undefined ? (
          <Studio key={studio} name={decoded(studio)} />
        ) : auction !== undefined ? (
          <Auction key={auction} name={decoded(auction)} />
        ) : room !== undefined ? (
          <Watch key={room} name={decoded(room)} />
        ) : path === "/" ? (
          <Rooms />
        ) : (
          <p class="notice">{t("notFound")}</p>
        )}
      </main>
    </SharedContext.Provider>
  );
}

/** What is not well encoded is no room's name either way. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
