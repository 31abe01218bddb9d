/** What the verbs about rooms share: the argument, all rooms, times that lie ahead. */
import type { RoomInfo, RoomList, RoomUrls } from "../../../../live/src/app/api.ts";
import type { Dialect } from "../../../../live/src/signature/index.ts";
import { text } from "../../text.ts";
import { type LiveApplication, openLive, said } from "./application.ts";

/** A shell that completes a name must not hang where nothing answers. */
const offerMs = 2_000;

/** The argument `room` of a verb. */
export const room = {
  required: true,
  description: text("Name of the room", "直播间名称"),
  offers: async (): Promise<readonly string[]> => {
    try {
      const live = await openLive({ file: undefined, signal: AbortSignal.timeout(offerMs) });
      return (await allRooms(live, false)).map(({ name }) => name);
    } catch {
      return [];
    }
  },
} as const;

/** The option `--ttl` of what is signed. */
export const ttl = {
  type: "duration",
  value: "time",
  default: "1h",
  description: text("How long it is valid", "有效期"),
} as const;

/** The room's signed addresses. @param options.ttl ms @throws as {@link said} */
export const signedUrls = (
  live: LiveApplication,
  name: string,
  { ttl, dialect }: { readonly ttl: number; readonly dialect: Dialect },
): Promise<RoomUrls> => {
  const query = { ttl: wholeSeconds(ttl), dialect };
  return said(live.api.GET("/v1/rooms/{name}/urls", { params: { path: { name }, query } }));
};

/** By name. @throws as {@link said} */
export async function allRooms(live: LiveApplication, liveOnly: boolean): Promise<readonly RoomInfo[]> {
  const rooms: RoomInfo[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const query = { after, live: liveOnly ? "1" : "0" } as const;
    const page: RoomList = await said(live.api.GET("/v1/rooms", { params: { query } }));
    rooms.push(...page.rooms);
    after = page.next;
  }
  return rooms;
}

/** `2026-11-30 12:00:05 UTC` of an ISO time; `-` of none. */
export const shownTime = (iso: string | null): string =>
  iso === null ? "-" : `${iso.slice(0, 19).replace("T", " ")} UTC`;

/** Whole seconds of a duration in ms, as the interface takes them. */
export const wholeSeconds = (ms: number): number => Math.max(1, Math.round(ms / 1000));

/** The last time that a date can be (ECMA-262, 21.4.1.1), which the application then refuses in its own words. */
const lastTime = 8.64e15;

/** An ISO time that lies so far ahead. @param now ms since the epoch */
export const timeAhead = (ms: number, now: number): string =>
  new Date(Math.min(now + ms, lastTime)).toISOString();

/** Pure. The room's page, which lies beside its playlist. */
export const pageOf = (playUrl: string, name: string): string => `${new URL(playUrl).origin}/watch/${name}`;
