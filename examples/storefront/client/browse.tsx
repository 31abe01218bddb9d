/** The start page and every list of products: search, categories, filters, order, pages. All of it is in the address. */
import { useEffect, useState } from "preact/hooks";
import type { ProductList } from "../src/web/api.ts";
import { Failed, Link, Loading, ProductCard } from "./parts.tsx";
import { go, useAsked, useShared } from "./state.tsx";
import type { Word } from "./words.ts";

const sorts: readonly (readonly [string, Word])[] = [
  ["relevance", "relevance"],
  ["sold", "sold"],
  ["price-up", "priceUp"],
  ["price-down", "priceDown"],
];

/** The same list with something changed, from its first page on. */
function changed(query: URLSearchParams, change: Readonly<Record<string, string | undefined>>): string {
  const next = new URLSearchParams(query);
  if (!("page" in change)) next.delete("page");
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined || value === "") next.delete(key);
    else next.set(key, value);
  }
  return `/?${next}`;
}

export function Browse({ query }: { readonly query: URLSearchParams }) {
  const { t, pick, language, info } = useShared();
  const [loaded, again] = useAsked<ProductList>(`/api/products?${query}`);
  const list = loaded.is === "there" ? loaded.value : loaded.is === "loading" ? loaded.before : undefined;
  const text = query.get("text") ?? "";
  const category = info?.groups
    .flatMap((group) => group.categories)
    .find((one) => String(one.id) === query.get("category"));
  const isStart = [...query.keys()].length === 0;
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [query.toString()]);
  return (
    <div class="browse">
      {isStart && (
        <section class="hero">
          <h1>{t("tagline")}</h1>
          <ul class="groups">
            {info?.groups.map((group) => (
              <li key={group.zh}>
                <Link to={`/?text=${encodeURIComponent(pick(group))}`}>{pick(group)}</Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      <aside class="filters" aria-label={t("filters")}>
        <Filters query={query} list={list} />
      </aside>
      <section class="list" aria-busy={loaded.is === "loading"}>
        <header class="list-head">
          <h2>
            {text !== "" && language === "zh"
              ? `“${text}”${t("resultsFor")}`
              : text !== ""
                ? `${list?.total.toLocaleString("en") ?? ""} ${t("resultsFor")} “${text}”`
                : category === undefined
                  ? t("allCategories")
                  : pick(category)}
          </h2>
          <p class="count" data-total={list?.total}>
            {list !== undefined && `${list.total.toLocaleString("en")} ${t("results")}`}
          </p>
          <label class="sort">
            <span>{t("sort")}</span>
            <select
              value={query.get("sort") ?? "relevance"}
              onChange={(event) => go(changed(query, { sort: event.currentTarget.value }))}
            >
              {sorts.map(([value, word]) => (
                <option key={value} value={value}>
                  {t(word)}
                </option>
              ))}
            </select>
          </label>
        </header>
        {list?.degraded === true && (
          <p class="notice" role="status">
            {t("degraded")}
          </p>
        )}
        {loaded.is === "failed" && <Failed error={loaded.error} again={again} />}
        {list === undefined && loaded.is === "loading" && <Loading />}
        {list !== undefined && list.products.length === 0 && <p class="notice">{t("nothing")}</p>}
        {list !== undefined && (
          <ul class="grid">
            {list.products.map((card) => (
              <ProductCard key={card.id} card={card} />
            ))}
          </ul>
        )}
        {list !== undefined && <Pages query={query} list={list} />}
      </section>
    </div>
  );
}

function Filters({
  query,
  list,
}: {
  readonly query: URLSearchParams;
  readonly list: ProductList | undefined;
}) {
  const { t, pick } = useShared();
  const yuanOf = (key: string) => (query.get(key) === null ? "" : String(Number(query.get(key)) / 100));
  const [low, setLow] = useState(yuanOf("low"));
  const [high, setHigh] = useState(yuanOf("high"));
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    setLow(yuanOf("low"));
    setHigh(yuanOf("high"));
  }, [query.toString()]);
  const cents = (text: string) => (text === "" ? undefined : String(Math.round(Number(text) * 100)));
  const isFiltered = ["category", "merchant", "low", "high", "stock"].some((key) => query.has(key));
  const choice = (key: string, one: { id: number; zh: string; en: string; count: number }) => {
    const isChosen = query.get(key) === String(one.id);
    return (
      <li key={one.id}>
        <Link
          to={changed(query, { [key]: isChosen ? undefined : String(one.id) })}
          aria-current={isChosen ? "true" : undefined}
        >
          <span>{pick(one)}</span>
          <span class="amount">{one.count.toLocaleString("en")}</span>
        </Link>
      </li>
    );
  };
  return (
    <>
      <button type="button" class="open-filters" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        {t("filters")}
      </button>
      <div class={isOpen ? "filter-body open" : "filter-body"}>
        <h2>{t("categories")}</h2>
        <ul class="choices">{list?.categories.map((one) => choice("category", one))}</ul>
        <h2>{t("price")}</h2>
        <form
          class="price-form"
          onSubmit={(event) => {
            event.preventDefault();
            go(changed(query, { low: cents(low), high: cents(high) }));
          }}
        >
          {(
            [
              ["low", low, setLow],
              ["high", high, setHigh],
            ] as const
          ).map(([name, value, set]) => (
            <label key={name}>
              <span>{t(name)}</span>
              <input
                name={name}
                type="number"
                min="0"
                inputMode="numeric"
                value={value}
                onInput={(event) => set(event.currentTarget.value)}
              />
            </label>
          ))}
          <button type="submit">{t("apply")}</button>
        </form>
        <label class="check">
          <input
            type="checkbox"
            name="stock"
            checked={query.get("stock") === "1"}
            onChange={(event) => go(changed(query, { stock: event.currentTarget.checked ? "1" : undefined }))}
          />
          <span>{t("inStock")}</span>
        </label>
        <h2>{t("merchants")}</h2>
        <ul class="choices">{list?.merchants.map((one) => choice("merchant", one))}</ul>
        {isFiltered && (
          <Link
            to={changed(query, {
              category: undefined,
              merchant: undefined,
              low: undefined,
              high: undefined,
              stock: undefined,
            })}
            class="clear"
          >
            {t("clear")}
          </Link>
        )}
      </div>
    </>
  );
}

function Pages({ query, list }: { readonly query: URLSearchParams; readonly list: ProductList }) {
  const { t, language } = useShared();
  const last = Math.max(0, Math.ceil(Math.min(list.total, 10_000) / list.pageSize) - 1);
  if (last === 0) return null;
  const { page } = list;
  return (
    <nav class="pages" aria-label={t("page")}>
      {page > 0 && (
        <Link to={changed(query, { page: page === 1 ? undefined : String(page - 1) })}>{t("previous")}</Link>
      )}
      <span>
        {language === "zh" ? `第 ${page + 1} / ${last + 1} 页` : `${t("page")} ${page + 1} of ${last + 1}`}
      </span>
      {page < last && <Link to={changed(query, { page: String(page + 1) })}>{t("next")}</Link>}
    </nav>
  );
}
