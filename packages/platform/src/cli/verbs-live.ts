/** The verbs of `mall live`. */
import { text } from "../text.ts";
import type { VerbGroup } from "./verb.ts";

export const liveVerbs: VerbGroup = {
  name: "live",
  summary: text(
    "Live streaming: rooms, keys, addresses, a test stream",
    "直播：直播间、密钥、地址与测试直播",
  ),
  verbs: [
    {
      name: "rooms",
      summary: text("List the rooms, or show one", "列出或查看直播间"),
      load: () => import("./commands/live/rooms.ts"),
    },
    {
      name: "create",
      summary: text("Make a room", "创建直播间"),
      load: () => import("./commands/live/create.ts"),
    },
    {
      name: "delete",
      summary: text("Delete a room", "删除直播间"),
      load: () => import("./commands/live/delete.ts"),
    },
    {
      name: "keys",
      summary: text("List, make and revoke stream keys", "查看、创建与吊销推流密钥"),
      load: () => import("./commands/live/keys.ts"),
    },
    {
      name: "push",
      summary: text("Addresses to publish to", "推流地址"),
      load: () => import("./commands/live/push.ts"),
    },
    {
      name: "play",
      summary: text("Addresses to watch at", "播放地址"),
      load: () => import("./commands/live/play.ts"),
    },
    {
      name: "kick",
      summary: text("End a running broadcast", "结束正在进行的直播"),
      load: () => import("./commands/live/kick.ts"),
    },
    {
      name: "ban",
      summary: text("Keep a room off the air", "封禁直播间"),
      load: () => import("./commands/live/ban.ts"),
    },
    {
      name: "unban",
      summary: text("Lift a ban", "解除封禁"),
      load: () => import("./commands/live/unban.ts"),
    },
    {
      name: "replays",
      summary: text("List or delete what was recorded", "查看或删除回放"),
      load: () => import("./commands/live/replays.ts"),
    },
    {
      name: "tokens",
      summary: text("Make an access token of a user", "签发用户访问令牌"),
      load: () => import("./commands/live/tokens.ts"),
    },
    {
      name: "demo",
      summary: text("Publish a test picture with a clock", "推送带时钟的测试画面"),
      load: () => import("./commands/live/demo.ts"),
    },
  ],
};
