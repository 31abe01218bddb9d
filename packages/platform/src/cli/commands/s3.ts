import { text } from "../../text.ts";
import { openShell } from "../shell.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Runs mc, MinIO's client, in a container of the mall as its root user, over TLS; the password stays in its file there. Paths of the mall begin with mall/.",
    "在商城的容器内以 root 用户经 TLS 运行 MinIO 客户端 mc；密码只留在容器内的文件中。商城内的路径以 mall/ 开头。",
  ),
  examples: [
    { command: "s3 -- ls --recursive mall/products", does: text("what a bucket holds", "列出存储桶内容") },
    { command: "s3 -- admin info mall", does: text("the nodes and their drives", "查看节点与磁盘") },
  ],
  arguments: {
    words: { variadic: true, description: text("Passed on to mc", "原样传给 mc") },
  },
  options: {},
  foreground: true,
  run: (ctx) => openShell(ctx, "minio", ctx.args.words),
});
