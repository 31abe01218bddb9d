/**
 * One rendition of one broadcast: its segments and its playlist, on the disk and as figures. The source's numbers are
 * those of all (RFC 8216, 6.2.4): the others follow it, segment by segment.
 */
import type { Piece } from "./follower.ts";
import { differs, type Media, type Rendition as Shown } from "./master.ts";
import { firstDiscontinuity, firstSequence, segmentFile } from "./names.ts";
import { picturesIn } from "./pictures.ts";
import {
  append,
  beginPlaylist,
  discontinuitiesOf,
  endPlaylist,
  fits,
  type MediaPlaylist,
  nextSequence,
  relieve,
  render,
  roundsDown,
  type Segment,
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
  /** A segment of the source that viewers can have, as soon as they can. */
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
  /** Why the last segment was lost; undefined since one was kept. */
  readonly fault: string | undefined;
  readonly discontinuities: number;
  readonly targetDuration: number | undefined;
  readonly lastSegmentAt: string | undefined;
  readonly peakBandwidth: number;
  readonly averageBandwidth: number;
  /** Of the last segment: bits and pictures per second, and the longest time between two keyframes. */
  readonly bandwidth: number;
  readonly frameRate: number;
  readonly keyframeSeconds: number;
  readonly media: Media;
}

/** Where the source's segment stands, and what its playlist says of all. */
export interface Placed {
  readonly segment: Segment;
  readonly targetDuration: number;
  readonly windowSegments: number;
  /** Discontinuities before it, its own left out. */
  readonly discontinuities: number;
}

export interface Rendition {
  /**
   * A segment of the source. `startedAtMs`: when its first picture arrived. Never rejects: what could not be written is
   * counted as lost. @returns where it stands, undefined where it was lost
   */
  add(segment: CutSegment, startedAtMs: number, discontinuity: boolean): Promise<Placed | undefined>;
  /** The same time in this rendition. Without a piece, or room for it, the source's own segment stands in its place. */
  follow(placed: Placed, piece: Piece | undefined): Promise<void>;
  /** Writes ENDLIST. */
  end(): Promise<void>;
  /** Its segments, and with `alone` its playlist, which may else be another broadcast's by now. */
  remove(alone: boolean): Promise<void>;
  /** Longest segment that may still be made. */
  mostSeconds(): number;
  /** Undefined until something of its own can be played. */
  forMaster(): Shown | undefined;
  figures(): RenditionFigures;
}

/** A first segment is not waited for longer, however far the publisher's keyframes are apart. */
const longestFirstSeconds = 10;

