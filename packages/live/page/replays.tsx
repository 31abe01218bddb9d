/** Lists of replays: of all rooms on a page of their own, of one room below its player. */
import { useEffect, useState } from "preact/hooks";
import type { ReplayInfo, ReplayList } from "../src/app/api.ts";
import { Link } from "./parts.tsx";
import { lengthOf, localPart } from "./playback.ts";
import { type Answer, api, ask, useShared } from "./state.tsx";
import type { Word } from "./words.ts";

interface Known {
  readonly replays: readonly ReplayInfo[];
  readonly next: string | null;
}

type List = (before?: string) => Promise<Answer<ReplayList>>;
const after = (before?: string) => (before === undefined ? {} : { before });

/** @param list asks for it @param of another value asks anew */
function useReplays(list: List, of: readonly unknown[]) {
  const [known, setKnown] = useState<Known>();
  const [failed, setFailed] = useState<string>();
  useEffect(() => {
    let wanted = true;
    const load = async () => {
      const answer = await list();
      if (!wanted) return;
      setFailed(answer.ok ? undefined : answer.code);
      setKnown(answer.ok ? answer.value : undefined);
    };
    void load();
    return () => {
      wanted = false;
    };
  }, of);
  const loadMore = async () => {
    if (known === undefined || known.next === null) return;
    const answer = await list(known.next);
    setFailed(answer.ok ? undefined : answer.code);
    if (answer.ok)
      setKnown({ replays: [...known.replays, ...answer.value.replays], next: answer.value.next });
  };
  return { known, failed, loadMore };
}

/** Page `/replays`. */
export function Replays() {
  const { t } = useShared();
  const [text, setText] = useState("");
  const list: List = (before) => {
    const query = { ...(text === "" ? {} : { q: text }), ...after(before) };
    return ask(api().GET("/v1/replays", { params: { query } }));
  };
  const { known, failed, loadMore } = useReplays(list, [text]);
  useEffect(() => {
    document.title = `${t("replays")} · ${t("site")}`;
  });
  return (
    <section>
      <h1>{t("replays")}</h1>
      <form
        class="find"
        onSubmit={(event) => {
          event.preventDefault();
          setText(String(new FormData(event.currentTarget).get("q") ?? "").trim());
        }}
      >
        <input type="search" name="q" maxLength={100} aria-label={t("findReplays")} />
        <button type="submit">{t("find")}</button>
      </form>
      {known === undefined || known.replays.length === 0 ? (
        <p class="notice" role="status">
          {t(saying(known, failed, text))}
        </p>
      ) : (
        <Cards replays={known.replays} withRoom />
      )}
      <More next={known?.next ?? null} load={loadMore} />
    </section>
  );
}

function saying(known: Known | undefined, failed: string | undefined, text: string): Word {
  if (failed !== undefined) return failed.startsWith("SEARCH_") ? "noSearch" : "busy";
  if (known === undefined) return "loading";
  return text === "" ? "noReplays" : "foundNone";
}

/** Nothing where there is none. @param again another value asks anew: a broadcast has ended */
export function RoomReplays({ room, again }: { readonly room: string; readonly again: unknown }) {
  const { t } = useShared();
  const list: List = (before) =>
    ask(api().GET("/v1/rooms/{name}/replays", { params: { path: { name: room }, query: after(before) } }));
  const { known, loadMore } = useReplays(list, [room, again]);
  if (known === undefined || known.replays.length === 0) return null;
  return (
    <section class="replays">
      <h2>{t("replaysOf")}</h2>
      <Cards replays={known.replays} />
      <More next={known.next} load={loadMore} />
    </section>
  );
}

function More({ next, load }: { readonly next: string | null; readonly load: () => void }) {
  const { t } = useShared();
  if (next === null) return null;
  return (
    <button type="button" class="more" onClick={load}>
      {t("more")}
    </button>
  );
}

function Cards({
  replays,
  withRoom = false,
}: {
  readonly replays: readonly ReplayInfo[];
  readonly withRoom?: boolean;
}) {
  const { t, language } = useShared();
  const when = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en", {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return (
    <ul class="grid">
      {replays.map((replay) => (
        <li key={replay.broadcast} class="card" data-replay={replay.broadcast}>
          <Link to={`/watch/${replay.room}/replay/${replay.broadcast}`}>
            <span class="tile" aria-hidden="true">
              {replay.poster === null ? (
                [...replay.title][0]
              ) : (
                <img src={localPart(replay.poster, location.href)} alt="" loading="lazy" />
              )}
              <span class="length">{lengthOf(replay.seconds)}</span>
            </span>
            <span class="card-text">
              <strong>{withRoom ? replay.title : when.format(new Date(replay.startedAt))}</strong>
              <span class="meta">
                {replay.visibility === "members" && <span class="badge">{t("members")}</span>}
                {withRoom && <span>{when.format(new Date(replay.startedAt))}</span>}
                {withRoom && <span>{replay.merchant}</span>}
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
