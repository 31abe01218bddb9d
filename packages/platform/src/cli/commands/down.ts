import { down } from "../../targets/compose/down.ts";
import { text } from "../../text.ts";
import { cliError } from "../errors.ts";
import { openMall } from "../mall.ts";
import { defineVerb } from "../verb.ts";

export default defineVerb({
  description: text(
    "Stops every server in order and removes the containers; the data stays and `mall up` goes on with it. With --volumes the data, the keys and all else that this machine keeps of the mall are deleted.",
    "有序停止所有服务并移除容器；数据保留，再次运行 mall up 即可继续。加 --volumes 时同时删除数据、密钥以及本机保存的该商城的一切。",
  ),
  examples: [
    { command: "down", does: text("stop, keep the data", "停止，保留数据") },
    { command: "down --volumes --yes", does: text("delete everything of this mall", "删除该商城的一切") },
  ],
  arguments: {},
  options: {
    volumes: {
      type: "flag",
      description: text("Delete the data and the keys too", "同时删除数据与密钥"),
    },
    yes: {
      type: "flag",
      description: text("Do not ask; needed for --volumes", "无需确认（--volumes 必需）"),
    },
  },
  async run(ctx) {
    const { mall, engine, folders } = await openMall(ctx);
    if (ctx.options.volumes && !ctx.options.yes) {
      throw cliError.CONFIRMATION_NEEDED({
        command: "down --volumes",
        loses: {
          en: `all data, keys and backups' records of the mall "${mall.site.name}"`,
          zh: `商城“${mall.site.name}”的全部数据、密钥与备份记录`,
        },
      });
    }
    const result = await down({
      mall: mall.site.name,
      engine,
      folders,
      progress: ctx.out,
      signal: ctx.signal,
      volumes: ctx.options.volumes,
    });
    ctx.out.result({ mall: mall.site.name, ...result }, () =>
      ctx.out.say(
        result.volumes.length > 0
          ? text(
              `Removed ${result.stopped.length} containers and ${result.volumes.length} volumes.`,
              `已移除 ${result.stopped.length} 个容器和 ${result.volumes.length} 个数据卷。`,
            )
          : text(
              `Stopped ${result.stopped.length} containers; the data stays.`,
              `已停止 ${result.stopped.length} 个容器；数据保留。`,
            ),
      ),
    );
    return undefined;
  },
});
