import { text } from "../../../text.ts";
import { openLive } from "../../live/application.ts";
import { room, shownTime, signedUrls, ttl } from "../../live/rooms.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Gives addresses to publish to, signed with the room's newest key, and the two fields that OBS asks for. Whoever has one may publish until it expires; a stream that runs is not cut then.",
    "提供用直播间最新密钥签名的推流地址，以及 OBS 所需的两个字段。持有者在到期前均可推流；到期不会切断已开始的直播。",
  ),
  examples: [
    { command: "live push market", does: text("valid for an hour", "一小时内有效") },
    {
      command: "live push market --ttl 12h --dialect aliyun",
      does: text("as Alibaba Cloud signs", "阿里云签名方式"),
    },
  ],
  arguments: { room },
  options: {
    ttl,
    dialect: {
      type: "string",
      value: "name",
      default: "tencent",
      choices: ["tencent", "aliyun"],
      description: text("Whose way of signing", "签名方式"),
    },
  },
  async run(ctx) {
    const { out, options } = ctx;
    const live = await openLive(ctx);
    const { push } = await signedUrls(live, ctx.args.room, options);
    if (push === null) {
      out.warn(
        text(
          `${ctx.args.room} has no valid key. 'mall live keys ${ctx.args.room} --new' makes one.`,
          `${ctx.args.room} 没有有效密钥。mall live keys ${ctx.args.room} --new 可创建。`,
        ),
      );
      out.result({ push: null }, () => "");
      return "unmet";
    }
    out.result({ ...push, caFile: live.caFile }, () =>
      out.table(
        ["RTMP", push.url],
        [
          ["RTMPS", push.urlTls ?? "-"],
          [out.say(text("OBS server", "OBS 服务器")), push.obs.server],
          [out.say(text("OBS stream key", "OBS 推流码")), push.obs.streamKey],
          [out.say(text("valid until", "有效期至")), shownTime(push.expiresAt)],
          [out.say(text("CA for RTMPS", "RTMPS 的 CA")), live.caFile],
        ],
      ),
    );
    return undefined;
  },
});
