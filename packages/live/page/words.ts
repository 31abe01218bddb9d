import { auctionWords } from "./auction-words.ts";
import { replayWords } from "./replay-words.ts";
import { studioWords } from "./studio-words.ts";

/** Every word of the page, in both languages: Chinese first. */
export type Language = "zh" | "en";

const words = {
  site: ["直播", "Live"],
  otherLanguage: ["English", "中文"],
  skip: ["跳到正文", "Skip to content"],
  loading: ["加载中…", "Loading …"],
  onAir: ["正在直播", "On air now"],
  allRooms: ["全部直播间", "All rooms"],
  nobodyLive: ["现在没有直播，稍后再来看看。", "Nobody is live right now. Look again later."],
  noRooms: ["还没有直播间。", "There are no rooms yet."],
  more: ["更多", "More"],
  live: ["直播中", "LIVE"],
  idle: ["未开播", "Offline"],
  over: ["已结束", "Ended"],
  members: ["需登录", "Members"],
  back: ["返回列表", "All rooms"],
  tryAgain: ["重试", "Try again"],
  busy: ["系统繁忙，请稍后再试。", "That did not work just now. Please try again."],
  notFound: ["没有这个页面。", "There is no such page."],
  // Over the picture.
  asking: ["正在连接…", "Connecting …"],
  notLive: ["主播还没有开播", "Not live yet"],
  notLiveMore: ["开播后会自动播放，无需刷新。", "It plays by itself when it begins. No need to reload."],
  starting: ["马上开始…", "About to begin …"],
  ended: ["本场直播已结束", "This broadcast has ended"],
  endedMore: ["再次开播时会自动播放。", "If it begins again, it plays by itself."],
  noRoom: ["没有这个直播间", "There is no such room"],
  noRoomMore: ["地址可能有误，或直播间已被删除。", "The address may be wrong, or the room was deleted."],
  loginNeeded: ["请先登录", "Please sign in"],
  loginNeededMore: ["此直播间仅对登录用户开放。", "This room is open to signed-in users only."],
  refused: ["无法播放此直播", "This broadcast may not be played here"],
  refusedExpired: ["播放地址已过期，请重试。", "The play address has expired. Try again."],
  refusedReferer: ["请从商城页面打开此直播。", "Open it from a page of the mall."],
  away: ["网络不稳定，正在重新连接…", "The connection is unsteady. Reconnecting …"],
  unplayable: ["此浏览器不能播放直播", "This browser cannot play live streams"],
  unplayableMore: [
    "请使用新版 Chrome、Edge、Firefox 或 Safari。",
    "Please use a recent Chrome, Edge, Firefox or Safari.",
  ],
  unmute: ["打开声音", "Sound on"],
  play: ["播放", "Play"],
  toLive: ["回到最新", "To live"],
  quality: ["清晰度", "Quality"],
  auto: ["自动", "Auto"],
  source: ["原画", "Source"],
  limitReached: [
    "仅提供原画：已达到本机多清晰度直播的上限",
    "Source only, passed through: the machine's limit is reached",
  ],
  tooSlow: ["仅提供原画：本机来不及转码", "Source only, passed through: the machine could not keep up"],
  ladderFailed: ["仅提供原画：转码失败", "Source only, passed through: other qualities could not be made"],
  latency: ["延迟", "Behind live"],
  seconds: ["秒", "s"],
  since: ["开播于", "Live since"],
  player: ["直播画面", "Live picture"],
  ...auctionWords,
  ...replayWords,
  ...studioWords,
} as const;

export type Word = keyof typeof words;

export const say = (language: Language, word: Word): string => words[word][language === "zh" ? 0 : 1];
