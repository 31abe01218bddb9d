import { text } from "../../text.ts";
import { openShell } from "../shell.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Sends a request to Elasticsearch with curl, in a container of the mall, as its operator and over TLS; the password stays in its file there. What follows the path are options of curl.",
    "在商城的容器内以运维身份经 TLS 用 curl 向 Elasticsearch 发送请求；密码只留在容器内的文件中。路径之后为 curl 的选项。",
  ),
  examples: [
    { command: "es GET /_cat/nodes?v", does: text("the nodes with their roles", "查看节点及其角色") },
    {
      command: `es GET /products/_search -d '{"query":{"match":{"name":"耳机"}}}'`,
      does: text("a search", "检索"),
    },
    {
      command: "es POST /_bulk --data-binary @- < products.ndjson",
      does: text("many documents from a file", "从文件写入大量文档"),
    },
  ],
  arguments: {
    words: {
      variadic: true,
      description: text("METHOD PATH, and options of curl", "方法、路径，以及 curl 的选项"),
    },
  },
  options: {},
  foreground: true,
  passThrough: true,
  run: (ctx) => openShell(ctx, "elasticsearch", ctx.args.words),
});
