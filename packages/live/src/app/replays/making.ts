/** Makes replays of recordings that have ended and deletes those that nobody is to have, for as long as it runs. */
import type { Bucket } from "../../bucket/bucket.ts";
import { folderOf, playlistFile } from "../../replay/names.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { playlistOf, replayOf } from "./playlist.ts";
import type { Claimed, Replays } from "./store.ts";

export interface MakingDeps {
  readonly replays: Pick<Replays, "claim" | "made" | "removed" | "putBack" | "expire">;
  readonly bucket: Pick<Bucket, "list" | "put" | "remove">;
  /** Name of this instance's claims: another one's are not its own. */
  readonly owner: string;
  readonly keepDays: number;
  readonly log: Log;
  /** Ends at once when the application is stopped. */
  readonly pause: (ms: number) => Promise<void>;
}

const lookMs = 1_000;
const expireMs = 60_000;
/** Objects that are deleted at once. */
const atOnce = 8;

export async function makeReplays(deps: MakingDeps, signal: AbortSignal): Promise<void> {
  const { replays, log, owner } = deps;
  let expireAt = 0;
  for (let fault = ""; !signal.aborted; await deps.pause(lookMs)) {
    try {
      if (Date.now() >= expireAt) {
        const count = await replays.expire(deps.keepDays);
        if (count > 0) log("replays are too old", { count });
        expireAt = Date.now() + expireMs;
      }
      for (const state of ["waiting", "deleting"] as const) {
        const claimed = await replays.claim(state, owner);
        if (claimed === undefined) continue;
        try {
          await (state === "waiting" ? make(deps, claimed) : erase(deps, claimed));
        } catch (error) {
          await replays.putBack(claimed.broadcast, owner);
          throw error;
        }
      }
      fault = "";
    } catch (error) {
      const cause = messageOf(error);
      if (cause !== fault) log("replays have to wait", { cause });
      fault = cause;
    }
  }
}

async function make({ replays, bucket, owner, log }: MakingDeps, claimed: Claimed): Promise<void> {
  const { broadcast, room } = claimed;
  const folder = folderOf(room, broadcast);
  const replay = replayOf(await bucket.list(folder), folder);
  if (replay.segments.length > 0) {
    const playlist = playlistOf(replay, broadcast);
    await bucket.put(
      `${folder}${playlistFile}`,
      new TextEncoder().encode(playlist),
      "application/vnd.apple.mpegurl",
    );
  }
  const isDone = await replays.made(claimed, owner, replay);
  if (!isDone) return replays.putBack(broadcast, owner);
  const { seconds, segments, bytes } = replay;
  log("replay made", { room, broadcast, seconds, segments: segments.length, bytes });
}

/** The playlist first: what is half deleted must not be played. */
async function erase({ replays, bucket, owner, log }: MakingDeps, claimed: Claimed): Promise<void> {
  const { broadcast, room } = claimed;
  const folder = folderOf(room, broadcast);
  await bucket.remove(`${folder}${playlistFile}`);
  const all = await bucket.list(folder);
  for (let i = 0; i < all.length; i += atOnce)
    await Promise.all(all.slice(i, i + atOnce).map(({ key }) => bucket.remove(key)));
  await replays.removed(broadcast, owner);
  log("replay deleted", { room, broadcast, objects: all.length });
}
