import { text } from "../../../text.ts";
import { openLive, said } from "../../live/application.ts";
import { room, shownTime, timeAhead } from "../../live/rooms.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Keeps a room off the air for a while: a running broadcast ends within seconds, and no key is taken until then. 'live unban' lifts it.",
    "在一段时间内禁止直播间开播：正在进行的直播数秒内结束，期间不接受任何密钥。live unban 可解除。",
  ),
  examples: [
    { command: "live ban market", does: text("for an hour", "封禁一小时") },
    { command: "live ban market --for 7d", does: text("for a week", "封禁一周") },
  ],
  arguments: { room },
  options: {
    for: { type: "duration", value: "time", default: "1h", description: text("How long", "时长") },
  },
  async run(ctx) {
    const live = await openLive(ctx);
    const until = timeAhead(ctx.options.for, Date.now());
    const { bannedUntil } = await said(
      live.api.POST("/v1/rooms/{name}/ban", { params: { path: { name: ctx.args.room } }, body: { until } }),
    );
    ctx.out.result({ room: ctx.args.room, bannedUntil }, () =>
      ctx.out.say(text(`Off the air until ${shownTime(bannedUntil)}.`, `封禁至 ${shownTime(bannedUntil)}。`)),
    );
    return undefined;
  },
});
