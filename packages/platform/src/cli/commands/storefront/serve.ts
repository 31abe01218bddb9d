import { text } from "../../../text.ts";
import { runSample } from "../../sample.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Opens the sample shop as a web page in Chinese and English: browse, search, buy, see your orders and a merchant's sales. It listens on the loopback interface alone, without TLS. Behind it run the relay of events and their consumers. Goes on until it is told to end.",
    "以网页形式打开示例商城（中英文）：浏览、搜索、购买、查看订单与商家销售。仅监听本机回环地址，不使用 TLS。事件转发与消费同时在后台运行。持续运行直到被要求结束。",
  ),
  examples: [
    { command: "storefront serve", does: text("at http://127.0.0.1:8088", "地址为 http://127.0.0.1:8088") },
    { command: "storefront serve --port 0", does: text("at any port that is free", "使用任意空闲端口") },
  ],
  arguments: {},
  options: {
    port: { type: "number", value: "port", description: text("Port; 8088", "端口，默认 8088") },
  },
  foreground: true,
  run: (ctx) => runSample(ctx, "serve"),
});
