import { text } from "../../text.ts";
import { openShell } from "../shell.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Runs Kafka's own tools in a broker's container as the mall's operator, over TLS; the password stays in its file there. Without a tool it opens a shell in which they have their usual names.",
    "在 broker 容器内以运维身份经 TLS 运行 Kafka 自带工具；密码只留在容器内的文件中。不指定工具时打开一个 shell，其中可用它们的常用名称。",
  ),
  examples: [
    {
      command: "kafka",
      does: text("a shell with kafka-topics.sh and the others", "打开含 kafka-topics.sh 等工具的 shell"),
    },
    { command: "kafka topics --list", does: text("the topics", "列出主题") },
    {
      command: "kafka consumer-groups --describe --all-groups",
      does: text("how far consumers are", "查看消费进度"),
    },
  ],
  arguments: {
    words: {
      variadic: true,
      description: text(
        "A tool, such as topics, and what is passed on to it",
        "工具名（如 topics）及传给它的参数",
      ),
    },
  },
  options: {},
  foreground: true,
  passThrough: true,
  run: (ctx) => openShell(ctx, "kafka", ctx.args.words),
});
