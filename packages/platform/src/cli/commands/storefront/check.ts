import { text } from "../../../text.ts";
import { runSample } from "../../sample.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Reads the whole shop back from the primary and from every replica, once it has all transactions: every acknowledged write exists once and nothing else does, order totals are the sum of their lines, stock is what was loaded, moved and sold, payments and merchants' accounts add up, and no page in the cache is stale. Changes nothing.",
    "从主库和每个从库（追上全部事务后）读回整个商城：每个已确认的写入恰好存在一次且无多余数据，订单金额等于明细之和，库存与进出相符，支付与商家账户平衡，缓存中没有过期页面。不做任何更改。",
  ),
  examples: [{ command: "storefront check", does: text("after a run, or a drill", "运行或演练之后核对") }],
  arguments: {},
  options: {
    replicas: {
      type: "number",
      value: "count",
      description: text("Replicas that must answer; 2", "必须应答的从库数，默认 2"),
    },
  },
  foreground: true,
  run: (ctx) => runSample(ctx, "check"),
});
