/** The figures of live streaming on a mall that runs, one part after the other: each has the machine to itself. */
import { messageOf } from "../../errors.ts";
import { type Text, text } from "../../text.ts";
import type { Figure } from "../figure.ts";
import { auctionFigure } from "./auction.ts";
import { playlistFigure, segmentFigure, segmentKbits } from "./edge.ts";
import { glassFigures } from "./glass.ts";
import { type LiveMall, onAir, type RoomedMall, withRoom } from "./mall.ts";
import { authorizationFigure, kickFigure, refusalFigure } from "./publishing.ts";
import { viewerFigures, viewersKbits } from "./viewers.ts";

interface Part {
  readonly title: Text;
  measure(mall: RoomedMall): Promise<readonly Figure[]>;
}

/** In the order in which they are measured. */
const parts = {
  glass: {
    title: text("from the camera to the screen, by HLS in a browser", "HLS 端到端延迟（浏览器）"),
    measure: glassFigures,
  },
  publishing: {
    title: text("publishers: let in, refused, cut", "推流：鉴权、拒绝与踢出"),
    measure: async (mall) => [
      await authorizationFigure(mall),
      await refusalFigure(mall),
      await kickFigure(mall),
    ],
  },
  segments: {
    title: text("segments by the edge and by plain nginx", "边缘与原生 nginx：分片"),
    measure: (mall) => onAir(mall, segmentKbits, async () => [await segmentFigure(mall)]),
  },
  viewers: {
    title: text("many viewers of one edge, and its playlists", "单个边缘的大量观众与播放列表"),
    // By then the playlist is as long as it becomes.
    measure: (mall) =>
      onAir(mall, viewersKbits, async () => [...(await viewerFigures(mall)), await playlistFigure(mall)]),
  },
  auction: {
    title: text("bids, and who sees them", "出价与可见延迟"),
    measure: async (mall) => [await auctionFigure(mall)],
  },
} as const satisfies Readonly<Record<string, Part>>;

export type PartName = keyof typeof parts;
export const partNames = Object.keys(parts) as readonly PartName[];

/** A part that fails is a figure that is not met, with the reason, and the others are measured all the same. */
export async function benchLive(mall: LiveMall, only: readonly PartName[]): Promise<readonly Figure[]> {
  const wanted = partNames.filter((name) => only.length === 0 || only.includes(name));
  const figures: Figure[] = [];
  for (const name of wanted) {
    const { title, measure }: Part = parts[name];
    try {
      figures.push(...(await mall.progress.task(title, () => withRoom(mall, measure))));
    } catch (error) {
      mall.signal.throwIfAborted();
      const why = messageOf(error);
      figures.push({ id: name, title, value: Number.NaN, bound: Number.NaN, unit: "", note: text(why, why) });
    }
  }
  return figures;
}
