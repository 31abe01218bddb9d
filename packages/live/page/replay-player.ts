/** A recording in a video element: by hls.js where there are Media Source Extensions, else by the browser itself. */
import Hls, { Events } from "hls.js";
import { localPart, positionOf, signedAs } from "./playback.ts";

export interface ReplayPlayer {
  /** A new signature for everything that is asked for from now on. */
  renew(address: string): void;
  /** To what was sent at this moment; where it is missing, to what comes next. */
  seekTo(at: Date): void;
  close(): void;
}

/** Once: it cannot be played, or no longer. `refused`: another signature may help. */
export type Failed = (why: "refused" | "missing" | "lost") => void;

/** @returns undefined where the browser plays no HLS */
export function openReplay(
  video: HTMLVideoElement,
  address: string,
  failed: Failed,
): ReplayPlayer | undefined {
  if (Hls.isSupported()) return openHls(video, address, failed);
  return video.canPlayType("application/vnd.apple.mpegurl") === ""
    ? undefined
    : openNative(video, address, failed);
}

/** Refused unless it is silent: a browser lets nothing sound before its visitor has touched the page. */
function begin(video: HTMLVideoElement): void {
  video.play().catch(() => {
    video.muted = true;
    video.play().catch(() => {});
  });
}

function openHls(video: HTMLVideoElement, address: string, failed: Failed): ReplayPlayer {
  let newest = address;
  const worker = document.querySelector<HTMLMetaElement>('meta[name="hls-worker"]')?.content ?? null;
  const hls = new Hls({
    workerPath: worker,
    backBufferLength: 60,
    xhrSetup: (xhr, url) => xhr.open("GET", signedAs(url, newest), true),
  });
  let hasRecovered = false;
  hls.on(Events.MANIFEST_PARSED, () => begin(video));
  hls.on(Events.ERROR, (_event, data) => {
    const status = data.response?.code ?? 0;
    if (status === 403) return failed("refused");
    if (!data.fatal) return undefined;
    if (status === 404) return failed("missing");
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !hasRecovered) {
      hasRecovered = true;
      return hls.recoverMediaError();
    }
    return failed("lost");
  });
  hls.loadSource(localPart(address, location.href));
  hls.attachMedia(video);
  return {
    renew: (next) => {
      newest = next;
    },
    seekTo: (at) => {
      const fragments = hls.latestLevelDetails?.fragments ?? [];
      const seconds = positionOf(fragments, at.getTime());
      if (seconds !== undefined) video.currentTime = seconds;
    },
    close: () => hls.destroy(),
  };
}

/** Safari's video element with a date of its own (webkit.org: HTMLMediaElement.getStartDate). */
type DatedVideo = HTMLVideoElement & { readonly getStartDate?: () => Date };

function openNative(video: DatedVideo, address: string, failed: Failed): ReplayPlayer {
  const lost = () => failed("lost");
  video.addEventListener("error", lost);
  video.src = localPart(address, location.href);
  begin(video);
  return {
    // Its requests are not ours to sign: it goes on from where it was with the new address.
    renew: (next) => {
      const at = video.currentTime;
      const wasPaused = video.paused;
      video.src = localPart(next, location.href);
      video.addEventListener(
        "loadedmetadata",
        () => {
          video.currentTime = at;
          if (!wasPaused) begin(video);
        },
        { once: true },
      );
    },
    seekTo: (at) => {
      const start = video.getStartDate?.().getTime() ?? Number.NaN;
      if (!Number.isNaN(start)) video.currentTime = Math.max(0, (at.getTime() - start) / 1_000);
    },
    close: () => {
      video.removeEventListener("error", lost);
      video.removeAttribute("src");
      video.load();
    },
  };
}
