/** Many viewers of one stream from one edge, each with a connection and a signature of its own. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createSecureContext, type SecureContext } from "node:tls";
import { Agent, Client, request } from "undici";
import { readPlaylist } from "../../../../live/src/hls/rules.ts";
import { byPath, md5, mediaPath, sign, signPath } from "../../../../live/src/signature/index.ts";
import { messageOf } from "../../errors.ts";
import { containerName } from "../../targets/compose/names.ts";
import { text } from "../../text.ts";
import type { Figure } from "../figure.ts";
import type { Target } from "./load.ts";
import type { RoomedMall } from "./mall.ts";
import { addressIn } from "./plain-nginx.ts";
import { type Listed, playback } from "./playback.ts";

const viewers = 2_000;
/** They come one after the other: who asks for all of them has one core for their handshakes, and must not be late itself. */
const comingSeconds = 25;
const togetherSeconds = 30;
const connectMs = 20_000;
const instance = "live-edge-1";
export const viewersKbits = 600;

export interface OneEdge {
  readonly instance: string;
  readonly target: Omit<Target, "path">;
  readonly agent: Agent;
  /** The stream's media playlist, without a signature. */
  readonly media: string;
  /** A signature in the path, as a page gets it; another one for each number. */
  signature(number: number): string;
  /** The same in the query. */
  query(): string;
  /** The newest segment, without a signature. */
  newest(): Promise<string>;
}

/** Asked at its own address, without the balancer in front of both. */
export async function withEdge<T>(mall: RoomedMall, work: (edge: OneEdge) => Promise<T>): Promise<T> {
  const secrets = mall.secretsOf("operator");
  const { ca } = await secrets.identity();
  const key = await secrets.value("live.play");
  const container = containerName(mall.name, instance);
  const origin = `https://${await addressIn(mall, container)}:8443`;
  const agent = new Agent({ connect: { ca, servername: instance } });
  const media = mediaPath(mall.room, "source");
  const expires = Math.floor(Date.now() / 1_000) + 3_600;
  const grant = { stream: mall.room, key, expires };
  const signature = (number: number): string =>
    signPath({ ...grant, viewer: number.toString(16).padStart(16, "0") }, md5);
  const newest = async (): Promise<string> => {
    for (let left = 60; ; left -= 1) {
      const { statusCode, body } = await request(`${origin}${byPath(media, signature(0))}`, {
        dispatcher: agent,
      });
      const list = await body.text();
      const last = statusCode === 200 ? readPlaylist(list).segments.at(-1) : undefined;
      if (last !== undefined) return below(media, last);
      if (left === 0) throw new Error("the stream does not play");
      await sleep(500, undefined, { signal: mall.signal });
    }
  };
  try {
    return await work({
      ...{ instance, target: { container, origin, ca, serverName: instance }, agent, media, signature },
      ...{ query: () => sign({ dialect: "nginx", use: "play", ...grant }, md5), newest },
    });
  } finally {
    await agent.close();
  }
}

const below = (playlist: string, { uri }: Listed): string => new URL(uri, `https://edge${playlist}`).pathname;

interface Seen {
  segments: number;
  late: number;
  failed: number;
  /** Why the first one did. */
  failure: string;
  /** Requests that the edge passed on, by segment. */
  readonly passedOn: Map<string, number>;
}

export const viewerFigures = (mall: RoomedMall): Promise<readonly Figure[]> =>
  withEdge(mall, (edge) => figuresAt(mall, edge));

async function figuresAt(mall: RoomedMall, edge: OneEdge): Promise<readonly Figure[]> {
  await edge.newest();
  // A player that begins finds its three segments.
  await sleep(9_000, undefined, { signal: mall.signal });
  const seen: Seen = { segments: 0, late: 0, failed: 0, failure: "", passedOn: new Map() };
  // Read once: two thousand certificates of the CA would take longer to read than all that is measured.
  const trust = createSecureContext({ ca: edge.target.ca });
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const end = performance.now() + (comingSeconds + togetherSeconds) * 1_000;
  await Promise.all(
    Array.from({ length: viewers }, (_, i) =>
      viewer(mall, edge, trust, i, (i / viewers) * comingSeconds, end, seen),
    ),
  );
  delay.disable();
  const busy = Math.round(delay.percentile(99) / 1e6);
  const most = Math.max(0, ...seen.passedOn.values());
  return [
    {
      id: "viewers-late",
      title: text(
        `late segments of ${viewers} viewers of ${viewersKbits} kbit/s from one edge`,
        `单个边缘 ${viewers} 名观众（${viewersKbits} kbit/s）的迟到分片`,
      ),
      ...{ value: seen.late + seen.failed, bound: 0, unit: "" },
      note: text(
        `${seen.segments} segments, ${seen.failed} requests failed${seen.failure}; who asked was held up for ${busy} ms (p99)`,
        `共 ${seen.segments} 个分片，${seen.failed} 次请求失败${seen.failure}；请求方自身延迟 p99 为 ${busy} 毫秒`,
      ),
    },
    {
      id: "viewers-origin",
      title: text("requests to the ingests for one segment, at most", "单个分片回源次数（最多）"),
      ...{ value: most === 0 ? Number.NaN : most, bound: 1, unit: "" },
      note: text(`${seen.passedOn.size} segments`, `共 ${seen.passedOn.size} 个分片`),
    },
  ];
}

async function viewer(
  mall: RoomedMall,
  { target, media, signature }: OneEdge,
  trust: SecureContext,
  number: number,
  afterSeconds: number,
  end: number,
  seen: Seen,
): Promise<void> {
  await sleep(afterSeconds * 1_000);
  const client = new Client(target.origin, {
    connect: { secureContext: trust, servername: target.serverName, timeout: connectMs },
  });
  const player = playback();
  const list = byPath(media, signature(number));
  try {
    while (performance.now() < end) {
      mall.signal.throwIfAborted();
      const wanted = player.wants(readPlaylist(await textOf(client, list)).segments);
      for (const segment of wanted) {
        if (await fetched(client, below(list, segment)))
          seen.passedOn.set(segment.uri, (seen.passedOn.get(segment.uri) ?? 0) + 1);
        seen.segments += 1;
        if (player.received(segment, performance.now())) seen.late += 1;
      }
      const seconds = wanted.at(-1)?.duration ?? 1.5;
      await sleep(Math.min(seconds * 1_000, Math.max(0, end - performance.now())));
    }
  } catch (error) {
    mall.signal.throwIfAborted();
    seen.failed += 1;
    if (seen.failure === "") seen.failure = ` (${messageOf(error)})`;
  } finally {
    await client.destroy();
  }
}

async function textOf(client: Client, path: string): Promise<string> {
  const { statusCode, body } = await client.request({ method: "GET", path });
  const got = await body.text();
  if (statusCode !== 200) throw new Error(`${statusCode} for a playlist`);
  return got;
}

/** @returns whether the edge had to ask for it */
async function fetched(client: Client, path: string): Promise<boolean> {
  const { statusCode, headers, body } = await client.request({ method: "GET", path });
  for await (const _ of body);
  if (statusCode !== 200) throw new Error(`${statusCode} for a segment`);
  return headers["x-cache"] !== "HIT";
}
