/** What the application answers. Types alone: the page's bundle takes nothing else from here. Times are ISO 8601. */
import type { Problem } from "./errors.ts";

export type { Problem };

/** `idle`: no broadcast of late. `ended`: the last one ended within the hour. */
export type RoomState = "idle" | "live" | "ended";

/** Smaller renditions of a broadcast, and where it has its source alone: why. */
export interface LadderInfo {
  readonly state:
    | "starting"
    | "on"
    /** The mall makes none. */
    | "off"
    /** Others have all that the ingest's cores are enough for. */
    | "limitReached"
    | "tooSlow"
    | "failed"
    | "noPictures"
    | "nothingSmaller";
  /** What the master playlist lists, best first: `source`, `720p` … */
  readonly renditions: readonly string[];
}

/** What everyone may know of a room. */
export interface RoomInfo {
  readonly name: string;
  readonly title: string;
  readonly merchant: string;
  readonly visibility: "public" | "members";
  readonly state: RoomState;
  /** Of the broadcast that is live, or was last. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** When it is to be live; null: nothing is planned, or it was more than an hour ago. */
  readonly scheduledAt: string | null;
  /** Of the broadcast that is live; null: there is none, or its first segment is being made. */
  readonly ladder: LadderInfo | null;
  /** Sessions that watch. Absent: not known. */
  readonly viewers?: number;
}

/** What its operators and its merchant's streamers see. */
export interface RoomDetail extends RoomInfo {
  readonly createdAt: string;
  readonly bannedUntil: string | null;
  readonly broadcast: BroadcastInfo | null;
}

export interface BroadcastInfo {
  readonly id: string;
  readonly keyId: string;
  readonly instance: string;
  readonly address: string;
  readonly startedAt: string;
  /** The last report of its ingest instance. */
  readonly seenAt: string;
  readonly kicked: boolean;
}

/** What is wrong with a stream that comes in. The page has a sentence for each. */
export type HealthWarning =
  /** The ingest reports nothing, or no new segment. */
  | "silent"
  | "noVideo"
  | "noAudio"
  /** Farther apart than a segment should be long: latency grows, and players wait for their first picture. */
  | "keyframesFar"
  | "fewPictures"
  | "bitrateLow"
  | "bitrateHigh"
  | "lost";

export interface StreamHealth {
  /** Of the last segment. */
  readonly bitsPerSecond: number;
  readonly frameRate: number;
  readonly keyframeSeconds: number;
  readonly video: { readonly codec: string; readonly width: number; readonly height: number } | null;
  readonly audio: { readonly codec: string; readonly channels: number } | null;
  readonly segments: number;
  readonly lost: number;
  readonly restarts: number;
  readonly secondsSinceSegment: number;
}

export interface RoomHealth {
  /** null: the room is not live, or its first segment is still being made. */
  readonly stream: StreamHealth | null;
  readonly warnings: readonly HealthWarning[];
}

export interface RoomList {
  readonly rooms: readonly RoomInfo[];
  /** Ask again with `?after=` this for those that follow; null: there are no more. */
  readonly next: string | null;
}

/** What everyone may know of a replay. */
export interface ReplayInfo {
  readonly broadcast: string;
  readonly room: string;
  /** The room's, now. */
  readonly title: string;
  readonly merchant: string;
  readonly visibility: "public" | "members";
  readonly startedAt: string;
  readonly readyAt: string;
  readonly seconds: number;
  readonly segments: number;
  readonly bytes: number;
  /** Segments that are missing from it. */
  readonly dropped: number;
  /** Signed address of its picture; null: there is none, or who asks may not play it. */
  readonly poster: string | null;
}

export interface ReplayList {
  /** The newest first. */
  readonly replays: readonly ReplayInfo[];
  /** Ask again with `?before=` this for those that follow; null: there are no more. */
  readonly next: string | null;
}

