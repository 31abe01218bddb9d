/** The auction itself: price, time, who leads, the way to bid, and how it ended. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { AuctionInfo } from "../src/app/api.ts";
import {
  amountOf,
  bidsWord,
  clockOf,
  entered,
  isUnanswered,
  leftMs,
  moneyOf,
  outcomeOf,
  refusalOf,
  type Shown,
} from "./auction-state.ts";
import { api, ask, useShared } from "./state.tsx";
import type { Word } from "./words.ts";

const tickMs = 100;
const againMs = 700;
const tries = 5;

/** The same bid until it is answered: its key makes a repeated one the same. */
async function place(auction: string, amount: number, token: string) {
  const key = crypto.randomUUID();
  const once = () =>
    ask(
      api(token).POST("/v1/auctions/{id}/bids", {
        params: { path: { id: auction }, header: { "idempotency-key": key } },
        body: { amount },
      }),
    );
  let answer = await once();
  for (let left = tries; !answer.ok && isUnanswered(answer.code) && left > 0; left--) {
    await new Promise((resolve) => setTimeout(resolve, againMs));
    answer = await once();
  }
  return answer;
}

function useTick(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** The bidder's own number, once a bid of theirs was accepted. */
function usePaddle(auction: string, token: string | undefined) {
  const [paddle, setPaddle] = useState<number | null>(null);
  useEffect(() => {
    setPaddle(null);
    if (token === undefined) return undefined;
    let wanted = true;
    const asked = api(token).GET("/v1/auctions/{id}/paddle", { params: { path: { id: auction } } });
    void ask(asked).then((answer) => {
      if (wanted && answer.ok) setPaddle(answer.value.paddle);
    });
    return () => {
      wanted = false;
    };
  }, [auction, token]);
  return [paddle, setPaddle] as const;
}

/** @param token of who may bid; undefined: nobody is signed in, null: a host, who does not bid */
export function AuctionPanel({
  shown,
  token,
  tell,
  enter,
}: {
  readonly shown: Shown;
  readonly token: string | undefined | null;
  readonly tell: (auction: AuctionInfo) => void;
  readonly enter: (token: string) => void;
}) {
  const { t, language } = useShared();
  const now = useTick();
  const { auction } = shown;
  const [paddle, setPaddle] = usePaddle(auction.id, token ?? undefined);
  const left = leftMs(shown, now);
  const outcome = outcomeOf(auction);
  const isOwn = paddle !== null && auction.leader === paddle;
  const money = (amount: number) => moneyOf(amount, auction.currency, language);
  return (
    <section
      class="panel auction-panel"
      data-auction={auction.id}
      data-price={auction.price ?? ""}
      data-version={auction.version}
      data-state={auction.state}
    >
      <h2>{auction.title}</h2>
      <dl class="figures">
        <div>
          <dt>{t(auction.price === null ? "opensAt" : "price")}</dt>
          <dd class="price" aria-live="polite">
            {money(auction.price ?? auction.openingPrice)}
          </dd>
        </div>
        {outcome === undefined && (
          <div>
            <dt>{t("timeLeft")}</dt>
            <dd class={left < 10_000 ? "urgent" : ""}>{clockOf(left)}</dd>
          </div>
        )}
      </dl>
      <p class="meta">
        {outcome === undefined && auction.leader !== null && (
          <span>{isOwn ? t("youLead") : `${t("leads")} ${auction.leader}`}</span>
        )}
        <span>
          {auction.bids} {t(bidsWord(auction.bids))}
        </span>
        {outcome === undefined && auction.hasReserve && !auction.reserveMet && (
          <span>{t("reserveNotMet")}</span>
        )}
      </p>
      {outcome !== undefined && (
        <p class="outcome" role="status">
          {t(outcome)}
          {outcome === "sold" && ` · ${isOwn ? t("soldToYou") : `${t("soldTo")} ${auction.leader}`}`}
        </p>
      )}
      {outcome === undefined && token === undefined && <BidderSignIn enter={enter} />}
      {outcome === undefined && typeof token === "string" && (
        <BidForm key={auction.id} auction={auction} token={token} tell={tell} own={setPaddle} />
      )}
    </section>
  );
}

function BidForm({
  auction,
  token,
  tell,
  own,
}: {
  readonly auction: AuctionInfo;
  readonly token: string;
  readonly tell: (auction: AuctionInfo) => void;
  readonly own: (paddle: number) => void;
}) {
  const { t, language } = useShared();
  const [said, setSaid] = useState<Word>();
  const [isSending, setSending] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { currency, minimum } = auction;
  // What is offered rises with the price, unless somebody is writing.
  useEffect(() => {
    const field = input.current;
    if (field !== null && (amountOf(field.value, currency) ?? 0) < minimum)
      field.value = entered(minimum, currency);
  }, [minimum]);
  const bid = async () => {
    const amount = amountOf(input.current?.value ?? "", currency);
    if (amount === undefined) return;
    setSending(true);
    setSaid(undefined);
    const answer = await place(auction.id, amount, token);
    setSending(false);
    if (!answer.ok) return setSaid(refusalOf(answer.code));
    own(answer.value.bid.paddle);
    tell(answer.value.auction);
    setSaid("bidTaken");
  };
  return (
    <form
      class="bid"
      onSubmit={(event) => {
        event.preventDefault();
        void bid();
      }}
    >
      <label>
        <span>
          {t("yourBid")} · {t("atLeast")} {moneyOf(minimum, currency, language)}
        </span>
        <input ref={input} name="amount" inputMode="decimal" autocomplete="off" required />
      </label>
      <button type="submit" disabled={isSending}>
        {t("bidNow")}
      </button>
      <p class={said === "bidTaken" || said === undefined ? "soft" : "warning"} role="status">
        {said !== undefined && t(said)}
      </p>
    </form>
  );
}

function BidderSignIn({ enter }: { readonly enter: (token: string) => void }) {
  const { t } = useShared();
  return (
    <form
      class="bid"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget).get("token");
        if (typeof given === "string" && given.trim() !== "") enter(given.trim());
      }}
    >
      <label>
        <span>
          {t("bidNeedsLogin")} {t("bidderToken")}
        </span>
        <input name="token" type="password" autocomplete="off" required />
      </label>
      <button type="submit">{t("signIn")}</button>
    </form>
  );
}
