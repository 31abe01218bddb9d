import { resolve } from "node:path";
import { loadMallFile } from "../../../services/mall-schema.ts";
import { text } from "../../../text.ts";
import { sayRendered, writeCompose } from "../../render.ts";

import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Writes the folder that `mall up` runs: compose.yaml and each server's configuration. No secret is in it; the keys' volumes are filled by `mall up`.",
    "写出 mall up 所运行的目录：compose.yaml 与各服务器的配置。其中不含任何密钥；密钥卷由 mall up 填充。",
  ),
  examples: [{ command: "render compose -o ./out", does: text("into ./out", "写入 ./out") }],
  arguments: {},
  options: {
    output: {
      type: "string",
      short: "o",
      value: "dir",
      default: "mall-compose",
      description: text("Folder", "目录"),
    },
  },
  async run(ctx) {
    const { mall } = await loadMallFile(ctx.file);
    const rendered = await writeCompose(mall, resolve(ctx.options.output));
    ctx.out.result(rendered, () => sayRendered(rendered, ctx.out));
    return undefined;
  },
});
