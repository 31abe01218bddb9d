import { secretList } from "../../../secrets/overview.ts";
import { externalKey, valueKey } from "../../../secrets/store.ts";
import { text } from "../../../text.ts";
import { openSecrets } from "../../secrets.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Shows each password: who made it, which containers hold it, whether it is being rotated, and its file. Values are never shown.",
    "显示每个密码：由谁生成、哪些容器持有、是否正在轮换及其文件。从不显示值。",
  ),
  examples: [{ command: "secrets list", does: text("all of them", "列出全部") }],
  arguments: {},
  options: {},
  async run(ctx) {
    const { plan, backend, read } = await openSecrets(ctx);
    const rows = secretList(plan, await read()).map((row) => ({
      ...row,
      file: backend.place(row.kind === "external" ? externalKey(row.id) : valueKey(row.id)),
    }));
    ctx.out.result({ secrets: rows }, () => {
      const say = (en: string, zh: string): string => ctx.out.say(text(en, zh));
      return ctx.out.table(
        ["id", say("made by", "来源"), say("state", "状态"), say("held by", "持有者"), say("file", "文件")],
        rows.map((row) => [
          row.id,
          row.kind === "external" ? say("you", "您") : "mall",
          row.state,
          row.holders.join(" ") || "-",
          row.file,
        ]),
      );
    });
    return undefined;
  },
});
