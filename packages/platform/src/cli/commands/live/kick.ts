import { text } from "../../../text.ts";
import { openLive, said } from "../../live/application.ts";
import { room } from "../../live/rooms.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Ends the running broadcast of a room, within seconds. Its publisher may come back: 'live ban' keeps it away, 'live keys --revoke' ends its key.",
    "在数秒内结束直播间正在进行的直播。推流端可以重新连接：live ban 可禁止，live keys --revoke 可吊销密钥。",
  ),
  examples: [{ command: "live kick market", does: text("cut it now", "立即切断") }],
  arguments: { room },
  options: {},
  async run(ctx) {
    const live = await openLive(ctx);
    const kicked = await said(
      live.api.POST("/v1/rooms/{name}/kick", { params: { path: { name: ctx.args.room } } }),
    );
    ctx.out.result(kicked, () =>
      ctx.out.say(
        kicked.broadcast === null
          ? text("The auction's host was shown out.", "已将竞拍主播请出。")
          : text(`${kicked.broadcast} ends within seconds.`, `${kicked.broadcast} 将在数秒内结束。`),
      ),
    );
    return undefined;
  },
});
