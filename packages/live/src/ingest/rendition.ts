/** One rendition of one broadcast: its segments and its playlist, on the disk and as figures. */
import { exceeds, type Media } from "./master.ts";
import { firstDiscontinuity, firstSequence, segmentFile } from "./names.ts";
import {
  append,
  beginPlaylist,
  endPlaylist,
  fits,
  type MediaPlaylist,
  nextSequence,
  relieve,
  render,
  targetDurationFor,
} from "./playlist.ts";
import type { CutSegment } from "./segmenter.ts";
import type { Store } from "./store.ts";

export interface RenditionOptions {
  readonly store: Store;
  readonly stream: string;
  readonly name: string;
  readonly broadcast: string;
  readonly segmentSeconds: number;
  readonly playlistSeconds: number;
  readonly now: () => number;
  readonly probe: (path: string) => Promise<Media>;
  /** A segment that viewers can have, as soon as they can. */
  readonly onKept?: (segment: KeptSegment) => void;
}

export interface KeptSegment {
  readonly rendition: string;
  /** In the store. */
  readonly path: string;
  readonly sequence: number;
  readonly startedAtMs: number;
  readonly durationSeconds: number;
  readonly discontinuity: boolean;
  /** Begins with a keyframe, or there are no pictures. */
  readonly independent: boolean;
  readonly bytes: number;
}

export interface RenditionFigures {
  readonly name: string;
  /** Number of the segment made last. */
  readonly sequence: number | undefined;
  readonly segments: number;
  readonly lost: number;
  readonly discontinuities: number;
  readonly targetDuration: number | undefined;
  readonly lastSegmentAt: string | undefined;
  readonly peakBandwidth: number;
  /** Of the last segment: bits per second, and the longest time between two keyframes. */
  readonly bandwidth: number;
  readonly keyframeSeconds: number;
  readonly media: Media;
}

export interface Rendition {
  /** `startedAtMs`: when its first picture arrived. Never rejects: what could not be written is counted as lost. */
  add(segment: CutSegment, startedAtMs: number, discontinuity: boolean): Promise<void>;
  /** Writes ENDLIST. */
  end(): Promise<void>;
  /** Its segments, not its playlist, which may be another broadcast's by now. */
  removeSegments(): Promise<void>;
  /** Longest segment that may still be made. */
  mostSeconds(): number;
  readonly playlistPath: string;
  /** Undefined until something can be played. */
  forMaster(): { readonly uri: string; readonly media: Media; readonly peakBandwidth: number } | undefined;
  figures(): RenditionFigures;
}

/** A first segment is not waited for longer, however far the publisher's keyframes are apart. */
const longestFirstSeconds = 10;
/** Half a second rounds down (RFC 8216, 4.3.3.1); a picture's length of room is left. */
const roundsDown = 0.45;

export function openRendition(options: RenditionOptions): Rendition {
  const { store, stream, name, broadcast } = options;
  const folder = `${stream}/${name}`;
  const playlistPath = `${folder}.m3u8`;
  const openedAt = options.now();
  const first = firstSequence(openedAt);
  let playlist: MediaPlaylist | undefined;
  // Known before the first segment is written: the second is cut by it meanwhile.
  let target: number | undefined;
  let sequence = first;
  let gap = false;
  let media: Media = {};
  let told = 0;
  let figures = { segments: 0, lost: 0, discontinuities: 0, peak: 0, bandwidth: 0, keyframeSeconds: 0 };
  let lastSegmentAt: number | undefined;

  return {
    playlistPath,
    async add(segment, startedAtMs, discontinuity) {
      const { durationSeconds } = segment;
      target ??= targetDurationFor(durationSeconds, options.segmentSeconds);
      const begun =
        playlist ??
        beginPlaylist({
          windowSegments: Math.max(3, Math.round(options.playlistSeconds / options.segmentSeconds)),
          targetDuration: target,
          discontinuitySequence: firstDiscontinuity(openedAt),
        });
      const file = segmentFile(broadcast, sequence);
      const path = `${folder}/${file}`;
      if (!(durationSeconds > 0 && fits(begun, durationSeconds))) {
        lose();
        return;
      }
      const breaks = playlist !== undefined && (discontinuity || gap);
      try {
        await store.put(path, segment.data);
        const step = append(begun, {
          sequence,
          uri: `${name}/${file}`,
          durationSeconds,
          discontinuity: breaks,
          startedAtMs,
        });
        if (playlist === undefined) media = await options.probe(store.pathOf(path)).catch(() => media);
        await store.put(playlistPath, render(step.playlist));
        playlist = step.playlist;
        options.onKept?.({
          ...{ rendition: name, path, sequence, startedAtMs, durationSeconds, discontinuity: breaks },
          ...{ independent: segment.independent, bytes: segment.data.length },
        });
        sequence = nextSequence(playlist) ?? sequence;
        gap = false;
        const bandwidth = (segment.data.length * 8) / durationSeconds;
        lastSegmentAt = options.now();
        figures = {
          ...figures,
          segments: figures.segments + 1,
          discontinuities: figures.discontinuities + (breaks ? 1 : 0),
          // A last piece of a tenth of a second would say nothing of what the network must carry.
          peak: durationSeconds < 1 ? figures.peak : Math.max(figures.peak, bandwidth),
          bandwidth,
          keyframeSeconds: segment.keyframeSeconds,
        };
        await store.remove(step.expired.map((each) => `${stream}/${each.uri}`));
      } catch {
        // A disk that is full for a while costs the segments of that while, not the broadcast.
        const eased = playlist === undefined ? undefined : relieve(playlist);
        playlist = eased?.playlist;
        const given = (eased?.expired ?? []).map((each) => `${stream}/${each.uri}`);
        await store.remove([path, ...given]).catch(() => undefined);
        lose();
      }
    },
    async end() {
      if (playlist === undefined) return;
      playlist = endPlaylist(playlist);
      await store.put(playlistPath, render(playlist)).catch(() => undefined);
    },
    async removeSegments() {
      const own = (await store.list(folder)).filter((each) => each.startsWith(`${broadcast}-`));
      await store.remove(own.map((each) => `${folder}/${each}`));
    },
    mostSeconds: () => (target === undefined ? longestFirstSeconds : target + roundsDown),
    forMaster() {
      if (playlist === undefined) return undefined;
      if (told === 0 || exceeds(figures.peak, told)) told = figures.peak;
      return { uri: playlistPath, media, peakBandwidth: told };
    },
    figures: () => ({
      name,
      sequence: playlist === undefined ? undefined : sequence - 1,
      segments: figures.segments,
      lost: figures.lost,
      discontinuities: figures.discontinuities,
      targetDuration: target,
      lastSegmentAt: lastSegmentAt === undefined ? undefined : new Date(lastSegmentAt).toISOString(),
      peakBandwidth: Math.round(figures.peak),
      bandwidth: Math.round(figures.bandwidth),
      keyframeSeconds: Number(figures.keyframeSeconds.toFixed(3)),
      media,
    }),
  };

  function lose(): void {
    gap = true;
    figures = { ...figures, lost: figures.lost + 1 };
  }
}
