/** `services.live` of mall.yaml. Defaults are the deployment plan's figures (docs/requirements.md, LV). */
import { z } from "zod";
import { described } from "../../spec/described.ts";
import type { ProfileName } from "../../spec/site.ts";
import { bytes, cores, milliseconds } from "../../spec/units.ts";
import { refererPattern } from "./edge-spec.ts";

const url = (scheme: string) =>
  z
    .string()
    .regex(new RegExp(`^${scheme}://[^/\\s]+(?:/[^\\s?#]*)?$`), `an address that begins with ${scheme}://`);

const limit = (value: number) => z.number().int().min(0).max(100_000).default(value);

const rate = (perSecond: number, burst: number, en: string, zh: string) =>
  described(
    z
      .strictObject({
        perSecond: described(
          limit(perSecond),
          "Requests a second; 0: without a limit",
          "每秒请求数；0 表示不限制",
        ),
        burst: described(
          limit(burst),
          "Requests beyond it that are let through at once",
          "超出速率时可立即放行的请求数",
        ),
      })
      .prefault({}),
    en,
    zh,
  );

export const liveSpec = z.strictObject({
  ingest: described(
    z
      .strictObject({
        memory: described(
          bytes().prefault("2Gi"),
          "Memory limit of each ingest: nginx, the packager, one ffmpeg a broadcast and another one a ladder",
          "每个推流入口的内存上限：nginx、打包器、每场直播一个 ffmpeg，以及每组多清晰度各一个 ffmpeg",
        ),
        cpus: described(cores().default(2), "Limit of cores of each ingest", "每个推流入口的 CPU 核数上限"),
        broadcasts: described(
          z.number().int().min(1).max(1_000).default(8),
          "Broadcasts at once on each ingest; its memory for segments follows from it",
          "每个推流入口同时进行的直播数；分片所占内存由此得出",
        ),
        bitrate: described(
          z.number().int().min(100_000).max(100_000_000).default(4_000_000),
          "Bits a second of a broadcast that the memory for segments is made for",
          "计算分片内存时每场直播的码率（bit/s）",
        ),
        ladders: described(
          z.number().int().min(0).max(100).default(1),
          "Broadcasts at once on each ingest that have smaller renditions beside the source (720p, 480p, 360p), for which each takes about a core; further ones have the source alone",
          "每个推流入口同时提供较小清晰度（720p、480p、360p）的直播数，每场约占用一个 CPU 核；超出的直播仅提供原始清晰度",
        ),
        auctions: described(
          z.number().int().min(0).max(100).default(1),
          "Broadcasts at once on each ingest that are seen by WebRTC as well while an auction is open in their room, for which each takes about half a core",
          "每个推流入口在竞拍期间同时转为 WebRTC 的直播数，每场约占用半个 CPU 核",
        ),
      })
      .prefault({}),
    "Where publishers push to (RTMP, RTMPS)",
    "推流入口（RTMP、RTMPS）",
  ),
  edge: described(
    z
      .strictObject({
        memory: described(
          bytes().prefault("256Mi"),
          "Memory limit of each edge; the cache of segments follows from it",
          "每个边缘节点的内存上限；分片缓存大小由此得出",
        ),
        cpus: described(cores().default(1), "Limit of cores of each edge", "每个边缘节点的 CPU 核数上限"),
        connections: described(
          z.number().int().min(256).max(65_536).default(4_096),
          "Connections of each worker",
          "每个工作进程的连接数",
        ),
        referers: described(
          z.array(z.string().regex(refererPattern, "a host name, *. and a host name, or *")).default([]),
          "Hosts whose pages may play streams, besides the edge's own; '*': any page",
          "除边缘节点自身页面外，允许播放直播的页面主机名；'*' 表示不限制",
        ),
        allowEmptyReferer: described(
          z.boolean().default(true),
          "Play without a Referer too: applications and television sets send none",
          "允许没有 Referer 的播放请求：应用和电视通常不发送",
        ),
        trustedProxies: described(
          z
            .array(
              z.string().regex(/^[0-9a-f:.]+(?:\/[0-9]{1,3})?$/, "an address, or a network as 10.0.0.0/8"),
            )
            .default([]),
          "Addresses in front, such as a CDN's, whose X-Forwarded-For is believed",
          "前置代理（如 CDN）的地址；只信任它们的 X-Forwarded-For",
        ),
        mediaRate: rate(
          0,
          0,
          "Requests for playlists and segments that one address may make; 0: without a limit",
          "单个地址请求播放列表和分片的速率；0 表示不限制",
        ),
        apiRate: rate(
          50,
          200,
          "Requests to pages and the interface that one address may make; 0: without a limit",
          "单个地址请求页面和接口的速率；0 表示不限制",
        ),
      })
      .prefault({}),
    "What viewers play from (HTTPS, HTTP/2, HTTP/3)",
    "观众拉流的边缘节点（HTTPS、HTTP/2、HTTP/3）",
  ),
  app: described(
    z
      .strictObject({
        memory: described(
          bytes().prefault("192Mi"),
          "Memory limit of each instance of the application",
          "每个应用实例的内存上限",
        ),
        cpus: described(cores().default(1), "Limit of cores of each instance", "每个实例的 CPU 核数上限"),
      })
      .prefault({}),
    "Rooms, keys, and who may publish and play",
    "直播间、密钥，以及推流与播放的权限",
  ),
  auctions: described(
    z
      .strictObject({
        enabled: described(
          z.boolean().default(true),
          "Hosts and bidders see each other by WebRTC (LiveKit); without it auctions go on beside the room's stream",
          "主播与竞拍者之间使用 WebRTC（LiveKit）；关闭后，竞拍仍可在直播间的画面旁进行",
        ),
        memory: described(bytes().prefault("256Mi"), "Memory limit of LiveKit", "LiveKit 的内存上限"),
        cpus: described(cores().default(1), "Limit of cores of LiveKit", "LiveKit 的 CPU 核数上限"),
        address: described(
          z.union([z.ipv4(), z.ipv6()]).optional(),
          "Address at which browsers reach LiveKit's media ports; left out: the bind address",
          "浏览器访问 LiveKit 媒体端口所用的地址；不设置时为绑定地址",
        ),
      })
      .prefault({}),
    "Sound and picture of auctions with less than half a second between host and bidder",
    "竞拍的音视频，主播与竞拍者之间的延迟低于半秒",
  ),
  publicUrl: described(
    url("https").optional(),
    "Where viewers reach the edges; left out: this machine's port",
    "观众访问边缘节点的地址；不设置时为本机端口",
  ),
  pushUrl: described(
    url("rtmp").optional(),
    "Where publishers push to; left out: this machine's port",
    "推流地址；不设置时为本机端口",
  ),
  pushUrlTls: described(
    url("rtmps").optional(),
    "The same over TLS; left out: this machine's port",
    "TLS 推流地址；不设置时为本机端口",
  ),
  replays: described(
    z
      .strictObject({
        keepDays: described(
          z.number().int().min(1).max(3_650).default(90),
          "Days from a broadcast's beginning for which it can be watched again; then its objects are deleted, and can be brought back for the bucket's keepVersions",
          "自开播起可以观看回放的天数；到期后对象被删除，并可在存储桶的 keepVersions 天内恢复",
        ),
      })
      .prefault({}),
    "What was broadcast, to be watched afterwards (needs MinIO)",
    "直播回放（需要 MinIO）",
  ),
  playTtl: described(
    milliseconds().prefault("1h"),
    "How long a signed play address is valid",
    "签名播放地址的有效时长",
  ),
});

export type LiveSpec = z.output<typeof liveSpec>;

/** What a profile sets where the user says nothing. */
export const liveProfiles: Readonly<Record<ProfileName, z.input<typeof liveSpec>>> = {
  small: {
    ingest: { memory: "896Mi", broadcasts: 2 },
    edge: { memory: "160Mi" },
    app: { memory: "160Mi" },
    auctions: { memory: "160Mi" },
  },
  standard: {},
  production: {
    ingest: { memory: "6Gi", cpus: 8, broadcasts: 24, ladders: 4, auctions: 2 },
    edge: { memory: "1Gi", cpus: 4, connections: 16_384 },
    app: { memory: "384Mi", cpus: 2 },
    auctions: { memory: "1Gi", cpus: 4 },
  },
};
