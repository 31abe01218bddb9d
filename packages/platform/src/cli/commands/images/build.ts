import { ensureEngine } from "../../../engine/find.ts";
import { ensureImages } from "../../../engine/images/ensure.ts";
import { text } from "../../../text.ts";
import { mallImages, offeredImages } from "../../images.ts";
import { defineVerb } from "../../verb.ts";

const reasons = {
  first: text("built", "已构建"),
  gone: text("built again: the engine had it no more", "已重新构建：引擎中已不存在"),
  source: text("built: mall.yaml names another source", "已构建：mall.yaml 指定了其他来源"),
  inputs: text("built again: its files changed", "已重新构建：文件有变化"),
} as const;
const kept = text("there", "已存在");
const outdated = text("kept as it is: 'mall upgrade' replaces it", "保持不变：“mall upgrade”可更新");

export default defineVerb({
  description: text(
    "Builds the images that 'mall up' would build, and starts nothing. One that holds data and is there stays as it is, whatever changed: 'mall upgrade' replaces it.",
    "构建“mall up”所需的镜像，但不启动任何服务。保存数据的现有镜像保持不变，由“mall upgrade”替换。",
  ),
  examples: [
    { command: "images build", does: text("all", "全部") },
    { command: "images build agent", does: text("one", "其中一个") },
  ],
  arguments: {
    image: {
      variadic: true,
      offers: offeredImages,
      description: text("These images only", "仅这些镜像"),
    },
  },
  options: {},
  async run(ctx) {
    const { args, out, signal } = ctx;
    const options = await mallImages(ctx);
    const names = args.image.length === 0 ? options.names : args.image;
    const engine = await ensureEngine({ progress: out, signal, mirror: options.mirrors?.apt });
    const ready = [...(await ensureImages(engine, names, options)).values()];
    out.result(ready, () =>
      out.table(
        ["image", "version", "tag", ""],
        ready.map((image) => [
          image.name,
          image.version,
          image.tag,
          out.say(image.built === undefined ? (image.outdated ? outdated : kept) : reasons[image.built]),
        ]),
      ),
    );
    return undefined;
  },
});
