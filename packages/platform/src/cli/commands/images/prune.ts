import { pruneImages } from "../../../engine/images/prune.ts";
import { stateHome } from "../../../state.ts";
import { mallsKnown, strangers } from "../../../targets/compose/malls.ts";
import { text } from "../../../text.ts";
import { cliError } from "../../errors.ts";
import { mebibytes } from "../../images.ts";
import { runningEngine } from "../../mall.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Removes images of mallstack that no mall of this state directory has in use or as one of its two ways back, and that no container is made from. Other images of the engine, and those that ours are built on, are left alone.",
    "删除本状态目录中任何商城都未使用、也不属于其两个可回退版本、且没有容器使用的 mallstack 镜像。引擎中的其他镜像及构建所用的基础镜像不受影响。",
  ),
  examples: [
    { command: "images prune --dry-run", does: text("show what would go", "仅显示将删除的镜像") },
    { command: "images prune", does: text("remove it", "删除") },
  ],
  arguments: {},
  options: {
    dryRun: { type: "flag", description: text("Show it, remove nothing", "仅显示，不删除") },
    others: {
      type: "flag",
      description: text(
        "Also where the engine holds malls of other state directories, whose images are not known here",
        "即使引擎中还有其他状态目录的商城（此处无法得知其镜像）也执行",
      ),
    },
  },
  async run(ctx) {
    const { dryRun } = ctx.options;
    const engine = await runningEngine();
    const malls = await mallsKnown(stateHome());
    const others = await strangers(engine, malls);
    if (others.length > 0 && !dryRun && !ctx.options.others)
      throw cliError.IMAGES_OF_OTHERS({ malls: others });
    const folders = malls.map((mall) => mall.folder);
    const result = await pruneImages(engine, { folders, dryRun, signal: ctx.signal });
    const { out } = ctx;
    out.result({ dryRun, others, ...result }, () => {
      const rows = result.removed.map((one) => [one.tag, mebibytes(one.sizeBytes), one.builtAt.slice(0, 10)]);
      const count = result.removed.length;
      return [
        ...(count === 0 ? [] : [out.table(["image", "size", "built"], rows), ""]),
        ...result.failed.map((one) => `${one.tag}: ${one.cause}`),
        out.say(
          dryRun
            ? text(
                `${count} would be removed, ${result.kept} would stay.`,
                `将删除 ${count} 个镜像，保留 ${result.kept} 个。`,
              )
            : text(
                `Removed ${count} images; ${result.kept} stay.`,
                `已删除 ${count} 个镜像；保留 ${result.kept} 个。`,
              ),
        ),
      ].join("\n");
    });
    return result.failed.length > 0 ? "unmet" : undefined;
  },
});
