/** The answers of api.ts as forms, for the OpenAPI document: a form that says something else than its type does not compile. */
import { z } from "zod";
import type {
  BroadcastInfo,
  KeyInfo,
  LadderInfo,
  NewKey,
  PinInfo,
  PinList,
  PlannedStart,
  PlayAddress,
  Problem,
  ReplayDetail,
  ReplayInfo,
  ReplayList,
  RoomDetail,
  RoomHealth,
  RoomInfo,
  RoomList,
  RoomUrls,
  SearchResult,
  TokenAnswer,
} from "./api.ts";
import { type Code, catalogue } from "./errors.ts";

const time = z.iso.datetime();
const texts = z.object({ en: z.string(), zh: z.string() });

export const ladderInfo = z
  .object({
    state: z
      .enum(["starting", "on", "off", "limitReached", "tooSlow", "failed", "noPictures", "nothingSmaller"])
      .describe(
        "Whether there are smaller renditions, and if not, why: off (the mall makes none), limitReached …",
      ),
    renditions: z.array(z.string()).describe("What the master playlist lists, best first"),
  })
  .meta({ title: "LadderInfo" }) satisfies z.ZodType<LadderInfo>;
const info = {
  name: z.string(),
  title: z.string(),
  merchant: z.string(),
  visibility: z.enum(["public", "members"]),
  state: z.enum(["idle", "live", "ended"]).describe("ended: within the hour"),
  startedAt: time.nullable().describe("Of the broadcast that is live, or was last"),
  endedAt: time.nullable(),
  scheduledAt: time.nullable().describe("When it is to be live"),
  ladder: ladderInfo.nullable().describe("Of the broadcast that is live; null until its first segment"),
  viewers: z.int().exactOptional().describe("Sessions that watch; absent: not known"),
};
export const roomInfo = z.object(info).meta({ title: "RoomInfo" }) satisfies z.ZodType<RoomInfo>;
const broadcast = z
  .object({
    id: z.string(),
    keyId: z.string(),
    instance: z.string(),
    address: z.string(),
    startedAt: time,
    seenAt: time.describe("The last report of its ingest instance"),
    kicked: z.boolean(),
  })
  .meta({ title: "BroadcastInfo" }) satisfies z.ZodType<BroadcastInfo>;
export const roomDetail = z
  .object({
    ...info,
    createdAt: time,
    bannedUntil: time.nullable(),
    broadcast: broadcast.nullable(),
  })
  .meta({ title: "RoomDetail" }) satisfies z.ZodType<RoomDetail>;
export const roomList = z
  .object({
    rooms: z.array(roomInfo),
    next: z.string().nullable().describe("Ask again with ?after= this; null: there are no more"),
  })
  .meta({ title: "RoomList" }) satisfies z.ZodType<RoomList>;
export const searchResult = z
  .object({
    rooms: z.array(roomInfo),
    total: z.int(),
  })
  .meta({ title: "SearchResult" }) satisfies z.ZodType<SearchResult>;

export const roomHealth = z
  .object({
    stream: z
      .object({
        bitsPerSecond: z.number(),
        frameRate: z.number(),
        keyframeSeconds: z.number().describe("Longest time between two keyframes"),
        video: z.object({ codec: z.string(), width: z.int(), height: z.int() }).nullable(),
        audio: z.object({ codec: z.string(), channels: z.int() }).nullable(),
        segments: z.int(),
        lost: z.int().describe("Segments that could not be kept"),
        restarts: z.int(),
        secondsSinceSegment: z.number(),
      })
      .nullable()
      .describe("Of the last segment; null: nothing comes in"),
    warnings: z.array(
      z.enum([
        "silent",
        "noVideo",
        "noAudio",
        "keyframesFar",
        "fewPictures",
        "bitrateLow",
        "bitrateHigh",
        "lost",
      ]),
    ),
  })
  .meta({ title: "RoomHealth" }) satisfies z.ZodType<RoomHealth>;

const key = z
  .object({
    id: z.string(),
    createdAt: time,
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
    state: z.enum(["valid", "expired", "revoked"]),
  })
  .meta({ title: "KeyInfo" }) satisfies z.ZodType<KeyInfo>;
export const keyList = z.object({ keys: z.array(key) });
export const newKey = z
  .object({
    id: z.string(),
    key: z.string().describe("Shown this once"),
    expiresAt: time.nullable(),
  })
  .meta({ title: "NewKey" }) satisfies z.ZodType<NewKey>;

const address = { url: z.string(), expiresAt: time };
export const playAddress = z.object(address).meta({ title: "PlayAddress" }) satisfies z.ZodType<PlayAddress>;
export const roomUrls = z
  .object({
    play: z.object({ ...address, dialect: z.string() }),
    push: z
      .object({
        ...address,
        dialect: z.string(),
        urlTls: z.string().nullable(),
        keyId: z.string(),
        obs: z.object({ server: z.string(), streamKey: z.string() }),
      })
      .nullable()
      .describe("null: the room has no valid key"),
  })
  .meta({ title: "RoomUrls" }) satisfies z.ZodType<RoomUrls>;

export const pinInfo = z
  .object({
    id: z.string(),
    broadcast: z.string(),
    product: z.string(),
    title: z.string(),
    at: time,
    offsetMs: z.int().describe("Since the broadcast began"),
    until: time.nullable().describe("null: until another one is pinned, or the broadcast ends"),
  })
  .meta({ title: "PinInfo" }) satisfies z.ZodType<PinInfo>;
export const pinList = z
  .object({ pins: z.array(pinInfo) })
  .meta({ title: "PinList" }) satisfies z.ZodType<PinList>;
export const plannedStart = z
  .object({ startsAt: time })
  .meta({ title: "PlannedStart" }) satisfies z.ZodType<PlannedStart>;

const replay = z
  .object({
    broadcast: z.string(),
    room: z.string(),
    title: z.string().describe("The room's, now"),
    merchant: z.string(),
    visibility: z.enum(["public", "members"]),
    startedAt: time,
    readyAt: time,
    seconds: z.number(),
    segments: z.int(),
    bytes: z.int(),
    dropped: z.int().describe("Segments that are missing from it"),
    poster: z.string().nullable().describe("null: there is none, or who asks may not play it"),
  })
  .meta({ title: "ReplayInfo" }) satisfies z.ZodType<ReplayInfo>;
export const replayList = z
  .object({
    replays: z.array(replay).describe("The newest first"),
    next: z.string().nullable().describe("`before` of those that follow; null: there are no more"),
  })
  .meta({ title: "ReplayList" }) satisfies z.ZodType<ReplayList>;
export const replayDetail = replay
  .extend({
    play: playAddress,
    moments: z.array(pinInfo).describe("What was shown, from when on"),
  })
  .meta({ title: "ReplayDetail" }) satisfies z.ZodType<ReplayDetail>;

export const kicked = z.object({
  broadcast: z.string().nullable().describe("null: a host was shown out, and there was no broadcast"),
});
export const banned = z.object({ bannedUntil: time });
export const tokenAnswer = z
  .object({ token: z.string(), expiresAt: time })
  .meta({ title: "TokenAnswer" }) satisfies z.ZodType<TokenAnswer>;

export const problem = z
  .object({
    code: z.enum(Object.keys(catalogue) as [Code, ...Code[]]),
    reason: z.string().describe("The meaning, in the language that was asked for"),
    text: texts,
    detail: z.string().exactOptional(),
  })
  .meta({
    title: "Problem",
    description: "What is no success, with a code that is stable",
  }) satisfies z.ZodType<Problem>;
