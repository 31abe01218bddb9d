import { imagesOf } from "../../engine/images/list.ts";
import { acceptUpgrades, rollbackImage, stageUpgrades, type Upgrade } from "../../engine/images/upgrade.ts";
import { text } from "../../text.ts";
import { bringUp } from "../bring-up.ts";
import { cliError } from "../errors.ts";
import { openMall } from "../mall.ts";
import type { Output } from "../output.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Builds the newest image of each service beside what runs and shows which packages would change; with --yes it replaces them in each service's own rolling order. The last good images are kept: --rollback goes back to them.",
    "在不影响运行的情况下构建各服务的最新镜像，并显示哪些软件包会变化；加 --yes 则按各服务的滚动顺序替换。上一版可用镜像会保留：--rollback 可退回。",
  ),
  examples: [
    { command: "upgrade", does: text("show what would change", "显示将发生的变化") },
    { command: "upgrade mysql --yes", does: text("replace MySQL's image, rolling", "滚动替换 MySQL 镜像") },
    { command: "upgrade mysql --rollback", does: text("back to the one before", "退回上一版镜像") },
  ],
  arguments: {
    images: { variadic: true, description: text("Images; all when left out", "镜像名；省略则为全部") },
  },
  options: {
    yes: { type: "flag", description: text("Do it; without, only show", "执行；不加则只显示") },
    rollback: { type: "flag", description: text("Go back to the images before", "退回之前的镜像") },
  },
  async run(ctx) {
    const opened = await openMall(ctx);
    const known = imagesOf(opened.plan);
    const names = ctx.args.images.length === 0 ? known : ctx.args.images;
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw cliError.TARGET_UNKNOWN({ target: unknown, known });
    const { images, mirrors } = opened.mall.site;
    const options = {
      root: ctx.root,
      folder: opened.folders.root,
      images,
      mirrors,
      progress: ctx.out,
      signal: ctx.signal,
    };
    if (ctx.options.rollback) {
      for (const name of names) await rollbackImage(opened.engine, name, options);
      const result = await bringUp(ctx, opened);
      ctx.out.result({ rolledBack: names, up: result }, () => names.join("\n"));
      return undefined;
    }
    const upgrades = await stageUpgrades(opened.engine, names, options);
    const differing = upgrades.filter((upgrade) => upgrade.differs);
    if (!ctx.options.yes || differing.length === 0) {
      ctx.out.result({ upgrades, applied: false }, () => describe(upgrades, ctx.out));
      return undefined;
    }
    ctx.out.print(describe(upgrades, ctx.out));
    await acceptUpgrades(differing, options);
    const result = await bringUp(ctx, opened);
    ctx.out.result({ upgrades, applied: true, up: result }, () =>
      ctx.out.say(
        text(
          `${differing.length} images replaced and proven.`,
          `已替换 ${differing.length} 个镜像并完成验证。`,
        ),
      ),
    );
    return undefined;
  },
});

function describe(upgrades: readonly Upgrade[], out: Output): string {
  const lines = upgrades.map((upgrade) => {
    if (!upgrade.differs) {
      return `${upgrade.name}: ${out.say(text("the newest is in use", "已是最新"))}`;
    }
    const changes = upgrade.packages.map(
      (change) => `    ${change.name}: ${change.before ?? "-"} → ${change.after ?? "-"}`,
    );
    return [`${upgrade.name}: ${upgrade.before?.version ?? "-"} → ${upgrade.after.version}`, ...changes].join(
      "\n",
    );
  });
  const hint = upgrades.some((upgrade) => upgrade.differs)
    ? [out.say(text("`mall upgrade --yes` replaces them.", "运行 mall upgrade --yes 进行替换。"))]
    : [];
  return [...lines, ...hint].join("\n");
}
