import { resolve } from "node:path";
import { loadMallFile } from "../../../services/mall-schema.ts";
import { planMall } from "../../../services/plan-mall.ts";
import { stateHome } from "../../../state.ts";
import { writeFolder } from "../../../targets/compose/folder.ts";
import { renderCompose } from "../../../targets/compose/render.ts";
import { mallFolders, readIdentity } from "../../../targets/compose/state.ts";
import { text } from "../../../text.ts";
import { imagesToRender } from "../../mall.ts";
import { defineVerb } from "../../verb.ts";

/** What a container gets where no engine has been asked: Docker's own usual limit. */
const usualFileLimit = 20_000;

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
    const plan = planMall(mall);
    const identity = await readIdentity(mallFolders(stateHome(), mall.site.name));
    const { files } = renderCompose({
      plan,
      bind: mall.site.bind,
      images: await imagesToRender(plan),
      mallId: identity?.id ?? "unmade",
      maxFiles: usualFileLimit,
    });
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
