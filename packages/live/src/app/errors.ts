/**
 * What the application refuses or cannot do: a stable code, the HTTP status it is answered with, and what it means in
 * both languages. docs/live-application.md lists them; a test holds the two against each other.
 */
import { type Text, text } from "../text.ts";

interface Entry {
  readonly status: number;
  readonly text: Text;
}

const entry = (status: number, en: string, zh: string): Entry => ({ status, text: text(en, zh) });

export const catalogue = {
  // Refusals of a publisher (POST /internal/publish).
  UNKNOWN_STREAM: entry(403, "There is no room of this name.", "没有这个名称的直播间。"),
  KEY_MISSING: entry(
    403,
    "The push address carries neither a stream key nor a signature.",
    "推流地址中既没有推流密钥，也没有签名。",
  ),
  KEY_WRONG: entry(403, "The stream key is not one of this room's.", "推流密钥不属于该直播间。"),
  KEY_EXPIRED: entry(403, "The stream key has expired. Make a new one.", "推流密钥已过期，请创建新的密钥。"),
  KEY_REVOKED: entry(
    403,
    "The stream key was revoked. Make a new one.",
    "推流密钥已被吊销，请创建新的密钥。",
  ),
  SIGNATURE_WRONG: entry(
    403,
    "The signature of the push address is not valid for this room.",
    "推流地址的签名对该直播间无效。",
  ),
  SIGNATURE_EXPIRED: entry(
    403,
    "The signed push address has expired. Ask for a new one.",
    "签名推流地址已过期，请重新获取。",
  ),
  ALREADY_LIVE: entry(
    403,
    "The room is live from another publisher. End that one first.",
    "该直播间已有其他推流端在直播，请先结束它。",
  ),
  BANNED: entry(403, "The room is banned for now.", "该直播间目前被封禁。"),
  // Reasons to end a running broadcast (POST /internal/update).
  KICKED: entry(403, "An operator ended this broadcast.", "运营人员已结束本次直播。"),
  BROADCAST_ENDED: entry(
    403,
    "This broadcast has ended; another may have taken its place.",
    "本次直播已结束，可能已被新的直播取代。",
  ),
  // Everything else that is asked.
  INPUT_WRONG: entry(400, "The request is not what this address takes.", "请求内容不符合该接口的要求。"),
  TOKEN_WRONG: entry(
    401,
    "The access token is not valid or has expired. Sign in again.",
    "访问令牌无效或已过期，请重新登录。",
  ),
  LOGIN_REQUIRED: entry(401, "This needs a signed-in user.", "请先登录。"),
  FORBIDDEN: entry(
    403,
    "You may not do this. Operators come with their client certificate, streamers with their merchant's token.",
    "您无权执行此操作：运营人员需使用客户端证书，主播需使用其商家的令牌。",
  ),
  NO_SUCH_ADDRESS: entry(404, "There is nothing at this address.", "没有这个地址。"),
  NO_SUCH_ROOM: entry(404, "There is no such room.", "没有这个直播间。"),
  NO_SUCH_KEY: entry(404, "This room has no such key.", "该直播间没有这个密钥。"),
  NO_SUCH_PIN: entry(404, "This room has no such pinned product.", "该直播间没有这个置顶商品。"),
  NO_SUCH_REPLAY: entry(404, "There is no such replay.", "没有这个回放。"),
  ROOM_EXISTS: entry(409, "A room of this name exists already.", "同名直播间已存在。"),
  ROOM_LIVE: entry(
    409,
    "The room is live. End its broadcast first (kick), then delete it.",
    "该直播间正在直播，请先结束直播（kick）再删除。",
  ),
  NOT_LIVE: entry(409, "The room is not live.", "该直播间没有在直播。"),
  NO_USABLE_KEY: entry(
    409,
    "The room has no valid stream key to sign with. Make one first.",
    "该直播间没有可用于签名的有效密钥，请先创建一个。",
  ),
  TOO_MANY_KEYS: entry(
    409,
    "The room has too many valid keys. Revoke one first.",
    "该直播间的有效密钥过多，请先吊销一个。",
  ),
  TOKENS_OFF: entry(
    409,
    "No token key is configured (jwt.key), so there are no user tokens here.",
    "未配置令牌密钥（jwt.key），此处不能签发用户令牌。",
  ),
  SEARCH_OFF: entry(409, "This mall has no search.", "该商城没有搜索服务。"),
  NO_SUCH_AUCTION: entry(404, "There is no such auction.", "没有这场拍卖。"),
  AUCTION_OPEN: entry(
    409,
    "The room has an open auction. Wait for its end or cancel it first.",
    "该直播间有正在进行的拍卖，请等待其结束或先取消它。",
  ),
  AUCTION_OVER: entry(409, "The auction is over.", "拍卖已结束。"),
  BID_TOO_LOW: entry(409, "The bid is lower than the next one has to be.", "出价低于当前所需的最低出价。"),
  BID_ID_REUSED: entry(
    409,
    "This Idempotency-Key was used for a bid of another amount. Take a new one.",
    "该 Idempotency-Key 已用于另一金额的出价，请使用新的值。",
  ),
  REPLAYS_OFF: entry(
    409,
    "This mall has no MinIO, so nothing is recorded here.",
    "此商城没有 MinIO，因此不录制回放。",
  ),
  STAGE_OFF: entry(
    409,
    "This mall has no LiveKit: auctions are seen by the room's stream.",
    "此商城没有 LiveKit：竞拍画面请观看直播间的直播流。",
  ),
  TOO_LARGE: entry(413, "The request is too large.", "请求内容过大。"),
  DATABASE_AWAY: entry(
    503,
    "The database does not answer. It is tried again; ask again in a moment.",
    "数据库没有应答，系统正在重试，请稍后再试。",
  ),
  SEARCH_AWAY: entry(
    503,
    "Search does not answer. Everything else goes on; ask again in a moment.",
    "搜索服务没有应答，其他功能不受影响，请稍后再试。",
  ),
  BUSY: entry(
    503,
    "There are more requests than can be answered in time. Ask again in a moment.",
    "请求过多，无法及时应答，请稍后再试。",
  ),
  OBJECTS_AWAY: entry(
    503,
    "The store of replays does not answer. Ask again in a moment.",
    "回放存储没有应答，请稍后再试。",
  ),
  STAGE_AWAY: entry(
    503,
    "LiveKit does not answer. Bids are taken all the same; ask again in a moment.",
    "LiveKit 没有应答，出价不受影响，请稍后再试。",
  ),
  STOPPING: entry(503, "This instance is being stopped. Ask another.", "此实例正在停止，请访问其他实例。"),
  INTERNAL: entry(500, "Something failed inside. It is in the log.", "内部错误，详情见日志。"),
} as const satisfies Readonly<Record<string, Entry>>;

