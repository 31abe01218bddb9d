/** LV-19: smaller renditions beside the source, cut where it is and each segment from a keyframe on; the master lists no other. */
import { z } from "zod";
import { alignmentFaults, readPlaylist } from "../../../../../live/src/hls/rules.ts";
import { sourceRendition } from "../../../../../live/src/ingest/names.ts";
import { rungNames, rungsFor } from "../../../../../live/src/ingest/rungs.ts";
import { tsReader } from "../../../../../live/src/ingest/ts-reader.ts";
import { masterPath, mediaPath } from "../../../../../live/src/signature/index.ts";
import type { InstanceName } from "../../../plan/model.ts";
import { text } from "../../../text.ts";
import { ask } from "../client.ts";
import { namesOf, ports } from "../names.ts";
import {
  deviates,
  failed,
  type LiveCheck,
  type LiveCtx,
  passed,
  type Step,
  steps,
  until,
  view,
} from "./evidence.ts";
import { onAir, type Room, withRoom } from "./room.ts";
import { addressesIn, bare, below, playable, signer } from "./stream.ts";

/** The smallest source that has a rendition below it: 640 × 400, of which there is 360p. */
const size = { columns: 40, rows: 25 } as const;
const picture = { width: 16 * size.columns, height: 16 * size.rows };
/** Segments of the ladder's own, one after the other, at each edge. */
const segmentsWanted = 2;

const state = z.object({
  streams: z.array(z.object({ stream: z.string(), figures: z.object({ ladder: z.string() }) })),
});

/** What an ingest says of the room's ladder once it knows. */
const ladderOf = (ctx: LiveCtx, ingest: InstanceName, room: Room): Promise<string> =>
  until(ctx, `${room.name}'s ladder on ${ingest}`, 10_000, async () => {
    const { streams } = state.parse(
      JSON.parse((await ask(ctx, ingest, ports.status.name, "/v1/state")).text),
    );
    const found = streams.find(({ stream }) => stream === room.name)?.figures.ladder;
    return found === "starting" ? undefined : found;
  });

/** Pure. Renditions by their name, each with the size that the master says of it. */
export const renditionsIn = (master: string): ReadonlyMap<string, string> =>
  new Map(
    [...master.matchAll(/^#EXT-X-STREAM-INF:.*RESOLUTION=(\d+x\d+).*\n(?:.*\/)?([^/?\n]+)\.m3u8/gm)].map(
      ([, resolution = "", name = ""]) => [name, resolution],
    ),
  );

/** Pure. Whether the first picture of a segment can be decoded by itself. */
export function beginsWithKeyframe(segment: Uint8Array): boolean {
  let first: boolean | undefined;
  const reader = tsReader({
    onPacket: (_raw, begins) => {
      first ??= begins?.randomAccess;
    },
  });
  reader.push(segment);
  return first === true;
}

async function laddered(ctx: LiveCtx, step: Step, edge: InstanceName, room: Room): Promise<void> {
  const signed = await signer(ctx, room.name, "path");
  const at = (name: string): string => signed(mediaPath(room.name, name));
  const wanted = new Map([
    [sourceRendition, `${picture.width}x${picture.height}`],
    ...rungsFor(picture).map(({ name, width, height }) => [name, `${width}x${height}`] as const),
  ]);
  const read = renditionsIn((await view(ctx, edge, signed(masterPath(room.name)))).text);
  const same = [...wanted].every(([name, resolution]) => read.get(name) === resolution);
  const said = [...read].map(([name, resolution]) => `${name} ${resolution}`).join(", ");
  step(edge, `the master lists ${said || "nothing"}`, same && read.size === wanted.size);
  for (const name of rungNames.filter((one) => !read.has(one))) {
    const { status } = await view(ctx, edge, at(name));
    step(edge, `${name}, which it does not list: ${status}`, status === 404);
  }
  for (const name of [...wanted.keys()].filter((one) => one !== sourceRendition)) {
    const found = await until(ctx, `${segmentsWanted} segments of ${name}`, 10_000, async () => {
      const { text: playlist } = await view(ctx, edge, at(name));
      // Where one of its own is missing, the source's stands in its place.
      const made = addressesIn(playlist).slice(-segmentsWanted);
      const isOwn = made.every((address) => address.startsWith(`${name}/`));
      return isOwn && made.length === segmentsWanted ? { playlist, made } : undefined;
    });
    const source = readPlaylist((await view(ctx, edge, at(sourceRendition))).text);
    const own = readPlaylist(found.playlist);
    const faults = alignmentFaults(source, own);
    const newest = own.segments.at(-1);
    const reads = `${name} to ${newest?.sequence}, ${new Date(newest?.programDateTime ?? 0).toISOString()}: `;
    step(edge, reads + (faults.join("; ") || "number, date and length as the source's"), faults.length === 0);
    for (const address of found.made) {
      const { status, bytes } = await view(ctx, edge, below(at(name), address));
      const isKey = beginsWithKeyframe(bytes);
      const begins = isKey ? "begins with a keyframe" : "begins with no keyframe";
      step(edge, `${bare(address)} ${status}: ${begins}`, status === 200 && isKey);
    }
  }
}

const taken = "source only: limit reached";

export const ladder: LiveCheck = {
  id: "live.ladder",
  requirements: ["LV-19"],
  title: text(
    "A broadcast has smaller renditions, aligned with its source and beginning at keyframes, and the master lists no others",
    "直播提供较小的清晰度，与原画逐片对齐且均从关键帧开始；主播放列表只列出实际存在的清晰度",
  ),
  kind: "scratch",
  needs: ["net"],
  waitsMs: 4_000,
  async run(ctx) {
    if (ctx.spec.ingest.ladders === 0)
      return deviates(
        text(
          "every broadcast passes through: services.live.ingest.ladders is 0",
          "所有直播仅提供原始清晰度：services.live.ingest.ladders 为 0",
        ),
        [],
      );
    let on: InstanceName | undefined;
    const { right, evidence } = await steps(async (step) => {
      // Most other checks publish to the first.
      for (const ingest of namesOf("ingest").toReversed())
        on ??= await withRoom(ctx, (room) =>
          onAir(
            ctx.net.address(ingest, ports.rtmp.name),
            `${room.name}?key=${room.key}`,
            async () => {
              const [first = ""] = namesOf("edge");
              await playable(ctx, first, room);
              const said = await ladderOf(ctx, ingest, room);
              step(ingest, `ladder: ${said}`, said === "on" || said === taken);
              if (said !== "on") return undefined;
              await Promise.all(namesOf("edge").map((edge) => laddered(ctx, step, edge, room)));
              return ingest;
            },
            size,
          ),
        );
    });
    if (!right) return failed(text("not as planned", "与规划不符"), evidence);
    return on === undefined
      ? deviates(text("every ladder is in use by a broadcast", "所有多清晰度名额均被直播占用"), evidence)
      : passed(text("aligned, from keyframes on", "逐片对齐，均从关键帧开始"), evidence);
  },
};
