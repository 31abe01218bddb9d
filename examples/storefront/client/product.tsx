/** One product. */
import { useState } from "preact/hooks";
import type { CartInfo, ProductDetail } from "../src/web/api.ts";
import { Failed, Link, Loading, Picture, Stepper } from "./parts.tsx";
import { AskError, ask, go, useAsked, useShared } from "./state.tsx";
import { short, yuan } from "./words.ts";

export function Product({ id }: { readonly id: string }) {
  const { t } = useShared();
  const [loaded, again] = useAsked<ProductDetail>(`/api/products/${id}`);
  if (loaded.is === "failed")
    return loaded.error.problem === "busy" ? (
      <Failed error={loaded.error} again={again} />
    ) : (
      <p class="notice">{t("noProduct")}</p>
    );
  if (loaded.is === "loading") return <Loading />;
  return <Detail product={loaded.value} />;
}

function Detail({ product }: { readonly product: ProductDetail }) {
  const { t, pick, language, session, refreshSession, notify } = useShared();
  const [units, setUnits] = useState(1);
  const [isBusy, setIsBusy] = useState(false);
  const most = Math.min(99, product.availableUnits);

  const addToCart = async (then?: string) => {
    if (!session?.consumer) return go("/account");
    setIsBusy(true);
    try {
      const cart = await ask<CartInfo>("/api/cart");
      const now = cart.lines.find((line) => line.product.id === product.id)?.units ?? 0;
      await ask("/api/cart", "PUT", { productId: product.id, units: Math.min(99, now + units) });
      await refreshSession();
      if (then === undefined) notify(t("added"));
      else go(then);
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      if (error.problem === "signed-out") go("/account");
      else notify(t("busy"));
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <article class="product">
      <Picture of={product} label={pick(product)} />
      <div class="facts">
        <h1>{pick(product)}</h1>
        {language === "en" && (
          <p class="original" lang="zh">
            {product.zh}
          </p>
        )}
        <p class="price big">{yuan(product.priceCents)}</p>
        <p class="stock">
          {product.availableUnits === 0
            ? t("soldOut")
            : language === "zh"
              ? `${t("left")} ${product.availableUnits} · ${t("soldUnits")} ${short(product.soldUnits, language)}`
              : `${product.availableUnits} ${t("left")} · ${short(product.soldUnits, language)} ${t("soldUnits")}`}
        </p>
        <dl>
          <dt>{t("spec")}</dt>
          <dd>{language === "zh" ? product.specZh : product.specEn}</dd>
          <dt>{t("features")}</dt>
          <dd>{language === "zh" ? product.featuresZh.join(" · ") : product.featuresEn}</dd>
          <dt>{t("shipsFrom")}</dt>
          <dd>{pick(product.city)}</dd>
          <dt>{t("seller")}</dt>
          <dd>
            <Link to={`/?merchant=${product.merchant.id}`}>{pick(product.merchant)}</Link>
          </dd>
        </dl>
        <div class="buy">
          <Stepper units={units} most={most} change={setUnits} />
          <button type="button" class="plain" disabled={isBusy || most === 0} onClick={() => addToCart()}>
            {t("addToCart")}
          </button>
          <button type="button" disabled={isBusy || most === 0} onClick={() => addToCart("/cart")}>
            {t("buyNow")}
          </button>
        </div>
        <p class="description">{language === "zh" ? product.descriptionZh : product.descriptionEn}</p>
      </div>
    </article>
  );
}
