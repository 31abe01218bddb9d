import { text } from "../../../text.ts";
import { cliError } from "../../errors.ts";
import { openLive, said } from "../../live/application.ts";
import { room } from "../../live/rooms.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Deletes a room with its keys. One that is live is refused: kick its publisher first.",
    "删除直播间及其密钥。正在直播时会被拒绝，请先用 kick 结束直播。",
  ),
  examples: [{ command: "live delete market --yes", does: text("for good", "永久删除") }],
  arguments: { room },
  options: {
    yes: { type: "flag", description: text("Do not ask; needed", "无需确认（必需）") },
  },
  async run(ctx) {
    const { room: name } = ctx.args;
    if (!ctx.options.yes)
      throw cliError.CONFIRMATION_NEEDED({
        command: `live delete ${name}`,
        loses: { en: `the room ${name} and its keys`, zh: `直播间 ${name} 及其密钥` },
      });
    const live = await openLive(ctx);
    await said(live.api.DELETE("/v1/rooms/{name}", { params: { path: { name } } }));
    ctx.out.result({ room: name, deleted: true }, () =>
      ctx.out.say(text(`Deleted ${name}.`, `已删除 ${name}。`)),
    );
    return undefined;
  },
});
