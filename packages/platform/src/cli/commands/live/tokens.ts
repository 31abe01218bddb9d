import { text } from "../../../text.ts";
import { openLive, said } from "../../live/application.ts";
import { wholeSeconds } from "../../live/rooms.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Makes an access token of a user, as the mall's log-in makes them: a viewer plays, a streamer manages the rooms of its merchant. It is valid until it expires; nothing revokes it.",
    "签发用户访问令牌（与商城登录签发的相同）：viewer 可播放，streamer 可管理所属商家的直播间。令牌到期前一直有效，无法吊销。",
  ),
  examples: [
    { command: "live tokens alice", does: text("a viewer, for an hour", "观众，一小时") },
    {
      command: "live tokens bob --role streamer --merchant m1 --ttl 8h",
      does: text("a streamer of a merchant", "某商家的主播"),
    },
  ],
  arguments: { subject: { required: true, description: text("Who it is", "用户标识") } },
  options: {
    role: {
      type: "string",
      value: "role",
      default: "viewer",
      choices: ["viewer", "streamer"],
      description: text("What it may", "角色"),
    },
    merchant: {
      type: "string",
      value: "id",
      description: text("Whose rooms a streamer manages", "主播所属的商家"),
    },
    ttl: {
      type: "duration",
      value: "time",
      default: "1h",
      description: text("How long it is valid", "有效期"),
    },
  },
  async run(ctx) {
    const live = await openLive(ctx);
    const { role, merchant, ttl } = ctx.options;
    const body = {
      subject: ctx.args.subject,
      role,
      ttlSeconds: wholeSeconds(ttl),
      ...(merchant === undefined ? {} : { merchant }),
    };
    const answer = await said(live.api.POST("/v1/tokens", { body }));
    ctx.out.result(answer, () => answer.token);
    return undefined;
  },
});
