import type { RoomDetail, RoomInfo } from "../../../../../live/src/app/api.ts";
import { text } from "../../../text.ts";
import { openLive, said } from "../../live/application.ts";
import { allRooms, room, shownTime } from "../../live/rooms.ts";
import type { Output } from "../../output.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Lists the rooms, or shows one with its broadcast: which ingest has it, since when, by which key.",
    "列出直播间，或显示某个直播间及其当前直播：所在入口、开始时间与所用密钥。",
  ),
  examples: [
    { command: "live rooms --on-air", does: text("those that are live now", "正在直播的直播间") },
    { command: "live rooms market", does: text("one of them", "查看一个直播间") },
  ],
  arguments: {
    room: { description: room.description, offers: room.offers },
  },
  options: {
    onAir: { type: "flag", description: text("Only those that are live now", "仅显示正在直播的") },
  },
  async run(ctx) {
    const live = await openLive(ctx);
    const { out } = ctx;
    if (ctx.args.room === undefined) {
      const rooms = await allRooms(live, ctx.options.onAir);
      out.result({ rooms }, () => table(rooms, out));
      return undefined;
    }
    const one = await said(live.api.GET("/v1/rooms/{name}", { params: { path: { name: ctx.args.room } } }));
    out.result(one, () => ("createdAt" in one ? detail(one, out) : table([one], out)));
    return undefined;
  },
});

function table(rooms: readonly RoomInfo[], out: Output): string {
  if (rooms.length === 0)
    return out.say(text("No room. 'mall live create' makes one.", "没有直播间。mall live create 可创建。"));
  return out.table(
    [
      out.say(text("room", "直播间")),
      out.say(text("state", "状态")),
      out.say(text("since", "开始")),
      out.say(text("merchant", "商家")),
      out.say(text("visibility", "可见性")),
      out.say(text("title", "标题")),
    ],
    rooms.map((one) => [
      one.name,
      one.state,
      shownTime(one.startedAt),
      one.merchant,
      one.visibility,
      one.title,
    ]),
  );
}

function detail(one: RoomDetail, out: Output): string {
  const { broadcast } = one;
  const rows = [
    [out.say(text("room", "直播间")), one.name],
    [out.say(text("title", "标题")), one.title],
    [out.say(text("merchant", "商家")), one.merchant],
    [out.say(text("visibility", "可见性")), one.visibility],
    [out.say(text("made", "创建")), shownTime(one.createdAt)],
    [out.say(text("banned until", "封禁至")), shownTime(one.bannedUntil)],
    [out.say(text("state", "状态")), one.state],
    ...(broadcast === null
      ? []
      : [
          [out.say(text("broadcast", "直播")), broadcast.id],
          [out.say(text("since", "开始")), shownTime(broadcast.startedAt)],
          [out.say(text("ingest", "推流入口")), broadcast.instance],
          [out.say(text("from", "来自")), broadcast.address],
          [out.say(text("key", "密钥")), broadcast.keyId],
        ]),
  ];
  const [head = [], ...rest] = rows;
  return out.table(head, rest);
}
