/** What a host has beside the picture: on air or not, and auctions opened and cancelled. */
import { useState } from "preact/hooks";
import type { AuctionInfo } from "../src/app/api.ts";
import { amountOf } from "./auction-state.ts";
import { api, ask, useShared } from "./state.tsx";
import { Confirmed } from "./studio-parts.tsx";

const currency = "CNY";

export function HostPanel({
  room,
  token,
  auction,
  isOnAir,
  setOnAir,
  tell,
}: {
  readonly room: string;
  readonly token: string;
  /** The open one. */
  readonly auction: AuctionInfo | undefined;
  readonly isOnAir: boolean;
  readonly setOnAir: (isOnAir: boolean) => void;
  readonly tell: (auction: AuctionInfo) => void;
}) {
  const { t } = useShared();
  const cancel = async (id: string) => {
    const answer = await ask(api(token).POST("/v1/auctions/{id}/cancel", { params: { path: { id } } }));
    if (answer.ok) tell(answer.value);
  };
  return (
    <section class="panel">
      <button type="button" class={isOnAir ? "plain" : ""} onClick={() => setOnAir(!isOnAir)}>
        {t(isOnAir ? "leaveAir" : "goOnAir")}
      </button>
      {auction === undefined ? (
        <NewAuction room={room} token={token} tell={tell} />
      ) : (
        <Confirmed label={t("cancelAuction")} act={() => cancel(auction.id)} />
      )}
    </section>
  );
}

function NewAuction({
  room,
  token,
  tell,
}: {
  readonly room: string;
  readonly token: string;
  readonly tell: (auction: AuctionInfo) => void;
}) {
  const { t } = useShared();
  const [failed, setFailed] = useState(false);
  const open = async (form: HTMLFormElement) => {
    const of = (name: string) => String(new FormData(form).get(name) ?? "");
    const openingPrice = amountOf(of("openingPrice"), currency);
    const increments = amountOf(of("step"), currency);
    if (openingPrice === undefined || increments === undefined) return setFailed(true);
    const durationSeconds = Math.round(Number(of("minutes")) * 60);
    const answer = await ask(
      api(token).POST("/v1/rooms/{name}/auctions", {
        params: { path: { name: room } },
        body: { title: of("title"), currency, openingPrice, increments, durationSeconds },
      }),
    );
    setFailed(!answer.ok);
    if (!answer.ok) return;
    tell(answer.value);
    form.reset();
  };
  return (
    <form
      class="bid"
      onSubmit={(event) => {
        event.preventDefault();
        void open(event.currentTarget);
      }}
    >
      <h2>{t("newAuction")}</h2>
      <label>
        <span>{t("itemTitle")}</span>
        <input name="title" maxLength={100} required />
      </label>
      {(["openingPrice", "step"] as const).map((name) => (
        <label key={name}>
          <span>
            {t(name)} ({currency})
          </span>
          <input name={name} inputMode="decimal" autocomplete="off" required />
        </label>
      ))}
      <label>
        <span>{t("minutes")}</span>
        <input name="minutes" inputMode="decimal" defaultValue="5" required />
      </label>
      <button type="submit">{t("openAuction")}</button>
      {failed && (
        <p class="warning" role="alert">
          {t("notOpened")}
        </p>
      )}
    </form>
  );
}
