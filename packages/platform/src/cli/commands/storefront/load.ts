import { text } from "../../../text.ts";
import { runSample } from "../../sample.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Fills the sample shop with generated merchants, consumers, products with Chinese names, and half a year of orders in MySQL; then the search index, then pictures, uploaded by presigned addresses. The same seed gives the same shop. What is there already is left as it is, what is missing is completed.",
    "生成示例商城的数据：在 MySQL 中写入商家、消费者、中文商品以及半年的订单，随后建立搜索索引，并通过预签名地址上传图片。相同种子生成相同数据。已有的数据不会改动，缺少的部分会补齐。",
  ),
  examples: [
    {
      command: "storefront load",
      does: text("50,000 products and 100,000 orders", "5 万件商品、10 万笔订单"),
    },
    {
      command: "storefront load --products 5000 --orders 10000 --fresh",
      does: text("a smaller shop in place of the present one", "用较小的数据替换现有数据"),
    },
  ],
  arguments: {},
  options: {
    products: { type: "number", value: "count", description: text("Products; 50000", "商品数，默认 50000") },
    orders: { type: "number", value: "count", description: text("Orders; 100000", "订单数，默认 100000") },
    merchants: { type: "number", value: "count", description: text("Merchants; 200", "商家数，默认 200") },
    consumers: {
      type: "number",
      value: "count",
      description: text("Consumers; 20000", "消费者数，默认 20000"),
    },
    pictures: {
      type: "number",
      value: "count",
      description: text("Products with a picture; 3000", "有图片的商品数，默认 3000"),
    },
    seed: { type: "number", value: "number", description: text("Another shop; 1", "随机种子，默认 1") },
    fresh: {
      type: "flag",
      description: text(
        "Replace the shop that is there, with all of its orders",
        "替换现有数据，原有订单全部删除",
      ),
    },
  },
  foreground: true,
  run: (ctx) => runSample(ctx, "load"),
});
