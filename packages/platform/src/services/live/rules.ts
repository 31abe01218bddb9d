/** What is wrong or risky in a live spec before anything runs. */
import type { Finding } from "../../rules/finding.ts";
import type { Site } from "../../spec/site.ts";
import { formatBytes } from "../../spec/units.ts";
import { text } from "../../text.ts";
import { mediaAddress } from "./plan/livekit.ts";
import { sizesOf } from "./sizing.ts";
import type { LiveSpec } from "./spec.ts";

const MiB = 2 ** 20;
/** nginx, the supervisor on Node.js, and one ffmpeg that copies (measured: 40 MiB each). */
const baseBytes = 128 * MiB;
const perBroadcastBytes = 40 * MiB;
/** An ffmpeg that makes 720p, 480p and 360p of 1080p. */
const perLadderBytes = 256 * MiB;
/** An ffmpeg that makes 720p for WebRTC, without looking ahead. */
const perAuctionBytes = 128 * MiB;

export const liveRules = (spec: LiveSpec, site: Site): readonly Finding[] => [
  ...segments(spec),
  ...unreachable(spec, site),
];

function unreachable(spec: LiveSpec, site: Site): readonly Finding[] {
  if (!spec.auctions.enabled || mediaAddress(spec, site) !== undefined) return [];
  return [
    {
      id: "LV-MEDIA-ADDRESS",
      severity: "warning",
      path: "services.live.auctions.address",
      reason: text(
        `Ports are published on ${site.bind}, and browsers are told one address to send sound and picture to: elsewhere than on this machine auctions stay dark.`,
        `端口发布在 ${site.bind}，而浏览器只会得到一个收发音视频的地址：除本机外，竞拍没有画面。`,
      ),
      fix: text(
        "Set services.live.auctions.address to the address at which browsers reach this machine.",
        "请将 services.live.auctions.address 设为浏览器访问本机的地址。",
      ),
      source: "LV-18",
      acceptable: true,
    },
  ];
}

function segments(spec: LiveSpec): readonly Finding[] {
  // Two folders of segments, both in memory.
  const { broadcasts, ladders } = spec.ingest;
  const auctions = spec.auctions.enabled ? spec.ingest.auctions : 0;
  const { segmentBytes, ladderSegmentBytes } = sizesOf(spec);
  const needed =
    baseBytes +
    broadcasts * perBroadcastBytes +
    ladders * perLadderBytes +
    auctions * perAuctionBytes +
    2 * segmentBytes +
    ladderSegmentBytes;
  if (needed <= spec.ingest.memory) return [];
  return [
    {
      id: "LV-MEMORY",
      severity: "warning",
      path: "services.live.ingest.memory",
      reason: text(
        `${broadcasts} broadcasts at once may need ${formatBytes(needed)} of each ingest's ${formatBytes(spec.ingest.memory)}: their segments are kept in memory.`,
        `${broadcasts} 场直播同时进行时，每个推流入口可能需要 ${formatBytes(needed)}，超过 ${formatBytes(spec.ingest.memory)}：分片保存在内存中。`,
      ),
      fix: text(
        "Give it more memory, or lower broadcasts, ladders, auctions or bitrate.",
        "请增加内存，或调低 broadcasts、ladders、auctions 或 bitrate。",
      ),
      source: "LV-3",
      acceptable: true,
    },
  ];
}