export interface ReplayDetail extends ReplayInfo {
  readonly play: PlayAddress;
  /** What was shown, from when on. */
  readonly moments: readonly PinInfo[];
}

export interface KeyInfo {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly state: "valid" | "expired" | "revoked";
}

/** Shown once: afterwards only signed addresses are made of it. */
export interface NewKey {
  readonly id: string;
  readonly key: string;
  readonly expiresAt: string | null;
}

export interface PlayAddress {
  readonly url: string;
  readonly expiresAt: string;
}

export interface RoomUrls {
  readonly play: PlayAddress & { readonly dialect: string };
  /** Absent without a valid key. `obs`: the address split as OBS asks for it. */
  readonly push:
    | (PlayAddress & {
        readonly dialect: string;
        readonly urlTls: string | null;
        readonly keyId: string;
        readonly obs: { readonly server: string; readonly streamKey: string };
      })
    | null;
}

export interface TokenAnswer {
  readonly token: string;
  readonly expiresAt: string;
}

export interface PlannedStart {
  readonly startsAt: string;
}

/** A product that a room shows, or showed. */
export interface PinInfo {
  readonly id: string;
  readonly broadcast: string;
  readonly product: string;
  readonly title: string;
  readonly at: string;
  /** Since the broadcast began: where it stands in a replay. */
  readonly offsetMs: number;
  /** null: until another one is pinned, or the broadcast ends. */
  readonly until: string | null;
}

export interface PinList {
  readonly pins: readonly PinInfo[];
}

export interface SearchResult {
  /** The best first, those that are live before others. */
  readonly rooms: readonly RoomInfo[];
  /** Of all pages together. */
  readonly total: number;
}

/** `cancelled`: nobody bought. `reserve-not-met`: the highest bid was below what the seller wants at least. */
export type AuctionOutcome = "sold" | "reserve-not-met" | "no-bids" | "cancelled";

/** What everyone may know of an auction. Amounts are whole minor units of the currency: cents, fen. */
export interface AuctionInfo {
  readonly id: string;
  readonly room: string;
  readonly title: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly openingPrice: number;
  /** From each price on, how much a bid has to rise. */
  readonly increments: readonly { readonly from: number; readonly step: number }[];
  /** A bid in the last so many seconds moves the end to so many seconds after it. */
  readonly extensionSeconds: number;
  readonly openedAt: string;
  readonly endsAt: string;
  /** The time by the clock that ends it. */
  readonly now: string;
  /** Rises with every change: what comes with a lower one is old. */
  readonly version: number;
  readonly state: "open" | "closed";
  readonly outcome: AuctionOutcome | null;
  readonly closedAt: string | null;
  /** The highest bid. */
  readonly price: number | null;
  /** Number of the bidder who leads, or has bought. */
  readonly leader: number | null;
  /** What the next bid has to be at least. */
  readonly minimum: number;
  readonly bids: number;
  readonly bidders: number;
  readonly hasReserve: boolean;
  readonly reserveMet: boolean;
}

/** What its operators and its merchant's streamers see. */
export interface AuctionDetail extends AuctionInfo {
  readonly reserve: number | null;
  /** Subject of the token of who leads, or has bought. */
  readonly leaderSubject: string | null;
}

export interface BidInfo {
  /** 1, 2, 3 … in the order in which bids were accepted. */
  readonly sequence: number;
  /** The bidder's number in this auction. */
  readonly paddle: number;
  readonly amount: number;
  readonly at: string;
  /** Where it moved the auction's end to. */
  readonly extendedTo: string | null;
}

/** A host is seen and heard, a viewer sees and hears. */
export type StageRole = "host" | "viewer";

/** What lets a browser join a room's sound and picture. */
export interface StagePass {
  readonly url: string;
  readonly token: string;
  readonly expiresAt: string;
  readonly role: StageRole;
}

export interface BidAnswer {
  readonly bid: BidInfo;
  readonly auction: AuctionInfo;
}
