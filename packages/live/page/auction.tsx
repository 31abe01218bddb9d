/** An auction: its host nearer than half a second, and the bids beside. Hosts and viewers have the same page. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RoomInfo } from "../src/app/api.ts";
import { AuctionPanel } from "./auction-bid.tsx";
import { useAuction } from "./auction-follow.ts";
import { HostPanel } from "./auction-host.tsx";
import { liveness, roleOf } from "./auction-state.ts";
import { Link, Sound, StateBadge } from "./parts.tsx";
import { openStage, type StagePhase } from "./stage.ts";
import { api, ask, useRepeated, useShared } from "./state.tsx";
import { keepToken, keptToken } from "./studio-token.ts";
import type { Word } from "./words.ts";

const roomMs = 10_000;

function useRoom(name: string) {
  const [room, setRoom] = useState<RoomInfo>();
  const [problem, setProblem] = useState<string>();
  useRepeated(roomMs, [name], async (isWanted) => {
    const answer = await ask(api().GET("/v1/rooms/{name}", { params: { path: { name } } }));
    if (!isWanted()) return;
    if (answer.ok) setRoom(answer.value);
    setProblem(answer.ok ? undefined : answer.code);
  });
  return { room, problem };
}

export function Auction({ name }: { readonly name: string }) {
  const { t, language } = useShared();
  const [token, setToken] = useState(keptToken);
  const isHost = roleOf(token) === "streamer";
  const [isOnAir, setOnAir] = useState(false);
  const [phase, setPhase] = useState<StagePhase>({ is: "joining" });
  const { room, problem } = useRoom(name);
  const { shown, tell } = useAuction(name, phase.is === "on" || phase.is === "waiting");
  const video = useRef<HTMLVideoElement>(null);
  const role = isHost && isOnAir ? "host" : "viewer";

  useEffect(() => {
    if (video.current === null || problem === "NO_SUCH_ROOM") return undefined;
    const pass = () =>
      ask(api(token).POST("/v1/rooms/{name}/stage", { params: { path: { name } }, body: { role } }));
    return openStage(role, pass, video.current, { phase: setPhase, auction: tell });
  }, [name, role, token, problem === "NO_SUCH_ROOM"]);
  useEffect(() => {
    if (phase.is === "ended" && phase.why !== "camera") setOnAir(false);
  }, [phase]);
  useEffect(() => {
    document.title = `${room?.title ?? name} · ${t("auction")}`;
  }, [room?.title, language]);

  if (problem === "NO_SUCH_ROOM") return <p class="notice">{t("noRoom")}</p>;
  const open = shown?.auction.state === "open" ? shown.auction : undefined;
  const enter = (given: string) => {
    keepToken(given);
    setToken(given);
  };
  return (
    <article class="auction" data-phase={phase.is} data-role={role}>
      <div class="stage">
        {/* biome-ignore lint/a11y/useMediaCaption: a live picture has no captions to offer */}
        <video ref={video} playsInline class={phase.is === "on" ? "" : "empty"} aria-label={t("player")} />
        <Over phase={phase} />
        {phase.is === "on" && role === "viewer" && <Sound video={video} />}
      </div>
      <div class="beside">
        {shown === undefined ? (
          <p class="notice" role="status">
            {t("noAuction")}
          </p>
        ) : (
          <AuctionPanel shown={shown} token={isHost ? null : token} tell={tell} enter={enter} />
        )}
        {isHost && token !== undefined && (
          <HostPanel
            room={name}
            token={token}
            auction={open}
            isOnAir={isOnAir}
            setOnAir={setOnAir}
            tell={tell}
          />
        )}
      </div>
      <header class="about">
        <div>
          <h1>{room?.title ?? name}</h1>
          <p class="meta">
            {room !== undefined && <StateBadge state={liveness(room.state, phase.is === "on")} />}
            {room !== undefined && <span>{room.merchant}</span>}
            {room?.state === "live" && (
              <Link to={`/watch/${name}`} class="inline">
                {t("sameOnHls")}
              </Link>
            )}
          </p>
        </div>
      </header>
    </article>
  );
}

function Over({ phase }: { readonly phase: StagePhase }) {
  const { t } = useShared();
  const said = sayingOf(phase);
  if (said === undefined) return null;
  return (
    <div class="over" role={phase.is === "refused" || phase.is === "ended" ? "alert" : "status"}>
      {phase.is === "joining" && <span class="spinner" aria-hidden="true" />}
      <p class="said">{t(said[0])}</p>
      {said[1] !== undefined && <p>{t(said[1])}</p>}
    </div>
  );
}

/** What is written over the picture; nothing while there is one. */
function sayingOf(phase: StagePhase): readonly [Word, Word?] | undefined {
  switch (phase.is) {
    case "on":
      return undefined;
    case "joining":
      return ["asking"];
    case "waiting":
      return ["hostAway", "hostAwayMore"];
    case "ended":
      return phase.why === "camera"
        ? ["cameraRefused"]
        : [phase.why === "elsewhere" ? "hostElsewhere" : "shownOut"];
    case "refused":
      if (phase.code === "STAGE_OFF") return ["stageOff", "stageOffMore"];
      if (phase.code === "BANNED") return ["roomBanned"];
      return phase.code === "FORBIDDEN" ? ["notYours"] : ["loginNeeded", "loginNeededMore"];
  }
}
