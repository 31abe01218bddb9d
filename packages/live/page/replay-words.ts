/** Words of replays, in both languages: Chinese first. */
export const replayWords = {
  replays: ["回放", "Replays"],
  replaysOf: ["精彩回放", "Replays of this room"],
  noReplays: [
    "还没有回放。直播结束后一分钟内会出现在这里。",
    "No replays yet. One appears within a minute of a broadcast's end.",
  ],
  replay: ["回放", "Replay"],
  noReplay: ["没有这个回放", "There is no such replay"],
  noReplayMore: ["它可能已被删除，或已过保存期限。", "It was deleted, or its time is over."],
  replayFailed: ["回放无法播放", "This replay does not play"],
  toRoom: ["进入直播间", "To the room"],
  findReplays: ["搜索回放", "Search replays"],
  find: ["搜索", "Search"],
  foundNone: ["没有找到相关回放。", "No replays were found."],
  noSearch: ["搜索暂时不可用。", "Search is not there right now."],
  moments: ["商品时刻", "Products shown"],
  incomplete: ["部分内容缺失", "Parts are missing"],
} as const;
