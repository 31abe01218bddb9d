import { text } from "../../../text.ts";
import { openLive, said } from "../../live/application.ts";
import { room } from "../../live/rooms.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Makes a room of a merchant. Its name is its stream's name too: a-z, 0-9, - and _, 64 at most. Nobody can publish to it before it has a key.",
    "为商家创建直播间。名称同时是流名称：a-z、0-9、- 与 _，最多 64 个字符。创建密钥之前无法推流。",
  ),
  examples: [
    {
      command: 'live create market --merchant m1 --title "晚间集市"',
      does: text("a room that everyone may watch", "所有人可观看的直播间"),
    },
    {
      command: "live create club --merchant m1 --members",
      does: text("for signed-in users alone", "仅登录用户可观看"),
    },
  ],
  arguments: { room: { required: true, description: room.description } },
  options: {
    merchant: {
      type: "string",
      value: "id",
      default: "mall",
      description: text("Whose room it is: that merchant's streamers manage it", "所属商家，由其主播管理"),
    },
    title: {
      type: "string",
      value: "text",
      description: text("What viewers read; the name by default", "观众看到的标题，默认为名称"),
    },
    members: { type: "flag", description: text("Only signed-in users may watch", "仅登录用户可观看") },
  },
  async run(ctx) {
    const live = await openLive(ctx);
    const { merchant, title = ctx.args.room, members } = ctx.options;
    const visibility = members ? "members" : "public";
    const body = { name: ctx.args.room, title, merchant, visibility } as const;
    const made = await said(live.api.POST("/v1/rooms", { body }));
    ctx.out.result(made, () =>
      ctx.out.say(
        text(
          `Made ${made.name}. Next: a stream key by 'mall live keys ${made.name} --new'.`,
          `已创建 ${made.name}。接下来用 mall live keys ${made.name} --new 创建推流密钥。`,
        ),
      ),
    );
    return undefined;
  },
});
