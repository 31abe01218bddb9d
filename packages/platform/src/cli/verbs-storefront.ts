/** The verbs of the sample shop. */
import { text } from "../text.ts";
import type { VerbGroup } from "./verb.ts";

export const storefrontVerbs: VerbGroup = {
  name: "storefront",
  summary: text("The sample shop: load it, open it, run it, check it", "示例商城：加载、打开、运行、核对"),
  verbs: [
    {
      name: "load",
      summary: text("Fill it with generated data", "生成数据"),
      load: () => import("./commands/storefront/load.ts"),
    },
    {
      name: "run",
      summary: text("Let shoppers and merchants at it", "模拟消费者与商家"),
      load: () => import("./commands/storefront/run.ts"),
    },
    {
      name: "check",
      summary: text("Read everything back and check it", "读回全部数据并核对"),
      load: () => import("./commands/storefront/check.ts"),
    },
    {
      name: "bench",
      summary: text("Measure the cache", "测量缓存效果"),
      load: () => import("./commands/storefront/bench.ts"),
    },
    {
      name: "relevance",
      summary: text("Measure the search", "测量搜索质量"),
      load: () => import("./commands/storefront/relevance.ts"),
    },
    {
      name: "serve",
      summary: text("Open its web page", "打开网页"),
      load: () => import("./commands/storefront/serve.ts"),
    },
  ],
};
