/** A stream of a check's own, as far as edges show it. */
import { randomBytes } from "node:crypto";
import {
  byPath,
  type Dialect,
  dialects,
  masterPath,
  md5,
  sign,
  signPath,
} from "../../../../../live/src/signature/index.ts";
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

/** Where a signature stands: in the query by a dialect, or in the path, as the application gives it to viewers. */
export type Manner = Dialect | "path";
export const manners: readonly Manner[] = ["path", ...dialects];

/**
 * What makes an address of this stream another one, signed with the edges' own key.
 * @param expires Unix seconds
 */
export async function signer(
  ctx: LiveCtx,
  stream: string,
  manner: Manner,
  expires = Math.floor(ctx.now() / 1_000) + validSeconds,
): Promise<(address: string) => string> {
  const key = await ctx.secrets.value(secrets.play.id);
  if (manner === "path") {
    const viewer = randomBytes(8).toString("hex");
    const signature = signPath({ stream, key, expires, viewer }, md5);
    return (address) => byPath(address, signature);
  }
  const query = sign({ dialect: manner, use: "play", stream, key, expires }, md5);
  return (address) => `${address}?${query}`;
}

/** The addresses of a playlist, each with the query that the edge gave it. */
export const addressesIn = (playlist: string): readonly string[] =>
  playlist.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

/** Waits until an edge has the stream's first segment, and gives its addresses. @throws when it does not come */
export async function playable(ctx: LiveCtx, edge: InstanceName, room: Room): Promise<Playable> {
  const master = (await signer(ctx, room.name, "nginx"))(masterPath(room.name));
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

/** Without its query: an object has one path, whatever its signatures. */
export const bare = (address: string): string => address.replace(/\?.*/, "");

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
