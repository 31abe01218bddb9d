import { text } from "../../../text.ts";
import { runSample } from "../../sample.ts";
import { recordBench } from "../../sample-outcome.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Reads product pages with and without the cache in Redis, in turns, and says hit rate and latency of both (MY-6).",
    "交替在使用和不使用 Redis 缓存的情况下读取商品页，输出命中率与两者的延迟（MY-6）。",
  ),
  examples: [
    { command: "storefront bench", does: text("20,000 pages by 8 readers", "8 个读者读取 2 万个页面") },
  ],
  arguments: {},
  options: {
    requests: { type: "number", value: "count", description: text("Pages; 20000", "页面数，默认 20000") },
    readers: {
      type: "number",
      value: "count",
      description: text("Readers at once; 8", "并发读者数，默认 8"),
    },
    seed: { type: "number", value: "number", description: text("Other pages; 1", "随机种子，默认 1") },
  },
  foreground: true,
  // `verify` shows it from then on.
  run: (ctx) => runSample(ctx, "bench", recordBench),
});
