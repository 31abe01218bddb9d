/** How soon a publisher is let in, turned away and cut. */
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "undici";
import { rtmpClient } from "../../../../live/src/rtmp/client.ts";
import { text } from "../../text.ts";
import { type Figure, percentile } from "../figure.ts";
import { kick, newKey, onAir, playUrls, type RoomedMall, routeOf } from "./mall.ts";
import { viewerAgent } from "./viewer-agent.ts";

const asked = 1_000;
const wrongKeys = 10;
const cutMs = 15_000;
/** The certificate that an ingest asks with. */
const ingest = "live-ingest-1";

/** Questions of one ingest, one after the other over one connection, as nginx's hooks come. */
export async function authorizationFigure(mall: RoomedMall): Promise<Figure> {
  const { key } = await newKey(mall);
  const { host, port, serverName } = mall.net.route(routeOf(mall, "live-app"));
  const { ca, cert, key: own } = await mall.secretsOf(ingest).identity();
  const client = new Client(`https://${host}:${port}`, {
    connect: { ca, cert, key: own, servername: serverName },
  });
  const tell = async (path: string, body: object): Promise<{ readonly broadcast?: string }> => {
    const answer = await client.request({
      ...{ method: "POST", path: `/internal/${path}`, body: JSON.stringify(body) },
      headers: { "content-type": "application/json" },
    });
    const said = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${path}: ${answer.statusCode} ${said}`);
    return said === "" ? {} : (JSON.parse(said) as { readonly broadcast?: string });
  };
  try {
    const ms: number[] = [];
    for (let i = 0; i < asked; i += 1) {
      mall.signal.throwIfAborted();
      const who = { stream: mall.room, instance: ingest };
      const startedAt = performance.now();
      const { broadcast } = await tell("publish", {
        ...{ ...who, query: `key=${key}`, address: "127.0.0.1", clientId: `${Date.now()}${i}` },
      });
      ms.push(performance.now() - startedAt);
      await tell("done", { ...who, broadcast, reason: "bench" });
    }
    const middle = percentile(ms, 0.5).toFixed(1);
    return {
      id: "authorization",
      title: text("leave to publish, p99", "推流鉴权 p99"),
      ...{ value: percentile(ms, 0.99), bound: 20, unit: "ms" },
      note: text(`${asked} asked; the middle ${middle}`, `共 ${asked} 次；中位数 ${middle}`),
    };
  } finally {
    await client.close();
  }
}

export async function refusalFigure(mall: RoomedMall): Promise<Figure> {
  const { host, port } = mall.net.route(routeOf(mall, "live-rtmp"));
  let slowest = 0;
  for (let i = 0; i < wrongKeys; i += 1) {
    const client = await rtmpClient(host, port);
    try {
      client.publish(`${mall.room}?key=wrong${i}`);
      slowest = Math.max(slowest, (await client.closed(5_000)) ?? Number.POSITIVE_INFINITY);
    } finally {
      client.end();
    }
  }
  return {
    id: "refusal",
    title: text("a wrong key is refused", "错误密钥被拒绝"),
    ...{ value: slowest / 1_000, bound: 1, unit: "s" },
    note: text(`the slowest of ${wrongKeys}`, `${wrongKeys} 次中最慢`),
  };
}

/** Until the publisher's connection has ended and the playlist says so. */
export const kickFigure = (mall: RoomedMall): Promise<Figure> =>
  onAir(mall, 600, async ({ ended }) => {
    const { agent, get } = await viewerAgent(mall);
    try {
      const media = new URL((await playUrls(mall)).url.replace(".m3u8", "/source.m3u8"));
      const list = async () => (await get(`${media.pathname}${media.search}`)).text;
      for (const until = Date.now() + cutMs; !(await list()).includes(".ts"); await sleep(200))
        if (Date.now() > until) throw new Error("the stream did not begin to play");
      const startedAt = performance.now();
      await kick(mall, mall.room);
      const limit = AbortSignal.any([mall.signal, AbortSignal.timeout(cutMs)]);
      await Promise.race([ended, sleep(cutMs, undefined, { signal: limit })]);
      const publisher = (performance.now() - startedAt) / 1_000;
      for (; !(await list()).includes("#EXT-X-ENDLIST"); await sleep(100)) limit.throwIfAborted();
      return {
        id: "kick",
        title: text("a kick cuts a stream, and its playlist ends", "踢出后直播被切断且播放列表结束"),
        ...{ value: (performance.now() - startedAt) / 1_000, bound: 5, unit: "s" },
        note: text(`the publisher after ${publisher.toFixed(2)}`, `推流端 ${publisher.toFixed(2)} 秒后断开`),
      };
    } finally {
      await agent.close();
    }
  });
