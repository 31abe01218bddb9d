/** Small parts that several pages have. */
import type { ComponentChildren } from "preact";
import type { Card } from "../src/web/api.ts";
import { type AskError, go, useShared } from "./state.tsx";
import { short, yuan } from "./words.ts";

/** A link within the page: no reload, but a new tab and a copied address work. */
export function Link({
  to,
  children,
  ...more
}: {
  readonly to: string;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly "aria-current"?: "page" | "true" | undefined;
}) {
  return (
    <a
      href={to}
      {...more}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

export function Picture({
  of,
  label,
}: {
  readonly of: { picture: string | null; zh: string };
  readonly label: string;
}) {
  if (of.picture !== null)
    return <img class="picture" src={of.picture} alt={label} width="400" height="400" loading="lazy" />;
  const middle = of.zh.split(" ")[1] ?? of.zh;
  return (
    <div class="picture blank" role="img" aria-label={label}>
      <span aria-hidden="true">{middle.slice(-2)}</span>
    </div>
  );
}

export function ProductCard({ card }: { readonly card: Card }) {
  const { language, t, pick } = useShared();
  const label = pick(card);
  return (
    <li class="card">
      <Link to={`/product/${card.id}`}>
        <Picture of={card} label="" />
        <h3>{label}</h3>
        <p class="meta">
          <span class="price">{yuan(card.priceCents)}</span>
          <span class="sold">
            {card.availableUnits === 0
              ? t("soldOut")
              : language === "zh"
                ? `${t("soldUnits")} ${short(card.soldUnits, language)}`
                : `${short(card.soldUnits, language)} ${t("soldUnits")}`}
          </span>
        </p>
        <p class="merchant">{pick(card.merchant)}</p>
      </Link>
    </li>
  );
}

export function Failed({ error, again }: { readonly error: AskError; readonly again: () => void }) {
  const { t } = useShared();
  if (error.problem === "signed-out") return <SignInFirst />;
  return (
    <div class="notice" role="alert">
      <p>{t("busy")}</p>
      <button type="button" onClick={again}>
        {t("tryAgain")}
      </button>
    </div>
  );
}

export function SignInFirst() {
  const { t } = useShared();
  return (
    <div class="notice">
      <p>{t("signInFirst")}</p>
      <Link to="/account" class="button">
        {t("signIn")}
      </Link>
    </div>
  );
}

export function Loading() {
  const { t } = useShared();
  return (
    <p class="loading" role="status">
      {t("loading")}
    </p>
  );
}

export function Stepper({
  units,
  most,
  change,
}: {
  readonly units: number;
  readonly most: number;
  readonly change: (units: number) => void;
}) {
  const { t } = useShared();
  return (
    <fieldset class="stepper">
      <legend class="hidden">{t("quantity")}</legend>
      <button type="button" aria-label={t("less")} disabled={units <= 1} onClick={() => change(units - 1)}>
        −
      </button>
      <output aria-live="polite">{units}</output>
      <button type="button" aria-label={t("more")} disabled={units >= most} onClick={() => change(units + 1)}>
        +
      </button>
    </fieldset>
  );
}
