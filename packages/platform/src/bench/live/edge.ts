/** What the edge's program costs: the edge beside nginx without it, on the same bytes, taking turns. */
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import type { Text } from "../../text.ts";
import { text } from "../../text.ts";
import type { Figure } from "../figure.ts";
import { type Load, load, perCore, sumOf, type Target } from "./load.ts";
import type { RoomedMall } from "./mall.ts";
import { withPlainNginx } from "./plain-nginx.ts";
import { edgeFor, type OneEdge } from "./viewers.ts";

const rounds = 3;
const roundSeconds = 3;

/** 1 MB is 3 s of this. */
export const segmentKbits = 2_800;

export const segmentFigure = async (mall: RoomedMall): Promise<Figure> => {
  const edge = await edgeFor(mall);
  const path = (await edge.newest()).path;
  return compared(mall, edge, path, "segment.ts", {
    ...{ id: "edge-segments", bound: 85 },
    title: text(
      "edge by plain nginx, segments of 1 MB, requests a core",
      "边缘与原生 nginx 之比：1 MB 分片，单核请求数",
    ),
  });
};

export const playlistFigure = async (mall: RoomedMall): Promise<Figure> => {
  const edge = await edgeFor(mall);
  return compared(mall, edge, `${edge.media}?${edge.signature(0)}`, "source.m3u8", {
    ...{ id: "edge-playlists", bound: 50 },
    title: text(
      "edge by plain nginx, playlists, requests a core",
      "边缘与原生 nginx 之比：播放列表，单核请求数",
    ),
  });
};

async function compared(
  mall: RoomedMall,
  edge: OneEdge,
  path: string,
  name: string,
  figure: { readonly id: string; readonly bound: number; readonly title: Text },
): Promise<Figure> {
  const ours: Target = { ...edge.target, path };
  const content = await bodyOf(edge, path);
  return withPlainNginx(mall, edge.instance, { name, content }, async (plain) => {
    // Neither is asked for the first time.
    for (const target of [plain, ours]) await warm(mall, target);
    const [plains, edges]: [Load[], Load[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      mall.signal.throwIfAborted();
      plains.push(await load(mall.engine, plain, roundSeconds));
      edges.push(await load(mall.engine, ours, roundSeconds));
    }
    const [sumPlain, sumEdge] = [sumOf(plains), sumOf(edges)];
    const read = (sum: Load) => `${Math.round(perCore(sum))} (${Math.round(sum.requests / sum.seconds)}/s)`;
    const kilobytes = Math.round(content.length / 1_000);
    return {
      ...{ ...figure, unit: "%", atLeast: true, value: (100 * perCore(sumEdge)) / perCore(sumPlain) },
      note: text(
        `${kilobytes} kB: edge ${read(sumEdge)}, plain ${read(sumPlain)}`,
        `${kilobytes} kB：边缘 ${read(sumEdge)}，原生 ${read(sumPlain)}`,
      ),
    };
  });
}

/** A server that has just been started may not listen yet. */
async function warm(mall: RoomedMall, target: Target): Promise<void> {
  for (let left = 20; ; left -= 1) {
    const failure = await load(mall.engine, target, 1).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return;
    if (left === 0) throw failure;
    await sleep(250);
  }
}

async function bodyOf({ target, agent }: OneEdge, path: string): Promise<Uint8Array> {
  const { statusCode, body } = await request(`${target.origin}${path}`, { dispatcher: agent });
  if (statusCode !== 200) throw new Error(`the edge answers ${statusCode}`);
  return new Uint8Array(await body.arrayBuffer());
}
