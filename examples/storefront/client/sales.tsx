/** What a merchant sees: figures, a chart of days, the days themselves, what sells best. */
import type { SalesInfo } from "../src/web/api.ts";
import { Failed, Loading, ProductCard } from "./parts.tsx";
import { useAsked, useShared } from "./state.tsx";
import { yuan } from "./words.ts";

export function Sales() {
  const { t, pick } = useShared();
  const [loaded, again] = useAsked<SalesInfo>("/api/sales");
  if (loaded.is === "failed") return <Failed error={loaded.error} again={again} />;
  if (loaded.is === "loading") return <Loading />;
  const { merchant, days, best } = loaded.value;
  const sum = (of: (day: SalesInfo["days"][number]) => number) =>
    days.reduce((total, day) => total + of(day), 0);
  const figures = [
    [t("revenue"), yuan(sum((day) => day.salesCents))],
    [t("orderCount"), sum((day) => day.orders).toLocaleString("en")],
    [t("unitCount"), sum((day) => day.units).toLocaleString("en")],
    [t("commission"), yuan(sum((day) => day.commissionCents))],
  ] as const;
  return (
    <section class="sales">
      <h1>{pick(merchant)}</h1>
      <p class="note">{t("salesTitle")}</p>
      <dl class="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Chart days={days} />
      <details>
        <summary>{t("table")}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("day")}</th>
              <th scope="col">{t("orderCount")}</th>
              <th scope="col">{t("cancelled")}</th>
              <th scope="col">{t("unitCount")}</th>
              <th scope="col">{t("revenue")}</th>
            </tr>
          </thead>
          <tbody>
            {[...days].reverse().map((day) => (
              <tr key={day.day} data-day={day.day}>
                <th scope="row">{day.day}</th>
                <td>{day.orders}</td>
                <td>{day.cancelledOrders}</td>
                <td>{day.units}</td>
                <td>{yuan(day.salesCents)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      <h2>{t("best")}</h2>
      <ul class="grid">
        {best.map((card) => (
          <ProductCard key={card.id} card={card} />
        ))}
      </ul>
    </section>
  );
}

const width = 720;
const height = 240;
const foot = 30;
/** Room above the highest bar for what it stands for. */
const head = 30;
const labelHeight = 22;
const labelEvery = 8;

function Chart({ days }: { readonly days: SalesInfo["days"] }) {
  const { t } = useShared();
  const most = Math.max(1, ...days.map((day) => day.salesCents));
  const step = width / Math.max(1, days.length);
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${t("revenue")}: ${t("salesTitle")}`}
    >
      {[0.25, 0.5, 0.75, 1].map((share) => (
        <line
          key={share}
          x1="0"
          x2={width}
          y1={head + (height - foot - head) * (1 - share)}
          y2={head + (height - foot - head) * (1 - share)}
        />
      ))}
      <text x="0" y={labelHeight}>
        {yuan(most)}
      </text>
      {days.map((day, i) => {
        const tall = Math.max(2, ((height - foot - head) * Math.max(0, day.salesCents)) / most);
        return (
          <g key={day.day}>
            <rect x={i * step + step * 0.15} y={height - foot - tall} width={step * 0.7} height={tall} rx="3">
              <title>{`${day.day} ${yuan(day.salesCents)}`}</title>
            </rect>
            {i % labelEvery === 0 && (
              <text x={i * step + step * 0.15} y={height - 6}>
                {day.day.slice(5)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
