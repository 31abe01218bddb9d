import { join, resolve } from "node:path";
import { loadMallFile } from "../../../services/mall-schema.ts";
import { text } from "../../../text.ts";
import { sayRendered, writeChart, writeCompose } from "../../render.ts";
import { version } from "../../run.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Writes both: the Compose folder into `compose`, the chart into `chart`.",
    "同时写出两者：Compose 目录写入 compose，chart 写入 chart。",
  ),
  examples: [{ command: "render all -o ./out", does: text("into ./out", "写入 ./out") }],
  arguments: {},
  options: {
    output: {
      type: "string",
      short: "o",
      value: "dir",
      default: "mall-rendered",
      description: text("Folder", "目录"),
    },
  },
  async run(ctx) {
    const { mall } = await loadMallFile(ctx.file);
    const folder = resolve(ctx.options.output);
    const rendered = [
      await writeCompose(mall, join(folder, "compose")),
      await writeChart(mall, join(folder, "chart"), version(ctx.root)),
    ];
    ctx.out.result(rendered, () => rendered.map((one) => sayRendered(one, ctx.out)).join("\n"));
    return undefined;
  },
});
