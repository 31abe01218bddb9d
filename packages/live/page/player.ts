/** A live picture in a video element: by hls.js where there are Media Source Extensions, else by the browser itself. */
import Hls, { type ErrorData, Events } from "hls.js";
import { localPart, type Quality, renditionOf, signedAs } from "./playback.ts";
import type { Happened } from "./player-state.ts";

export interface Player {
  /** A new signature for everything that is asked for from now on. */
  renew(address: string): void;
  /** What the master lists by now, which may be more than when it was read. */
  offer(renditions: readonly string[]): void;
  choose(quality: Quality): void;
  /** To the newest that can be played smoothly. */
  toLive(): void;
  /** When what is on the screen was sent, by the servers' clock. */
  shownAt(): Date | null;
  close(): void;
}

export interface PlayerEvents {
  readonly happened: (what: Happened) => void;
  /** The renditions that there are. */
  readonly renditions: (names: readonly string[]) => void;
}

const settings = {
  liveMaxLatencyDurationCount: 8,
  // What it began too far behind, or fell behind by a stall, is caught up unnoticed. hls.js does so in this mode only,
  // which changes nothing else for playlists without parts.
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1.1,
  backBufferLength: 30,
} as const;

const httpOf = (data: ErrorData): number => data.response?.code ?? 0;

/** @param behind segments that are kept between the picture and the end of the playlist */
export function openPlayer(
  video: HTMLVideoElement,
  address: string,
  behind: number,
  events: PlayerEvents,
): Player | undefined {
  if (Hls.isSupported()) return openHls(video, address, behind, events);
  return video.canPlayType("application/vnd.apple.mpegurl") === ""
    ? undefined
    : openNative(video, address, events);
}

function openHls(
  video: HTMLVideoElement,
  address: string,
  behind: number,
  { happened, renditions }: PlayerEvents,
): Player {
  let newest = address;
  let isClosed = false;
  const tell = (what: Happened) => {
    if (!isClosed) happened(what);
  };
  const worker = document.querySelector<HTMLMetaElement>('meta[name="hls-worker"]')?.content ?? null;
  const hls = new Hls({
    ...settings,
    liveSyncDurationCount: behind,
    workerPath: worker,
    xhrSetup: (xhr, url) => xhr.open("GET", signedAs(url, newest), true),
  });
  /** Of the master that was read. */
  const own = (): readonly (Quality | undefined)[] => hls.levels.map(({ url }) => renditionOf(url[0]));
  let offered: readonly string[] = [];
  let chosen: Quality = "auto";
  const hasMore = () => offered.some((name) => !own().some((known) => known === name));
  /** hls.js reads a master once: for what it lists since then it begins anew, near its end. */
  const readAnew = () => hls.loadSource(signedAs(master, newest));
  const choose = (quality: Quality) => {
    chosen = quality;
    if (quality !== "auto" && !own().includes(quality)) return readAnew();
    hls.currentLevel = own().indexOf(quality);
  };
  hls.on(Events.MANIFEST_PARSED, () => {
    renditions(own().flatMap((name) => name ?? []));
    if (chosen !== "auto") hls.loadLevel = own().indexOf(chosen);
    // Refused unless it is silent: a browser lets nothing sound before its visitor has touched the page.
    video.play().catch(() => {
      video.muted = true;
      video.play().catch(() => {});
    });
  });
  let hasBegun = false;
  hls.on(Events.LEVEL_LOADED, (_event, { details }) => {
    // A playlist stays for a minute after its end: the next broadcast has begun, but has no segment yet.
    if (!hasBegun && !details.live) tell({ player: "missing" });
    hasBegun = true;
  });
  hls.on(Events.ERROR, (_event, data) => {
    const status = httpOf(data);
    if (status === 403) {
      const refused = (data.networkDetails as XMLHttpRequest | null)?.getResponseHeader?.("X-Refused");
      return tell({ refusedBy: refused ?? "refused" });
    }
    // The master playlist is there only while the stream is; a media playlist goes a minute after the end.
    if (status === 404 && data.fatal) return tell({ player: "missing" });
    if (!data.fatal) return undefined;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !hasRecovered) {
      hasRecovered = true;
      return hls.recoverMediaError();
    }
    return tell({ player: "lost" });
  });
  let hasRecovered = false;
  const stop = listen(video, (what) => {
    // Too slow a network for what there was: a smaller rendition has come since.
    if ("player" in what && what.player === "stalled" && chosen === "auto" && hasMore()) readAnew();
    tell(what);
  });
  const master = localPart(address, location.href);
  hls.loadSource(master);
  hls.attachMedia(video);
  return {
    renew: (next) => {
      newest = next;
    },
    offer: (names) => {
      offered = names;
      if (hls.levels.length > 0) renditions(names);
      if (chosen !== "auto" && !names.includes(chosen)) choose("auto");
    },
    choose,
    toLive: () => {
      if (hls.liveSyncPosition !== null) video.currentTime = hls.liveSyncPosition;
      void video.play().catch(() => {});
    },
    shownAt: () => hls.playingDate,
    close: () => {
      isClosed = true;
      stop();
      hls.destroy();
    },
  };
}

/** Safari's video element with a date of its own (webkit.org: HTMLMediaElement.getStartDate). */
type DatedVideo = HTMLVideoElement & { readonly getStartDate?: () => Date };

function openNative(video: DatedVideo, address: string, { happened }: PlayerEvents): Player {
  let isClosed = false;
  const tell = (what: Happened) => {
    if (!isClosed) happened(what);
  };
  const stop = listen(video, tell);
  // A video element does not tell why it fails: its playlist is asked for once more, to know.
  const failed = async () => {
    const response = await fetch(video.src, { cache: "no-store" }).catch(() => undefined);
    if (response?.status === 403) tell({ refusedBy: response.headers.get("x-refused") ?? "refused" });
    else tell({ player: response?.status === 404 ? "missing" : "lost" });
  };
  video.addEventListener("error", failed);
  const load = (from: string) => {
    video.src = localPart(from, location.href);
    video.play().catch(() => {
      video.muted = true;
      video.play().catch(() => {});
    });
  };
  load(address);
  return {
    // Its requests are not ours to sign: it begins anew with the new address.
    renew: load,
    offer: () => {},
    choose: () => {},
    toLive: () => {
      const { seekable } = video;
      if (seekable.length > 0) video.currentTime = Math.max(0, seekable.end(seekable.length - 1) - 9);
    },
    shownAt: () => {
      const start = video.getStartDate?.().getTime() ?? Number.NaN;
      return Number.isNaN(start) ? null : new Date(start + video.currentTime * 1_000);
    },
    close: () => {
      isClosed = true;
      stop();
      video.removeEventListener("error", failed);
      video.removeAttribute("src");
      video.load();
    },
  };
}

function listen(video: HTMLVideoElement, tell: (what: Happened) => void): () => void {
  const playing = () => tell({ player: "playing" });
  const stalled = () => tell({ player: "stalled" });
  const ended = () => tell({ player: "ended" });
  const all = { playing, waiting: stalled, ended } as const;
  for (const [event, heard] of Object.entries(all)) video.addEventListener(event, heard);
  return () => {
    for (const [event, heard] of Object.entries(all)) video.removeEventListener(event, heard);
  };
}
