/** `relevance`: the judged searches, asked and counted. */
import { type Command, shoppingBounds, withShop } from "./command.ts";
import { saveResult } from "./result.ts";
import { measureRelevance, wanted } from "./search/relevance.ts";
import { latencyOf } from "./statistics.ts";

const share = (value: number) => value.toFixed(2);

export const relevanceCommand: Command = async (given, signal) =>
  await withShop(shoppingBounds(given), signal, async (shop) => {
    const figures = await measureRelevance(shop.primary, shop.search);
    const latency = latencyOf(figures.queries.map((query) => query.tookMs));
    const ok = figures.precisionAt10 >= wanted.precisionAt10 && figures.recall >= wanted.recall;
    await saveResult(given.folder, "relevance", { ...figures, wanted, latency });
    const lines = figures.queries.map(
      ({ text, precisionAt10, recall, relevant, found }) =>
        `${share(precisionAt10)}  ${share(recall)}  ${String(relevant).padStart(5)}  ${String(found).padStart(5)}  ${text}`,
    );
    return {
      ok,
      document: { ...figures, wanted, latency },
      text: [
        "P@10  recall  right  found  query",
        ...lines,
        `${figures.queries.length} queries: precision@10 ${share(figures.precisionAt10)} (wanted ${wanted.precisionAt10}), recall ${share(figures.recall)} (wanted ${wanted.recall}); in the cluster p50 ${latency.p50Ms} ms, p99 ${latency.p99Ms} ms`,
      ].join("\n"),
    };
  });
