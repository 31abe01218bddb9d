import { text } from "../../../text.ts";
import { openLive, said } from "../../live/application.ts";
import { room } from "../../live/rooms.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text("Lets a banned room go on the air again.", "解除直播间的封禁。"),
  examples: [{ command: "live unban market", does: text("at once", "立即解除") }],
  arguments: { room },
  options: {},
  async run(ctx) {
    const live = await openLive(ctx);
    await said(live.api.DELETE("/v1/rooms/{name}/ban", { params: { path: { name: ctx.args.room } } }));
    ctx.out.result({ room: ctx.args.room, bannedUntil: null }, () =>
      ctx.out.say(text(`${ctx.args.room} may go on the air.`, `${ctx.args.room} 可以开播。`)),
    );
    return undefined;
  },
});
