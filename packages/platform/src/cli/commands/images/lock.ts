import { imageError } from "../../../engine/images/errors.ts";
import { imageLock } from "../../../engine/images/list.ts";
import { text } from "../../../text.ts";
import { mallImages, offeredImages } from "../../images.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Prints every package with its version and licences that is inside of the images in use: the content of images.lock.json in this mall's folder of the state directory.",
    "输出在用镜像内的所有软件包及其版本与许可证，即状态目录中本商城的 images.lock.json 的内容。",
  ),
  examples: [
    { command: "images lock mysql", does: text("what one image holds", "查看一个镜像的内容") },
    { command: "images lock --json > sbom.json", does: text("of all, for a script", "全部内容，供脚本使用") },
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
    const { args, out } = ctx;
    const all = await imageLock((await mallImages(ctx)).folder);
    const known = Object.keys(all);
    for (const name of args.image) {
      if (!known.includes(name)) {
        throw imageError.IMAGE_UNKNOWN({ image: name, known: known.join(", ") || "-" });
      }
    }
    const chosen = Object.fromEntries(
      Object.entries(all).filter(([name]) => args.image.length === 0 || args.image.includes(name)),
    );
    out.result(chosen, () =>
      out.table(
        ["image", "package", "version", "licences"],
        Object.entries(chosen).flatMap(([name, { packages }]) =>
          packages.map((p) => [name, p.name, p.version, p.licences.join(", ")]),
        ),
      ),
    );
    return undefined;
  },
});
