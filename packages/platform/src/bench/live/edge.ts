/** What an edge's judging costs: the edge beside nginx that judges nothing, on the same bytes, taking turns. */
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { byPath } from "../../../../live/src/signature/index.ts";
import type { Text } from "../../text.ts";
import { text } from "../../text.ts";
import type { Figure } from "../figure.ts";
import { type Load, load, perCore, sumOf, type Target } from "./load.ts";
import type { RoomedMall } from "./mall.ts";
import { withPlainNginx } from "./plain-nginx.ts";
import { type OneEdge, withEdge } from "./viewers.ts";

const rounds = 3;
const roundSeconds = 3;

/** 1 MB is 3 s of this. */
export const segmentKbits = 2_800;

export const segmentFigure = (mall: RoomedMall): Promise<Figure> =>
  withEdge(mall, async (edge) =>
    compared(mall, edge, await edge.newest(), "segment.ts", {
      ...{ id: "edge-segments", bound: 85 },
      title: text(
        "edge by plain nginx, segments of 1 MB, requests a core",
        "边缘与原生 nginx 之比：1 MB 分片，单核请求数",
      ),
    }),
  );

export const playlistFigure = (mall: RoomedMall): Promise<Figure> =>
  withEdge(mall, (edge) =>
    compared(mall, edge, edge.media, "source.m3u8", {
      ...{ id: "edge-playlists", bound: 50 },
      title: text(
        "edge by plain nginx, playlists, requests a core",
        "边缘与原生 nginx 之比：播放列表，单核请求数",
      ),
    }),
  );

/** @param object without a signature; what counts is the one in the path, which viewers have */
async function compared(
  mall: RoomedMall,
  edge: OneEdge,
  object: string,
  name: string,
  figure: { readonly id: string; readonly bound: number; readonly title: Text },
): Promise<Figure> {
  const byPathOf: Target = { ...edge.target, path: byPath(object, edge.signature(0)) };
  const byQueryOf: Target = { ...edge.target, path: `${object}?${edge.query()}` };
  const content = await bodyOf(edge, byPathOf.path);
  return withPlainNginx(mall, edge.instance, { name, content }, async (plain) => {
    const targets = [plain, byPathOf, byQueryOf];
    // None is asked for the first time.
    for (const target of targets) await warm(mall, target);
    const loads: Load[][] = targets.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [i, target] of targets.entries()) {
        mall.signal.throwIfAborted();
        loads[i]?.push(await load(mall.engine, target, roundSeconds));
      }
    }
    const [plainSum, pathSum, querySum] = loads.map(sumOf) as [Load, Load, Load];
    const percent = (sum: Load) => (100 * perCore(sum)) / perCore(plainSum);
    const read = (sum: Load) => `${Math.round(perCore(sum))} (${Math.round(sum.requests / sum.seconds)}/s)`;
    const kilobytes = Math.round(content.length / 1_000);
    const ofQuery = percent(querySum).toFixed(0);
    return {
      ...{ ...figure, unit: "%", atLeast: true, value: percent(pathSum) },
      note: text(
        `${kilobytes} kB: edge ${read(pathSum)}, plain ${read(plainSum)}; signed in the query ${ofQuery} %`,
        `${kilobytes} kB：边缘 ${read(pathSum)}，原生 ${read(plainSum)}；查询串签名 ${ofQuery} %`,
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