export type Code = keyof typeof catalogue;

/** Why a publisher is refused. */
export type PublishRefusal =
  | "UNKNOWN_STREAM"
  | "KEY_MISSING"
  | "KEY_WRONG"
  | "KEY_EXPIRED"
  | "KEY_REVOKED"
  | "SIGNATURE_WRONG"
  | "SIGNATURE_EXPIRED"
  | "ALREADY_LIVE"
  | "BANNED";

/** Why a running broadcast must end. */
export type UpdateRefusal = "KICKED" | "BANNED" | "KEY_REVOKED" | "BROADCAST_ENDED";

export class LiveError extends Error {
  override readonly name = "LiveError";
  constructor(
    readonly code: Code,
    /** For programs and people who look closer: which field, which limit. Never a secret. */
    readonly detail?: string,
    cause?: unknown,
  ) {
    super(`${code}${detail === undefined ? "" : `: ${detail}`}`, { cause });
  }
}

/** The body of every answer that is no success. */
export interface Problem {
  readonly code: Code;
  /** The meaning, in the language that was asked for. */
  readonly reason: string;
  readonly text: Text;
  readonly detail?: string;
}

export function problemOf(code: Code, language: keyof Text, detail?: string): Problem {
  const { text } = catalogue[code];
  return { code, reason: text[language], text, ...(detail === undefined ? {} : { detail }) };
}

/** Message of anything thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same with what was behind it. */
export const causeOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined
    ? `${messageOf(error)} (${messageOf(error.cause)})`
    : messageOf(error);
