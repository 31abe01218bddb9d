/** The cart, and placing an order. */
import { useRef, useState } from "preact/hooks";
import type { CartInfo, OrderAnswer } from "../src/web/api.ts";
import { Failed, Link, Loading, Picture, Stepper } from "./parts.tsx";
import { AskError, ask, go, newKey, useAsked, useShared } from "./state.tsx";
import { yuan } from "./words.ts";

export function Cart() {
  const { t, pick, refreshSession, notify } = useShared();
  const [loaded, again] = useAsked<CartInfo>("/api/cart");
  const [isBusy, setIsBusy] = useState(false);
  /** One key for one order: kept for every retry, given up once it is known what became of it. */
  const key = useRef<string | undefined>(undefined);
  const cart = loaded.is === "there" ? loaded.value : loaded.is === "loading" ? loaded.before : undefined;
  if (loaded.is === "failed") return <Failed error={loaded.error} again={again} />;
  if (cart === undefined) return <Loading />;
  if (cart.lines.length === 0)
    return (
      <div class="notice">
        <p>{t("emptyCart")}</p>
        <Link to="/" class="button">
          {t("lookAround")}
        </Link>
      </div>
    );

  const change = async (productId: number, units: number) => {
    key.current = undefined;
    try {
      await ask("/api/cart", "PUT", { productId, units });
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      notify(t("busy"));
    }
    await Promise.all([again(), refreshSession()]);
  };

  const checkOut = async () => {
    setIsBusy(true);
    key.current ??= newKey();
    const lines = cart.lines.map(({ product, units }) => ({
      productId: product.id,
      units,
      unitPriceCents: product.priceCents,
    }));
    try {
      const placed = await ask<OrderAnswer>("/api/orders", "POST", { key: key.current, lines });
      key.current = undefined;
      await refreshSession();
      if (placed.kind === "placed") go(`/orders?placed=${placed.number}`);
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      const answer = error.body as Partial<OrderAnswer> | undefined;
      if (answer?.kind === undefined) notify(t("busy"));
      else {
        key.current = undefined;
        notify(t(answer.kind === "price-changed" ? "priceChanged" : "someSoldOut"));
        await again();
      }
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <section class="narrow">
      <h1>{t("cart")}</h1>
      <ul class="lines">
        {cart.lines.map(({ product, units }) => (
          <li key={product.id} class="line">
            <Link to={`/product/${product.id}`} class="thumb">
              <Picture of={product} label="" />
            </Link>
            <div class="line-text">
              <Link to={`/product/${product.id}`}>{pick(product)}</Link>
              <p class="merchant">{pick(product.merchant)}</p>
              <p class="price">{yuan(product.priceCents)}</p>
            </div>
            <div class="line-do">
              <Stepper units={units} most={99} change={(next) => change(product.id, next)} />
              <button type="button" class="link" onClick={() => change(product.id, 0)}>
                {t("remove")}
              </button>
            </div>
          </li>
        ))}
      </ul>
      <div class="check-out">
        <p>
          {t("total")} <strong class="price big">{yuan(cart.totalCents)}</strong>
        </p>
        <button type="button" disabled={isBusy} onClick={checkOut}>
          {t(isBusy ? "checkingOut" : "checkOut")}
        </button>
      </div>
    </section>
  );
}
