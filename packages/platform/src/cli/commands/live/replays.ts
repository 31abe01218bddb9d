import type { ReplayInfo, ReplayList } from "../../../../../live/src/app/api.ts";
import { text } from "../../../text.ts";
import { openLive, said } from "../../live/application.ts";
import { room, shownTime } from "../../live/rooms.ts";
import type { Output } from "../../output.ts";
import { defineVerb } from "../../verb.ts";

export default defineVerb({
  description: text(
    "Lists what was recorded, the newest first: of all rooms, or of one. --delete takes one away from viewers at once, and its objects soon after.",
    "列出录制的回放（最新在前）：全部或某个直播间。--delete 使某个回放立即对观众不可见，随后删除其对象。",
  ),
  examples: [
    { command: "live replays market", does: text("of one room", "查看一个直播间的回放") },
    { command: "live replays --delete bmx32vom7uw90", does: text("for good", "永久删除") },
  ],
  arguments: { room: { description: room.description, offers: room.offers } },
  options: {
    delete: {
      type: "string",
      value: "broadcast",
      description: text("Broadcast whose replay is deleted", "要删除回放的直播 id"),
    },
  },
  async run(ctx) {
    const { out } = ctx;
    const live = await openLive(ctx);
    const { delete: broadcast } = ctx.options;
    if (broadcast !== undefined) {
      await said(live.api.DELETE("/v1/replays/{broadcast}", { params: { path: { broadcast } } }));
      out.result({ broadcast, deleted: true }, () =>
        out.say(text(`Deleted the replay ${broadcast}.`, `已删除回放 ${broadcast}。`)),
      );
      return undefined;
    }
    const { room: name } = ctx.args;
    const replays: ReplayInfo[] = [];
    for (let query = {}; ; ) {
      const page: ReplayList = await said(
        name === undefined
          ? live.api.GET("/v1/replays", { params: { query } })
          : live.api.GET("/v1/rooms/{name}/replays", { params: { path: { name }, query } }),
      );
      replays.push(...page.replays);
      if (page.next === null) break;
      query = { before: page.next };
    }
    out.result({ replays }, () => table(replays, out));
    return undefined;
  },
});

function table(replays: readonly ReplayInfo[], out: Output): string {
  if (replays.length === 0) return out.say(text("No replay.", "没有回放。"));
  return out.table(
    [
      out.say(text("broadcast", "直播")),
      out.say(text("room", "直播间")),
      out.say(text("began", "开始")),
      out.say(text("seconds", "秒数")),
      "MiB",
      out.say(text("lost segments", "缺失分片")),
    ],
    replays.map((one) => [
      one.broadcast,
      one.room,
      shownTime(one.startedAt),
      one.seconds.toFixed(0),
      (one.bytes / 2 ** 20).toFixed(1),
      String(one.dropped),
    ]),
  );
}
