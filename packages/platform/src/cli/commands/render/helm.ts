import { resolve } from "node:path";
import { loadMallFile } from "../../../services/mall-schema.ts";
import { planMall } from "../../../services/plan-mall.ts";
import { writeFolder } from "../../../targets/compose/folder.ts";
import { renderHelm } from "../../../targets/helm/render.ts";
import { text } from "../../../text.ts";
import { imagesToRender } from "../../mall.ts";
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
    const plan = planMall(mall);
    const files = renderHelm({ plan, version: version(ctx.root), images: await imagesToRender(plan) });
    const folder = resolve(ctx.options.output);
    const changed = await writeFolder(folder, files);
    ctx.out.result({ folder, files: [...files.keys()], changed }, () =>
      ctx.out.say(
        text(
          `${files.size} files in ${folder}, ${changed.length} of them new or changed.`,
          `${folder} 中共 ${files.size} 个文件，其中 ${changed.length} 个为新建或有变化。`,
        ),
      ),
    );
    return undefined;
  },
});
