import { text } from "../../text.ts";
import { openShell } from "../shell.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Opens mysql in a container of the mall as its operator, over TLS; the password stays in its file there.",
    "在商城的容器内以运维身份经 TLS 打开 mysql；密码只留在容器内的文件中。",
  ),
  examples: [
    { command: "sql", does: text("a shell of MySQL", "打开 MySQL 命令行") },
    { command: 'sql -- -e "SELECT @@hostname"', does: text("one statement", "执行一条语句") },
  ],
  arguments: {
    words: { variadic: true, description: text("Passed on to mysql", "原样传给 mysql") },
  },
  options: {},
  foreground: true,
  run: (ctx) => openShell(ctx, "mysql", ctx.args.words),
});
