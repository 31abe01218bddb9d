/** Page `/watch/<room>/replay/<broadcast>`: a recording, with the browser's own controls to seek in it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ReplayDetail } from "../src/app/api.ts";
import { Link } from "./parts.tsx";
import { lengthOf, renewAfterMs } from "./playback.ts";
import { type Failed, openReplay, type ReplayPlayer } from "./replay-player.ts";
import { RoomReplays } from "./replays.tsx";
import { api, ask, serverAheadMs, useShared } from "./state.tsx";
import type { Word } from "./words.ts";

type Phase = "loading" | "playing" | "missing" | "login" | "unplayable" | "failed";

const said: Readonly<Record<Exclude<Phase, "playing">, readonly [Word, Word?]>> = {
  loading: ["loading"],
  missing: ["noReplay", "noReplayMore"],
  login: ["loginNeeded", "loginNeededMore"],
  unplayable: ["unplayable", "unplayableMore"],
  failed: ["replayFailed", "busy"],
};
const phaseOf = (code: string): Phase =>
  code === "LOGIN_REQUIRED"
    ? "login"
    : code.startsWith("NO_SUCH") || code === "REPLAYS_OFF"
      ? "missing"
      : "failed";

function useReplay(broadcast: string, video: { readonly current: HTMLVideoElement | null }) {
  const [replay, setReplay] = useState<ReplayDetail>();
  const [phase, setPhase] = useState<Phase>("loading");
  const [attempt, setAttempt] = useState(0);
  const seek = useRef<(at: Date) => void>(() => {});
  useEffect(() => {
    let wanted = true;
    let timer = 0;
    let player: ReplayPlayer | undefined;
    let hasRenewed = false;
    const detail = () => ask(api().GET("/v1/replays/{broadcast}", { params: { path: { broadcast } } }));
    const failed: Failed = (why) => {
      if (!wanted) return;
      // A page that slept for hours comes back with a signature that has expired.
      if (why === "refused" && !hasRenewed) {
        hasRenewed = true;
        void renew();
      } else setPhase(why === "missing" ? "missing" : "failed");
    };
    const renew = async () => {
      clearTimeout(timer);
      const answer = await detail();
      if (!wanted) return;
      if (answer.ok) player?.renew(answer.value.play.url);
      renewAt(answer.ok ? answer.value.play.expiresAt : new Date(Date.now()).toISOString());
    };
    const renewAt = (expiresAt: string) => {
      const local = Date.now() + (serverAheadMs() ?? 0);
      timer = window.setTimeout(renew, renewAfterMs(expiresAt, local));
    };
    const open = async () => {
      setPhase("loading");
      const answer = await detail();
      if (!wanted || video.current === null) return;
      if (!answer.ok) return setPhase(phaseOf(answer.code));
      setReplay(answer.value);
      player = openReplay(video.current, answer.value.play.url, failed);
      if (player === undefined) return setPhase("unplayable");
      seek.current = player.seekTo;
      setPhase("playing");
      renewAt(answer.value.play.expiresAt);
    };
    void open();
    return () => {
      wanted = false;
      clearTimeout(timer);
      player?.close();
    };
  }, [broadcast, attempt]);
  return {
    replay,
    phase,
    seekTo: (at: Date) => seek.current(at),
    tryAgain: () => setAttempt((count) => count + 1),
  };
}

export function ReplayWatch({ room, broadcast }: { readonly room: string; readonly broadcast: string }) {
  const { t, language } = useShared();
  const video = useRef<HTMLVideoElement>(null);
  const { replay, phase, seekTo, tryAgain } = useReplay(broadcast, video);
  useEffect(() => {
    document.title = `${replay?.title ?? room} · ${t("replay")} · ${t("site")}`;
  }, [replay?.title, language]);
  const when = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en", {
    dateStyle: "long",
    timeStyle: "short",
  });
  return (
    <article class="watch" data-phase={phase} data-replay={broadcast}>
      <div class="stage">
        {/* biome-ignore lint/a11y/useMediaCaption: a recorded broadcast has no captions to offer */}
        <video
          ref={video}
          playsInline
          controls={phase === "playing"}
          class={phase === "playing" ? "" : "empty"}
          aria-label={t("replay")}
        />
        {phase !== "playing" && (
          <div class="over" role={phase === "loading" ? "status" : "alert"}>
            {phase === "loading" && <span class="spinner" aria-hidden="true" />}
            {said[phase].map(
              (word, i) => word !== undefined && <p class={i === 0 ? "said" : ""}>{t(word)}</p>,
            )}
            {phase === "failed" && (
              <button type="button" onClick={tryAgain}>
                {t("tryAgain")}
              </button>
            )}
          </div>
        )}
      </div>
      <header class="about">
        <div>
          <h1>{replay?.title ?? room}</h1>
          {replay !== undefined && (
            <p class="meta">
              <span class="badge">{t("replay")}</span>
              <span>{when.format(new Date(replay.startedAt))}</span>
              <span>{lengthOf(replay.seconds)}</span>
              <span>{replay.merchant}</span>
              {replay.dropped > 0 && <span class="badge">{t("incomplete")}</span>}
            </p>
          )}
        </div>
        <Link to={`/watch/${room}`} class="back">
          {t("toRoom")}
        </Link>
      </header>
      {replay !== undefined && replay.moments.length > 0 && (
        <section>
          <h2>{t("moments")}</h2>
          <ul class="moments">
            {replay.moments.map((moment) => (
              <li key={moment.id}>
                <button type="button" class="plain" onClick={() => seekTo(new Date(moment.at))}>
                  <span class="badge">{lengthOf(moment.offsetMs / 1_000)}</span> {moment.title}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <RoomReplays room={room} again={broadcast} />
    </article>
  );
}
