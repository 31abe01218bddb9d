/** LV-8: who may not publish is refused, and whose key is revoked is cut. */

import { rtmpClient } from "../../../../../live/src/rtmp/client.ts";
import { text } from "../../../text.ts";
import { patiently } from "../../patience.ts";
import { namesOf, ports } from "../names.ts";
import { operate } from "../operator.ts";
import { failed, type LiveCheck, type LiveCtx, passed, steps, until, view } from "./evidence.ts";
import { newKey, onAir, type Room, withRoom } from "./room.ts";
import { playable } from "./stream.ts";

/** Within which a publisher without the right is refused. */
const refusedMs = 1_000;
/**
 * Within which a running stream is cut: its ingest asks every two seconds. Not stretched on a busy machine, as a
 * publisher of whom nobody asks is given up after twenty seconds too, and that is no cut.
 */
const cutMs = 8_000;

const publishAddress = (ctx: LiveCtx) => ctx.net.address(namesOf("ingest")[0] ?? "", ports.rtmp.name);

export const refused: LiveCheck = {
  id: "live.publishers-refused",
  requirements: ["LV-8"],
  title: text(
    "No key, a wrong one, another room's, a revoked one and a repeated one are refused within a second",
    "无密钥、错误密钥、其他直播间的密钥、已吊销的密钥与重复的密钥均在一秒内被拒绝",
  ),
  kind: "scratch",
  needs: ["net"],
  async run(ctx) {
    let slowest = 0;
    const { right, evidence } = await steps((step) =>
      withRoom(ctx, (room) =>
        withRoom(ctx, async (other) => {
          const revoked = await newKey(ctx, room.name);
          await operate(ctx, "DELETE", `/v1/rooms/${room.name}/keys/${revoked.id}`);
          const queries = {
            "no key": "",
            "a wrong key": `?key=${room.key}x`,
            "another room's key": `?key=${other.key}`,
            "a revoked key": `?key=${revoked.key}`,
            "the key twice": `?key=${room.key}&key=${room.key}`,
          };
          for (const [what, query] of Object.entries(queries)) {
            const { read, ms } = await turnedAway(ctx, `${room.name}${query}`);
            slowest = Math.max(slowest, ms ?? Number.POSITIVE_INFINITY);
            step(what, read, ms !== undefined && ms <= patiently(ctx, refusedMs));
          }
          await onAir(publishAddress(ctx), `${room.name}?key=${room.key}`, async () =>
            step("the room's key", "is let in", true),
          );
        }),
      ),
    );
    return right
      ? passed(text(`refused within ${slowest} ms`, `在 ${slowest} 毫秒内拒绝`), evidence)
      : failed(text("not refused", "未被拒绝"), evidence);
  },
};

/** Refused means: never told to begin, and cut. `ms` is undefined where it was not. */
async function turnedAway(
  ctx: LiveCtx,
  name: string,
): Promise<{ readonly read: string; readonly ms?: number }> {
  const { host, port } = publishAddress(ctx);
  const client = await rtmpClient(host, port);
  try {
    client.publish(name);
    const ms = await client.closed(patiently(ctx, refusedMs));
    const codes = client.codes.join(", ");
    if (client.codes.includes("NetStream.Publish.Start")) return { read: `let in: ${codes}` };
    return ms === undefined
      ? { read: `still connected: ${codes || "no answer"}` }
      : { read: `${codes === "" ? "" : `${codes}, `}cut after ${ms} ms`, ms };
  } finally {
    client.end();
  }
}

export const revokedKey: LiveCheck = {
  id: "live.revoked-key-cuts",
  requirements: ["LV-8"],
  title: text(
    "A running stream is cut within seconds of its key being revoked, and its playlist ends",
    "推流密钥被吊销后，正在进行的直播在数秒内被切断，播放列表随之结束",
  ),
  kind: "scratch",
  needs: ["net"],
  waitsMs: 4_000,
  async run(ctx) {
    let seconds = "";
    const { right, evidence } = await steps((step) =>
      withRoom(ctx, (room) =>
        onAir(publishAddress(ctx), `${room.name}?key=${room.key}`, async (publisher) => {
          const edge = namesOf("edge")[0] ?? "";
          const { media } = await playable(ctx, edge, room);
          step(edge, "the stream plays", true);
          const since = performance.now();
          await revoke(ctx, room);
          await publisher.closed(cutMs);
          const ms = performance.now() - since;
          seconds = (ms / 1000).toFixed(1);
          step("publisher", `cut after ${seconds} s`, ms <= cutMs);
          await until(ctx, "the playlist's end", cutMs, async () => {
            const got = await view(ctx, edge, media);
            return got.text.includes("#EXT-X-ENDLIST") ? true : undefined;
          });
          step(edge, "the playlist has ended", true);
        }),
      ),
    );
    return right
      ? passed(text(`cut after ${seconds} s`, `${seconds} 秒后切断`), evidence)
      : failed(text("not cut", "未被切断"), evidence);
  },
};

const revoke = (ctx: LiveCtx, room: Room) =>
  operate(ctx, "DELETE", `/v1/rooms/${room.name}/keys/${room.keyId}`);
