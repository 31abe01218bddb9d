/**
 * The time at which a picture was made, in the picture: as digits for people, and as a strip of blocks for programs,
 * one bit each. Blocks survive an encoder; in Gray's code two times that follow each other differ in one of them, so a
 * strip that is made while the time moves on is wrong by one unit at most. Pure.
 */

/** Hundredths of a second modulo 2^20: unambiguous for almost three hours. */
const bits = 20;
const unitMs = 10;
const cycle = 2 ** bits;

export const picture = { width: 640, height: 360, stripHeight: 24 } as const;

/** ffmpeg's filter graph from `[0:v]` to `[out]` (ffmpeg-filters: geq, drawtext; ffmpeg-utils: time). */
export const clockFilter = [
  "[0:v]split[plain][small]",
  `[small]scale=${bits}:2,format=gray,geq=lum='255*mod(floor((floor(mod(time(0)*${1_000 / unitMs},${cycle}))+pow(2,X))/pow(2,X+1)),2)',` +
    `scale=${picture.width}:${picture.stripHeight}:flags=neighbor,format=yuv420p[strip]`,
  "[plain][strip]overlay=0:0," +
    "drawtext=fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf:fontsize=h/9:fontcolor=white:box=1:boxcolor=black@0.6:" +
    String.raw`x=(w-text_w)/2:y=h*0.42:text='%{gmtime\:%H\\\:%M\\\:%S.%3N} UTC',format=yuv420p[out]`,
].join(";");

/**
 * Of a page: the strip's blocks as shades of grey, and the time at which they were looked at; null without a picture.
 * An expression, as the page's own policy lets nothing be evaluated but by the browser's own tools.
 */
export const stripOnPage = `(() => {
  const video = document.querySelector("video");
  if (video === null || video.readyState < 2) return null;
  const canvas = document.createElement("canvas");
  const scale = video.videoWidth / ${picture.width};
  const height = Math.max(1, Math.floor(${picture.stripHeight} * scale));
  [canvas.width, canvas.height] = [video.videoWidth, height];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, video.videoWidth, height, 0, 0, video.videoWidth, height);
  const at = Date.now();
  const shades = Array.from({ length: ${bits} }, (_, bit) =>
    context.getImageData(Math.floor((bit + 0.5) * video.videoWidth / ${bits}), height >> 1, 1, 1).data[1]);
  return { at, shades };
})()`;

export interface Strip {
  /** ms since the epoch, by the clock of who looks. */
  readonly at: number;
  /** Of each block, 0 to 255; the lowest bit first. */
  readonly shades: readonly number[];
}

/** How long ago the picture was made, in ms: of two clocks that agree. */
export function ageOf({ at, shades }: Strip): number {
  let made = 0;
  let bit = 0;
  for (let place = bits - 1; place >= 0; place--) {
    bit ^= (shades[place] ?? 0) > 127 ? 1 : 0;
    made = made * 2 + bit;
  }
  const now = at / unitMs;
  return ((((now - made) % cycle) + cycle) % cycle) * unitMs;
}
