import { resolve } from "node:path";
import { loadMallFile } from "../../../services/mall-schema.ts";
import { text } from "../../../text.ts";
import { sayRendered, writeChart } from "../../render.ts";
import { version } from "../../run.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Writes a Helm chart of the same servers with the same configuration files. Installing it on a cluster is not proven yet.",
    "写出同样服务器、同样配置文件的 Helm chart。尚未验证在集群上的安装。",
  ),
  examples: [{ command: "render helm -o ./chart", does: text("into ./chart", "写入 ./chart") }],
  arguments: {},
  options: {
    output: {
      type: "string",
      short: "o",
      value: "dir",
      default: "mall-chart",
      description: text("Folder", "目录"),
    },
  },
  async run(ctx) {
    const { mall } = await loadMallFile(ctx.file);
    const rendered = await writeChart(mall, resolve(ctx.options.output), version(ctx.root));
    ctx.out.result(rendered, () => sayRendered(rendered, ctx.out));
    return undefined;
  },
});
