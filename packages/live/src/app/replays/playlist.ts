/** A replay from what lies in the bucket, and nothing else: the names of its segments say all (replay/names.ts). Pure. */
import type { Item } from "../../bucket/bucket.ts";
import { posterFile, type Recorded, recordedFile, recordedOf } from "../../replay/names.ts";

export interface Replay {
  /** In their order, each number once. */
  readonly segments: readonly Recorded[];
  readonly seconds: number;
  readonly bytes: number;
  readonly hasPoster: boolean;
}

/** @param items all objects below `folder` */
export function replayOf(items: readonly Item[], folder: string): Replay {
  const found = new Map<number, { readonly recorded: Recorded; readonly bytes: number }>();
  for (const { key, bytes } of items) {
    const recorded = key.startsWith(folder) ? recordedOf(key.slice(folder.length)) : undefined;
    if (recorded !== undefined) found.set(recorded.sequence, { recorded, bytes });
  }
  const all = [...found.values()].sort((a, b) => a.recorded.sequence - b.recorded.sequence);
  return {
    segments: all.map(({ recorded }) => recorded),
    seconds: all.reduce((sum, { recorded }) => sum + recorded.durationMs, 0) / 1000,
    bytes: all.reduce((sum, each) => sum + each.bytes, 0),
    hasPoster: items.some(({ key }) => key === `${folder}${posterFile}`),
  };
}

/**
 * Its playlist by RFC 8216: whole (4.3.3.5, 4.3.3.4), no segment longer than the target (4.3.3.1), and a discontinuity
 * wherever time stamps do not go on, be it that one is missing.
 * @param below folder of the segments, relative to the playlist's own address
 */
export function playlistOf({ segments }: Replay, below: string): string {
  const longestMs = Math.max(1000, ...segments.map(({ durationMs }) => durationMs));
  const lines = [
    "#EXTM3U",
    "#EXT-X-VERSION:3",
    "#EXT-X-PLAYLIST-TYPE:VOD",
    `#EXT-X-TARGETDURATION:${Math.round(longestMs / 1000)}`,
    "#EXT-X-MEDIA-SEQUENCE:0",
  ];
  for (const [i, segment] of segments.entries()) {
    const before = segments[i - 1];
    const isMissing = before !== undefined && segment.sequence !== before.sequence + 1;
    if (before !== undefined && (segment.discontinuity || isMissing)) lines.push("#EXT-X-DISCONTINUITY");
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.startedAtMs).toISOString()}`,
      `#EXTINF:${(segment.durationMs / 1000).toFixed(3)},`,
      `${below}/${recordedFile(segment)}`,
    );
  }
  return `${[...lines, "#EXT-X-ENDLIST"].join("\n")}\n`;
}
