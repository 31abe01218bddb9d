/** The list of rooms: those that are live first. */
import { useState } from "preact/hooks";
import type { RoomInfo } from "../src/app/api.ts";
import { Link, StateBadge } from "./parts.tsx";
import { api, ask, useRepeated, useShared } from "./state.tsx";

const refreshMs = 10_000;

interface Lists {
  readonly live: readonly RoomInfo[];
  readonly all: readonly RoomInfo[];
  readonly next: string | null;
}

/** undefined: not known yet; `failed`: the last question was not answered, what was known stays. */
function useRooms() {
  const [lists, setLists] = useState<Lists>();
  const [failed, setFailed] = useState(false);
  useRepeated(refreshMs, [], async (isWanted) => {
    const [live, all] = await Promise.all([
      ask(api().GET("/v1/rooms", { params: { query: { live: "1" } } })),
      ask(api().GET("/v1/rooms")),
    ]);
    if (!isWanted()) return;
    setFailed(!live.ok || !all.ok);
    if (live.ok && all.ok)
      setLists((before) => {
        const more = before?.all.slice(all.value.rooms.length) ?? [];
        const isLonger = more.length > 0;
        return {
          live: live.value.rooms,
          all: [...all.value.rooms, ...more],
          next: isLonger ? (before?.next ?? null) : all.value.next,
        };
      });
  });
  const loadMore = async () => {
    const after = lists?.next;
    if (after === undefined || after === null) return;
    const answer = await ask(api().GET("/v1/rooms", { params: { query: { after } } }));
    if (!answer.ok) return setFailed(true);
    setLists((now) =>
      now === undefined ? now : { ...now, all: [...now.all, ...answer.value.rooms], next: answer.value.next },
    );
  };
  return { lists, failed, loadMore };
}

export function Rooms() {
  const { t } = useShared();
  const { lists, failed, loadMore } = useRooms();
  if (lists === undefined)
    return (
      <p class="notice" role="status">
        {t(failed ? "busy" : "loading")}
      </p>
    );
  const others = lists.all.filter((room) => room.state !== "live");
  return (
    <>
      {failed && (
        <p class="notice" role="status">
          {t("busy")}
        </p>
      )}
      <section>
        <h1>{t("onAir")}</h1>
        {lists.live.length === 0 ? (
          <p class="notice">{t(lists.all.length === 0 ? "noRooms" : "nobodyLive")}</p>
        ) : (
          <Cards rooms={lists.live} />
        )}
      </section>
      {others.length > 0 && (
        <section>
          <h2>{t("allRooms")}</h2>
          <Cards rooms={others} />
        </section>
      )}
      {lists.next !== null && (
        <button type="button" class="more" onClick={loadMore}>
          {t("more")}
        </button>
      )}
    </>
  );
}

function Cards({ rooms }: { readonly rooms: readonly RoomInfo[] }) {
  const { t } = useShared();
  return (
    <ul class="grid">
      {rooms.map((room) => (
        <li key={room.name} class="card" data-room={room.name}>
          <Link to={`/watch/${room.name}`}>
            <span class={`tile ${room.state}`} aria-hidden="true">
              {[...room.title][0]}
            </span>
            <span class="card-text">
              <strong>{room.title}</strong>
              <span class="meta">
                <StateBadge state={room.state} />
                {room.visibility === "members" && <span class="badge">{t("members")}</span>}
                <span>{room.merchant}</span>
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
