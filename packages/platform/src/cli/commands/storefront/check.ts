import { text } from "../../../text.ts";
import { runSample } from "../../sample.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Reads the whole shop back from the primary and from every replica, once it has all transactions: every acknowledged write exists once and nothing else does, order totals are the sum of their lines, stock is what was loaded, moved and sold, payments and merchants' accounts add up. Then across the stores: each change was announced once and is in its topic in order, search shows every product as it is, sales figures are the sums of their orders, pictures have the content that was uploaded, and no page in the cache is stale. Events that are still on their way are brought to their end first; nothing else is changed.",
    "从主库和每个从库（追上全部事务后）读回整个商城：每个已确认的写入恰好存在一次且无多余数据，订单金额等于明细之和，库存与进出相符，支付与商家账户平衡。并核对各存储之间是否一致：每次变更恰好发布一次且在主题中有序，搜索结果与商品现状相同，销售数据等于订单之和，图片内容与上传时一致，缓存中没有过期页面。核对前会先送达尚在途中的事件，此外不做任何更改。",
  ),
  examples: [{ command: "storefront check", does: text("after a run, or a drill", "运行或演练之后核对") }],
  arguments: {},
  options: {
    replicas: {
      type: "number",
      value: "count",
      description: text("Replicas that must answer; 2", "必须应答的从库数，默认 2"),
    },
    pictures: {
      type: "number",
      value: "count",
      description: text("Pictures that are read back; 3000", "读回的图片数，默认 3000"),
    },
  },
  foreground: true,
  run: (ctx) => runSample(ctx, "check"),
});
