import { text } from "../../../text.ts";
import { runSample } from "../../sample.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Lets shoppers browse, fill carts, buy and cancel, and merchants change prices and stock, for a while. Every write is numbered in a ledger on this machine's disk before it is sent and again when it is acknowledged; 'storefront check' holds the servers to it. Says the hit rate of the cache, latencies, and how long nothing was acknowledged.",
    "模拟消费者浏览、加购、下单与取消，商家改价与补货。每次写入在发送前和确认后都会编号记入本机账本；“storefront check”据此核对服务器。输出缓存命中率、延迟以及最长无确认时间。",
  ),
  examples: [
    { command: "storefront run", does: text("16 shoppers for 30 seconds", "16 名顾客，30 秒") },
    {
      command: "storefront run --shoppers 64 --seconds 300 --ballast 400",
      does: text("with Redis full and evicting all the while", "期间 Redis 一直满载并持续淘汰数据"),
    },
  ],
  arguments: {},
  options: {
    shoppers: {
      type: "number",
      value: "count",
      description: text("Shoppers at once; 16", "并发顾客数，默认 16"),
    },
    seconds: { type: "number", value: "seconds", description: text("How long; 30", "持续秒数，默认 30") },
    think: {
      type: "number",
      value: "ms",
      description: text("Mean pause between two steps of a shopper; 50", "每步平均停顿毫秒数，默认 50"),
    },
    ballast: {
      type: "number",
      value: "MiB",
      description: text(
        "Fill Redis with so much beside, so that it evicts; 0",
        "向 Redis 写入的填充数据量，使其淘汰；默认 0",
      ),
    },
    seed: { type: "number", value: "number", description: text("Other shoppers; 1", "随机种子，默认 1") },
  },
  foreground: true,
  run: (ctx) => runSample(ctx, "run"),
});
