import { text } from "../../../text.ts";
import { openLive } from "../../live/application.ts";
import { pageOf, room, shownTime, signedUrls, ttl } from "../../live/rooms.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Gives the page of a room and a signed address of its playlist for any player. The signature opens this stream alone, its segments too, until it expires.",
    "提供直播间页面及可用于任意播放器的签名播放列表地址。签名仅对此直播（含分片）有效，到期失效。",
  ),
  examples: [
    { command: "live play market", does: text("valid for an hour", "一小时内有效") },
    {
      command: "live play market --dialect tencent --ttl 10m",
      does: text("as Tencent Cloud signs", "腾讯云签名方式"),
    },
  ],
  arguments: { room },
  options: {
    ttl,
    dialect: {
      type: "string",
      value: "name",
      default: "nginx",
      choices: ["nginx", "tencent", "aliyun"],
      description: text("Whose way of signing", "签名方式"),
    },
  },
  async run(ctx) {
    const { out, options } = ctx;
    const live = await openLive(ctx);
    const { play } = await signedUrls(live, ctx.args.room, options);
    const page = pageOf(play.url, ctx.args.room);
    out.result({ ...play, page, caFile: live.caFile }, () =>
      out.table(
        [out.say(text("page", "页面")), page],
        [
          [out.say(text("playlist", "播放列表")), play.url],
          [out.say(text("valid until", "有效期至")), shownTime(play.expiresAt)],
          ["CA", live.caFile],
        ],
      ),
    );
    return undefined;
  },
});
