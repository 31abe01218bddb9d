/** A streamer's own page of one room: how the stream comes in, where to push, the room's keys. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { RoomDetail, RoomHealth } from "../src/app/api.ts";
import { Link, StateBadge } from "./parts.tsx";
import { api, ask, useRepeated, useShared } from "./state.tsx";
import { StreamHealthView } from "./studio-health.tsx";
import { Confirmed, Settings } from "./studio-parts.tsx";
import { PushAndKeys } from "./studio-push.tsx";
import { forgetToken, keepToken, keptToken } from "./studio-token.ts";

const lookMs = 3_000;

/** `problem`: why there is nothing to show, or why what is shown is old. */
interface Desk {
  readonly room: RoomDetail | undefined;
  readonly health: RoomHealth | undefined;
  readonly problem: string | undefined;
}
const empty: Desk = { room: undefined, health: undefined, problem: undefined };

function useDesk(name: string, token: string | undefined): Desk & { readonly look: () => void } {
  const [desk, setDesk] = useState<Desk>(empty);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    setDesk(empty);
  }, [name, token]);
  const of = { params: { path: { name } } };
  const look = async (isWanted: () => boolean) => {
    const [room, health] = await Promise.all([
      ask(api(token).GET("/v1/rooms/{name}", of)),
      ask(api(token).GET("/v1/rooms/{name}/health", of)),
    ]);
    if (!isWanted()) return;
    // Only whoever may manage the room is shown when it was made.
    if (room.ok && health.ok && "createdAt" in room.value)
      setDesk({ room: room.value, health: health.value, problem: undefined });
    else {
      const problem = room.ok ? (health.ok ? "FORBIDDEN" : health.code) : room.code;
      setDesk((before) => ({ ...before, problem }));
    }
  };
  useRepeated(lookMs, [name, token, asked], token === undefined ? undefined : look);
  return { ...desk, look: useCallback(() => setAsked((n) => n + 1), []) };
}

export function Studio({ name }: { readonly name: string }) {
  const { t, language } = useShared();
  const [token, setToken] = useState(keptToken);
  const { room, health, problem, look } = useDesk(name, token);
  useEffect(() => {
    document.title = `${room?.title ?? name} · ${t("studio")}`;
  }, [room?.title, language]);
  const signOut = () => {
    forgetToken();
    setToken(undefined);
  };
  // Wrong, or of another merchant: it opens nothing here, and a better one may.
  const isRefused = problem !== undefined && ["TOKEN_WRONG", "LOGIN_REQUIRED", "FORBIDDEN"].includes(problem);
  if (token === undefined || isRefused)
    return (
      <SignIn
        problem={token === undefined ? undefined : problem}
        enter={(given) => {
          keepToken(given);
          setToken(given);
        }}
      />
    );
  if (problem === "NO_SUCH_ROOM") return <p class="notice">{t("noRoom")}</p>;
  if (room === undefined)
    return (
      <p class="notice" role="status">
        {t(problem === undefined ? "loading" : "busy")}
      </p>
    );
  return (
    <article class="studio" data-state={room.state}>
      <header class="about">
        <div>
          <h1>{room.title}</h1>
          <p class="meta">
            <StateBadge state={room.state} />
            <span>{room.merchant}</span>
            <Link to={`/watch/${room.name}`} class="inline">
              {t("watchPage")}
            </Link>
          </p>
        </div>
        <div class="choices">
          {room.state === "live" && (
            <Confirmed
              label={t("endLive")}
              act={async () => {
                await ask(api(token).POST("/v1/rooms/{name}/kick", { params: { path: { name } } }));
                look();
              }}
            />
          )}
          <button type="button" class="plain" onClick={signOut}>
            {t("signOut")}
          </button>
        </div>
      </header>
      {problem !== undefined && (
        <p class="notice" role="status">
          {t("busy")}
        </p>
      )}
      <StreamHealthView isLive={room.state === "live"} health={health} ladder={room.ladder} />
      <PushAndKeys room={room.name} token={token} />
      <Settings />
    </article>
  );
}

function SignIn({
  problem,
  enter,
}: {
  readonly problem: string | undefined;
  readonly enter: (token: string) => void;
}) {
  const { t } = useShared();
  return (
    <form
      class="panel sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget).get("token");
        if (typeof given === "string" && given.trim() !== "") enter(given.trim());
      }}
    >
      <h1>{t("signIn")}</h1>
      <p>{t("signInMore")}</p>
      {problem !== undefined && (
        <p class="warning" role="alert">
          {t(problem === "FORBIDDEN" ? "notYours" : "tokenWrong")}
        </p>
      )}
      <label>
        <span>{t("token")}</span>
        <input name="token" type="password" autocomplete="off" required />
      </label>
      <button type="submit">{t("signIn")}</button>
    </form>
  );
}