export function openRendition(options: RenditionOptions): Rendition {
  const { store, stream, name, broadcast } = options;
  const folder = `${stream}/${name}`;
  const playlistPath = `${folder}.m3u8`;
  const openedAt = options.now();
  /** Those of a stream with this first one make a list as long as it should be. */
  const windowOf = (firstSeconds: number): number =>
    Math.max(3, Math.round(options.playlistSeconds / Math.min(firstSeconds, options.segmentSeconds)));
  let playlist: MediaPlaylist | undefined;
  // Known before the first segment is written: the second is cut by it meanwhile.
  let target: number | undefined;
  let sequence = firstSequence(openedAt);
  let gap = false;
  let media: Media | undefined;
  let told = { peak: 0, average: 0 };
  let figures = {
    segments: 0,
    lost: 0,
    discontinuities: 0,
    peak: 0,
    bandwidth: 0,
    frameRate: 0,
    keyframeSeconds: 0,
  };
  const sum = { bits: 0, seconds: 0 };
  let lastSegmentAt: number | undefined;
  let fault: string | undefined;

  return {
    async add(cut, startedAtMs, discontinuity) {
      const { durationSeconds } = cut;
      target ??= targetDurationFor(durationSeconds, options.segmentSeconds);
      const begun = playlist ?? begin(target, firstDiscontinuity(openedAt), windowOf(durationSeconds));
      const breaks = playlist !== undefined && (discontinuity || gap);
      const segment = {
        ...{ sequence, uri: uriOf(sequence), durationSeconds },
        ...{ discontinuity: breaks, startedAtMs },
      };
      if (!(durationSeconds > 0 && fits(begun, durationSeconds))) {
        lose(`${durationSeconds.toFixed(3)} s do not fit below ${target} s`);
        return undefined;
      }
      try {
        await keep(segment, cut);
        const step = append(begun, segment);
        await store.put(playlistPath, render(step.playlist));
        playlist = step.playlist;
        await forget(step.expired).catch(() => undefined);
      } catch (error) {
        // A disk that is full for a while costs the segments of that while, not the broadcast.
        await ease();
        await store.remove([`${stream}/${segment.uri}`]).catch(() => undefined);
        lose(String(error));
        return undefined;
      }
      options.onKept?.({
        ...{ rendition: name, path: `${stream}/${segment.uri}`, sequence, startedAtMs, durationSeconds },
        ...{ discontinuity: breaks, independent: cut.independent, bytes: cut.data.length },
      });
      count(segment, cut);
      sequence = nextSequence(playlist) ?? sequence;
      gap = false;
      const { windowSegments } = begun;
      return { segment, targetDuration: target, windowSegments, discontinuities: discontinuitiesOf(begun) };
    },
    async follow({ segment: source, targetDuration, windowSegments, discontinuities }, piece) {
      const begun = playlist ?? begin(targetDuration, discontinuities, windowSegments);
      const own = { ...source, uri: uriOf(source.sequence) };
      let kept = source;
      if (piece === undefined) lose("it was not made");
      else
        await keep(own, piece).then(
          () => {
            kept = own;
            count(own, piece);
          },
          (error: unknown) => lose(String(error)),
        );
      const step = append(begun, kept);
      playlist = step.playlist;
      target = targetDuration;
      sequence = source.sequence + 1;
      // Where it could not be written, the next one says what it would have said.
      await store.put(playlistPath, render(playlist)).catch(ease);
      await forget(step.expired).catch(() => undefined);
    },
    async end() {
      if (playlist === undefined) return;
      playlist = endPlaylist(playlist);
      await store.put(playlistPath, render(playlist)).catch(() => undefined);
    },
    async remove(alone) {
      if (alone) await store.remove([playlistPath]);
      const own = (await store.list(folder)).filter((each) => each.startsWith(`${broadcast}-`));
      await store.remove(own.map((each) => `${folder}/${each}`));
    },
    mostSeconds: () => (target === undefined ? longestFirstSeconds : target + roundsDown),
    forMaster() {
      if (playlist === undefined || media === undefined) return undefined;
      const average = averageOf();
      if (told.peak === 0 || figures.peak > told.peak * 1.1 || differs(average, told.average)) {
        told = { peak: figures.peak, average: Math.min(average, figures.peak) };
      }
      return { uri: playlistPath, media, peakBandwidth: told.peak, averageBandwidth: told.average };
    },
    figures: () => ({
      name,
      sequence: playlist === undefined ? undefined : sequence - 1,
      segments: figures.segments,
      lost: figures.lost,
      fault,
      discontinuities: figures.discontinuities,
      targetDuration: target,
      lastSegmentAt: lastSegmentAt === undefined ? undefined : new Date(lastSegmentAt).toISOString(),
      peakBandwidth: Math.round(figures.peak),
      averageBandwidth: Math.round(averageOf()),
      bandwidth: Math.round(figures.bandwidth),
      frameRate: Number(figures.frameRate.toFixed(2)),
      keyframeSeconds: Number(figures.keyframeSeconds.toFixed(3)),
      media: media ?? {},
    }),
  };

  function uriOf(number: number): string {
    return `${name}/${segmentFile(broadcast, number)}`;
  }

  function begin(
    targetDuration: number,
    discontinuitySequence: number,
    windowSegments: number,
  ): MediaPlaylist {
    return beginPlaylist({ windowSegments, targetDuration, discontinuitySequence });
  }

  /** @throws what the disk says */
  async function keep({ uri }: Segment, { data }: Piece): Promise<void> {
    const path = `${stream}/${uri}`;
    await store.put(path, data);
    media ??= await options.probe(store.pathOf(path)).catch(() => ({}));
  }

  function count({ durationSeconds, discontinuity }: Segment, { data, keyframeSeconds }: Piece): void {
    const bandwidth = (data.length * 8) / durationSeconds;
    lastSegmentAt = options.now();
    fault = undefined;
    sum.bits += data.length * 8;
    sum.seconds += durationSeconds;
    figures = {
      ...figures,
      segments: figures.segments + 1,
      discontinuities: figures.discontinuities + (discontinuity ? 1 : 0),
      // A last piece of a tenth of a second would say nothing of what the network must carry.
      peak: durationSeconds < 1 ? figures.peak : Math.max(figures.peak, bandwidth),
      bandwidth,
      frameRate: picturesIn(data) / durationSeconds,
      keyframeSeconds,
    };
  }

  function averageOf(): number {
    return sum.seconds === 0 ? 0 : sum.bits / sum.seconds;
  }

  /** A list may name the source's segments, which are the source's to remove. */
  function forget(expired: readonly Segment[]): Promise<void> {
    const own = expired.filter((each) => each.uri.startsWith(`${name}/`));
    return store.remove(own.map((each) => `${stream}/${each.uri}`));
  }

  /** Gives up what left the list before its time. */
  async function ease(): Promise<void> {
    if (playlist === undefined) return;
    const eased = relieve(playlist);
    playlist = eased.playlist;
    await forget(eased.expired).catch(() => undefined);
  }

  function lose(why: string): void {
    gap = true;
    fault = why;
    figures = { ...figures, lost: figures.lost + 1 };
  }
}
