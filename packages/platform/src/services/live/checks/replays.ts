/** LV-17: what was broadcast is there to be watched, whole, as soon as it has ended. */
import type { ReplayDetail, RoomDetail } from "../../../../../live/src/app/api.ts";
import { replayPath } from "../../../../../live/src/signature/index.ts";
import { text } from "../../../text.ts";
import { namesOf, ports } from "../names.ts";
import { operate } from "../operator.ts";
import {
  deviates,
  failed,
  hasStore,
  type LiveCheck,
  type LiveCtx,
  passed,
  steps,
  until,
  view,
} from "./evidence.ts";
import { onAir, type Room, withRoom } from "./room.ts";
import { addressesIn, below, playable, signer } from "./stream.ts";

/** The ingest tells that all is uploaded, and the application looks every second. The plan gives it a minute. */
const readyMs = 10_000;
/** Two playlists write the same length in thousandths, one a segment. */
const sameSeconds = 0.05;

/** Pure. What the segments of a playlist last together (RFC 8216, 4.3.2.1). */
export const secondsIn = (playlist: string): number =>
  [...playlist.matchAll(/^#EXTINF:([0-9.]+)/gm)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);

/** A broadcast of some segments, to its end. @returns its id and its live playlist when it had ended */
async function broadcastOnce(
  ctx: LiveCtx,
  room: Room,
): Promise<{ readonly id: string; readonly ended: string }> {
  const [ingest = ""] = namesOf("ingest");
  const [edge = ""] = namesOf("edge");
  const address = ctx.net.address(ingest, ports.rtmp.name);
  const { id, media } = await onAir(address, `${room.name}?key=${room.key}`, async () => {
    const found = await playable(ctx, edge, room);
    await until(ctx, "a second segment", 5_000, async () => {
      const { text: playlist } = await view(ctx, edge, found.media);
      return addressesIn(playlist).length > 1 ? true : undefined;
    });
    const { broadcast } = await operate<RoomDetail>(ctx, "GET", `/v1/rooms/${room.name}`);
    if (broadcast === null) throw new Error("the room is live at an edge, and not in the application");
    return { id: broadcast.id, media: found.media };
  });
  const ended = await until(ctx, "the live playlist's end", 5_000, async () => {
    const { text: playlist } = await view(ctx, edge, media);
    return playlist.includes("#EXT-X-ENDLIST") ? playlist : undefined;
  });
  return { id, ended };
}

export const replay: LiveCheck = {
  id: "live.replay",
  requirements: ["LV-17"],
  title: text(
    "A broadcast that has ended is played from MinIO by every edge, as long as it was and with its signature alone",
    "已结束的直播可由每个边缘节点从 MinIO 播放，时长完整，且必须带签名",
  ),
  kind: "scratch",
  needs: ["net"],
  waitsMs: 5_000,
  async run(ctx) {
    if (!hasStore(ctx, "minio"))
      return deviates(text("nothing is recorded: MinIO is left out", "未包含 MinIO，不进行录制"), []);
    let readyAfter = "";
    const { right, evidence } = await steps((step) =>
      withRoom(ctx, async (room) => {
        const { id, ended } = await broadcastOnce(ctx, room);
        const since = performance.now();
        const made = await until(ctx, "the replay", readyMs, () =>
          operate<ReplayDetail>(ctx, "GET", `/v1/replays/${id}`),
        );
        readyAfter = ((performance.now() - since) / 1000).toFixed(1);
        step(
          "live-app",
          `listed ${readyAfter} s after the end: ${made.segments} segments, ${made.seconds} s`,
          true,
        );
        const path = replayPath(room.name, id);
        const signed = (await signer(ctx, room.name, "path"))(path);
        for (const edge of namesOf("edge")) {
          const got = await view(ctx, edge, signed);
          const [seconds, wanted] = [secondsIn(got.text), secondsIn(ended)];
          const isWhole =
            got.text.includes("#EXT-X-PLAYLIST-TYPE:VOD") &&
            got.text.includes("#EXT-X-ENDLIST") &&
            addressesIn(got.text).length === addressesIn(ended).length &&
            Math.abs(seconds - wanted) <= sameSeconds;
          step(
            edge,
            `playlist ${got.status}: ${seconds.toFixed(1)} s of ${wanted.toFixed(1)} s broadcast`,
            isWhole,
          );
          const last = below(signed, addressesIn(got.text).at(-1) ?? "");
          const segment = await view(ctx, edge, last);
          step(edge, `last segment ${segment.status}, ${segment.text.length} bytes`, segment.status === 200);
          const bare = await view(ctx, edge, path);
          step(edge, `without a signature: ${bare.status}`, bare.status === 403);
        }
      }),
    );
    return right
      ? passed(text(`there after ${readyAfter} s`, `${readyAfter} 秒后可播放`), evidence)
      : failed(text("not there, or not whole", "没有回放，或不完整"), evidence);
  },
};
