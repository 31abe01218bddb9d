/** One room: the picture, what is said over it while there is none, and the few things a viewer can choose. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { RoomInfo } from "../src/app/api.ts";
import { Link, Sound, StateBadge } from "./parts.tsx";
import { behindLiveSeconds, renewAfterMs, segmentsBehind } from "./playback.ts";
import { openPlayer, type Player } from "./player.ts";
import { type Happened, mayTryAgain, type Now, next, type Phase, saying, start } from "./player-state.ts";
import { PassedThrough, Qualities } from "./quality.tsx";
import { RoomReplays } from "./replays.tsx";
import { api, ask, serverAheadMs, useShared } from "./state.tsx";

/** Farther behind than this, the way back to the newest is offered, in seconds. */
const farBehind = 25;

interface Watched {
  readonly room: RoomInfo | undefined;
  readonly phase: Phase;
  readonly renditions: readonly string[];
  readonly player: () => Player | undefined;
  readonly tryAgain: () => void;
}

function useWatched(name: string, video: { readonly current: HTMLVideoElement | null }): Watched {
  const [room, setRoom] = useState<RoomInfo>();
  const [phase, setPhase] = useState<Phase>(start.phase);
  const [renditions, setRenditions] = useState<readonly string[]>([]);
  const player = useRef<Player | undefined>(undefined);
  const happen = useRef<(what: Happened) => void>(() => {});

  useEffect(() => {
    let wanted = true;
    let now: Now = start;
    let askTimer = 0;
    let renewTimer = 0;
    const of = { params: { path: { name } } };

    const close = () => {
      clearTimeout(renewTimer);
      player.current?.close();
      player.current = undefined;
      setRenditions([]);
    };
    const happened = (what: Happened) => {
      if (!wanted) return;
      const decided = next(now, what);
      now = decided;
      setPhase(decided.phase);
      if (decided.does !== undefined) close();
      if (decided.does === "ask") return void inquire();
      if (decided.askAfterMs === undefined) return;
      clearTimeout(askTimer);
      askTimer = window.setTimeout(inquire, decided.askAfterMs);
    };
    const inquire = async () => {
      clearTimeout(askTimer);
      const answer = await ask(api().GET("/v1/rooms/{name}", of));
      if (!wanted) return;
      if (!answer.ok) return happened({ problem: answer.code });
      setRoom(answer.value);
      happened({ room: answer.value.state });
      if (answer.value.ladder !== null) player.current?.offer(answer.value.ladder.renditions);
      if (answer.value.state === "live" && player.current === undefined) await play();
    };
    const addressOf = () => ask(api().POST("/v1/rooms/{name}/play", of));
    const play = async () => {
      const answer = await addressOf();
      if (!wanted || player.current !== undefined || video.current === null) return;
      if (!answer.ok) return happened({ problem: answer.code });
      player.current = openPlayer(video.current, answer.value.url, segmentsBehind(location.search), {
        happened,
        renditions: setRenditions,
      });
      if (player.current === undefined) return happened({ problem: "UNPLAYABLE" });
      renewAt(answer.value.expiresAt);
    };
    const renewAt = (expiresAt: string) => {
      const local = Date.now() + (serverAheadMs() ?? 0);
      renewTimer = window.setTimeout(
        async () => {
          const answer = await addressOf();
          if (!wanted || player.current === undefined) return;
          // Not answered: asked again soon; what the signature still allows, plays on.
          if (answer.ok) player.current.renew(answer.value.url);
          renewAt(answer.ok ? answer.value.expiresAt : new Date(local).toISOString());
        },
        renewAfterMs(expiresAt, local),
      );
    };
    happen.current = happened;
    void inquire();
    return () => {
      wanted = false;
      clearTimeout(askTimer);
      close();
    };
  }, [name]);

  return {
    room,
    phase,
    renditions,
    player: useCallback(() => player.current, []),
    tryAgain: useCallback(() => happen.current({ again: true }), []),
  };
}

/** Seconds behind live, measured once a second. */
function useBehind(player: () => Player | undefined): number | undefined {
  const [behind, setBehind] = useState<number>();
  useEffect(() => {
    const timer = setInterval(
      () => setBehind(behindLiveSeconds(player()?.shownAt(), Date.now(), serverAheadMs())),
      1_000,
    );
    return () => clearInterval(timer);
  }, [player]);
  return behind;
}

export function Watch({ name }: { readonly name: string }) {
  const { t, language } = useShared();
  const video = useRef<HTMLVideoElement>(null);
  const { room, phase, renditions, player, tryAgain } = useWatched(name, video);
  const behind = useBehind(player);
  const isShown = phase.is === "playing" || phase.is === "stalled";
  useEffect(() => {
    document.title = `${room?.title ?? name} · ${t("site")}`;
  }, [room?.title, language]);
  return (
    <article class="watch" data-phase={phase.is} data-behind={behind?.toFixed(1)}>
      <div class="stage">
        {/* biome-ignore lint/a11y/useMediaCaption: a live picture has no captions to offer */}
        <video
          ref={video}
          playsInline
          controls={isShown}
          class={isShown ? "" : "empty"}
          aria-label={t("player")}
        />
        <Over phase={phase} tryAgain={tryAgain} />
        {isShown && <Sound video={video} />}
      </div>
      <header class="about">
        <div>
          <h1>{room?.title ?? name}</h1>
          <p class="meta">
            {room !== undefined && (
              <StateBadge state={isShown ? "live" : phase.is === "ended" ? "ended" : room.state} />
            )}
            {room !== undefined && <span>{room.merchant}</span>}
            <Link to={`/auction/${name}`} class="inline">
              {t("toAuction")}
            </Link>
            {room?.state === "live" && phase.is !== "ended" && room.startedAt !== null && (
              <span>
                {t("since")} {new Date(room.startedAt).toLocaleTimeString(language === "zh" ? "zh-CN" : "en")}
              </span>
            )}
          </p>
        </div>
        <div class="choices">
          {isShown && behind !== undefined && (
            <span class="behind">
              {t("latency")} <output>{behind.toFixed(1)}</output> {t("seconds")}
            </span>
          )}
          {isShown && behind !== undefined && behind > farBehind && (
            <button type="button" class="plain" onClick={() => player()?.toLive()}>
              {t("toLive")}
            </button>
          )}
          <Qualities renditions={renditions} choose={(quality) => player()?.choose(quality)} />
          {isShown && <PassedThrough ladder={room?.ladder} />}
        </div>
      </header>
      <RoomReplays room={name} again={room?.endedAt} />
      <Link to="/" class="back">
        {t("back")}
      </Link>
    </article>
  );
}

function Over({ phase, tryAgain }: { readonly phase: Phase; readonly tryAgain: () => void }) {
  const { t } = useShared();
  const said = saying(phase);
  if (said === undefined) return null;
  const isBusy = ["asking", "stalled", "away"].includes(phase.is) || said.title === "starting";
  return (
    <div
      class={phase.is === "stalled" ? "over light" : "over"}
      role={phase.is === "refused" ? "alert" : "status"}
    >
      {isBusy && <span class="spinner" aria-hidden="true" />}
      <p class="said">{t(said.title)}</p>
      {said.more !== undefined && <p>{t(said.more)}</p>}
      {mayTryAgain(phase) && (
        <button type="button" onClick={tryAgain}>
          {t("tryAgain")}
        </button>
      )}
    </div>
  );
}
