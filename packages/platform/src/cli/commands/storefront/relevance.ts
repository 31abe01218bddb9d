import { text } from "../../../text.ts";
import { runSample } from "../../sample.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Asks the search a fixed list of Chinese and English queries whose right answers are known, and says precision and recall of each. Ends with 1 when the means are below 0.95.",
    "用一组已知正确答案的中英文查询检验搜索，输出每个查询的精确率与召回率。平均值低于 0.95 时退出码为 1。",
  ),
  examples: [
    {
      command: "storefront relevance",
      does: text("53 queries, each with its figures", "53 个查询及各自的指标"),
    },
  ],
  arguments: {},
  options: {},
  foreground: true,
  run: (ctx) => runSample(ctx, "relevance"),
});
