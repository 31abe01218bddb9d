/** A customer's own orders. */
import type { OrderInfo } from "../src/web/api.ts";
import { Failed, Link, Loading, Picture } from "./parts.tsx";
import { AskError, ask, useAsked, useShared } from "./state.tsx";
import { yuan } from "./words.ts";

export function Orders({ placed }: { readonly placed: string | null }) {
  const { t, pick, language, notify } = useShared();
  const [loaded, again] = useAsked<readonly OrderInfo[]>("/api/orders");
  if (loaded.is === "failed") return <Failed error={loaded.error} again={again} />;
  if (loaded.is === "loading") return <Loading />;
  const cancel = async (number: string) => {
    try {
      await ask(`/api/orders/${number}/cancel`, "POST");
    } catch (error) {
      if (!(error instanceof AskError)) throw error;
      notify(t("busy"));
    }
    await again();
  };
  const when = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return (
    <section class="narrow">
      <h1>{t("orders")}</h1>
      {placed !== null && (
        <p class="notice good" role="status">
          {t("orderPlaced")} · <span data-placed={placed}>{placed}</span>
        </p>
      )}
      {loaded.value.length === 0 && <p class="notice">{t("noOrders")}</p>}
      {loaded.value.map((order) => (
        <article key={order.number} class="order" data-order={order.number} data-status={order.status}>
          <header>
            <h2>
              {t("orderNumber")} {order.number}
            </h2>
            <time dateTime={order.placedAt}>{when.format(new Date(order.placedAt))}</time>
            <span class={order.status === "paid" ? "tag good" : "tag"}>{t(order.status)}</span>
          </header>
          <ul>
            {order.lines.map((line) => (
              <li key={line.productId}>
                <Link to={`/product/${line.productId}`} class="thumb small">
                  <Picture of={line} label="" />
                </Link>
                <span>{pick(line)}</span>
                <span class="units">
                  {yuan(line.unitPriceCents)} × {line.units}
                </span>
              </li>
            ))}
          </ul>
          <footer>
            <span>
              {t("total")} <strong class="price">{yuan(order.totalCents)}</strong>
            </span>
            {order.status === "paid" && (
              <button type="button" class="plain" onClick={() => cancel(order.number)}>
                {t("cancel")}
              </button>
            )}
          </footer>
        </article>
      ))}
    </section>
  );
}
