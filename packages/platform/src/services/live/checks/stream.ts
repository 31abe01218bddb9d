/** A stream of a check's own, as far as edges show it. */
import { md5, sign } from "../../../../../live/src/signature/index.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { namesOf, ports, secrets } from "../names.ts";
import { type LiveCtx, until, view } from "./evidence.ts";
import { onAir, type Room, withRoom } from "./room.ts";

/** Addresses with a genuine signature, of one stream. */
export interface Playable {
  readonly room: Room;
  readonly master: string;
  readonly media: string;
  /** The newest when it was looked for. */
  readonly segment: string;
}

/** Long enough for any check, and no longer: whoever reads it in a log can do nothing with it. */
const validSeconds = 300;

/** A signature of the edges' own key. @param over what of it is to be otherwise */
export async function signature(
  ctx: LiveCtx,
  stream: string,
  over: Partial<Pick<Parameters<typeof sign>[0], "dialect" | "expires" | "rand">> = {},
): Promise<string> {
  const key = await ctx.secrets.value(secrets.play.id);
  const expires = Math.floor(ctx.now() / 1_000) + validSeconds;
  return sign({ dialect: "nginx", use: "play", stream, key, expires, ...over }, md5);
}

/** The addresses of a playlist, each with the query that the edge gave it. */
export const addressesIn = (playlist: string): readonly string[] =>
  playlist.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

/** Waits until an edge has the stream's first segment, and gives its addresses. @throws when it does not come */
export async function playable(ctx: LiveCtx, edge: InstanceName, room: Room): Promise<Playable> {
  const master = `/live/${room.name}.m3u8?${await signature(ctx, room.name)}`;
  return until(ctx, `${room.name} at ${edge}`, 8_000, async () => {
    const listed = await view(ctx, edge, master);
    if (listed.status !== 200) throw new Error(`the master playlist: ${listed.status}`);
    const [first] = addressesIn(listed.text);
    if (first === undefined) throw new Error("the master playlist is empty");
    const media = below(master, first);
    const segment = addressesIn((await view(ctx, edge, media)).text).at(-1);
    return segment === undefined ? undefined : { room, master, media, segment: below(media, segment) };
  });
}

/** An address as a playlist at another one means it (RFC 8216, 4.1). */
export const below = (at: string, address: string): string => {
  const { pathname, search } = new URL(address, new URL(at, "https://edge"));
  return `${pathname}${search}`;
};

/** While a stream of the check's own is on the air, at the first ingest. */
export const withStream = <T>(ctx: LiveCtx, work: (stream: Playable) => Promise<T>): Promise<T> =>
  withRoom(ctx, (room) => {
    const [ingest = ""] = namesOf("ingest");
    const [edge = ""] = namesOf("edge");
    const address = ctx.net.address(ingest, ports.rtmp.name);
    return onAir(address, `${room.name}?key=${room.key}`, async () => work(await playable(ctx, edge, room)));
  });
