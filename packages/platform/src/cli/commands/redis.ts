import { text } from "../../text.ts";
import { openShell } from "../shell.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Opens redis-cli in a container of the mall as its operator, over TLS; the password stays in its file there.",
    "在商城的容器内以运维身份经 TLS 打开 redis-cli；密码只留在容器内的文件中。",
  ),
  examples: [
    { command: "redis", does: text("a shell of Redis", "打开 Redis 命令行") },
    { command: "redis -- CLUSTER INFO", does: text("one command", "执行一条命令") },
  ],
  arguments: {
    words: { variadic: true, description: text("Passed on to redis-cli", "原样传给 redis-cli") },
  },
  options: {},
  foreground: true,
  run: (ctx) => openShell(ctx, "redis", ctx.args.words),
});
