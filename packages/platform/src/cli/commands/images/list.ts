import { findEngine } from "../../../engine/find.ts";
import { fromPackages } from "../../../engine/images/inputs.ts";
import { listImages } from "../../../engine/images/list.ts";
import { text } from "../../../text.ts";
import { mallImages, mebibytes } from "../../images.ts";
import { defineVerb } from "../../verb.ts";

const states = {
  ready: text("ready", "就绪"),
  outdated: text("outdated: 'mall upgrade' would replace it", "已过时：“mall upgrade”可更新"),
  absent: text("not built; 'mall up' builds it", "未构建；“mall up”会构建"),
} as const;

export default defineVerb({
  description: text(
    "Shows the images of this mall: version, tag, size, and whether a newer one could be made from this clone. An image that holds data is outdated until 'mall upgrade' replaces it; the earlier ones are the ways back. Changes nothing.",
    "显示商城所用镜像：版本、标签、大小，以及能否由当前代码生成更新的镜像。保存数据的镜像只由“mall upgrade”替换；旧镜像可用于回退。不做任何更改。",
  ),
  examples: [
    { command: "images list", does: text("for a person", "文本形式") },
    { command: "images list --json", does: text("with every package inside", "包含所有软件包信息") },
  ],
  arguments: {},
  options: {},
  async run(ctx) {
    const options = await mallImages(ctx);
    const rows = await listImages(await findEngine(), options.names, options);
    const { out } = ctx;
    out.result(rows, () =>
      out.table(
        ["image", "version", "state", "size", "tag", "from", "earlier"],
        rows.map(({ name, state, current, source, previous }) => [
          name,
          current?.version ?? "-",
          out.say(states[state]),
          current === undefined ? "-" : mebibytes(current.sizeBytes),
          current?.tag ?? "-",
          source === fromPackages ? "Debian" : source,
          previous.map((p) => p.version).join(", ") || "-",
        ]),
      ),
    );
    return undefined;
  },
});
