/** Which renditions a ladder has, and how ffmpeg makes them. Pure. Options: ffmpeg-all(1), x264 --fullhelp. */

/** What ffmpeg says of the source's pictures. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Pictures a second, where it knows. */
  readonly frameRate?: number;
}

export interface Rung {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Bits a second of pictures that no two seconds exceed by more than they are; still ones take less. */
  readonly maxBitrate: number;
}

/** Lines of the shorter side, so that upright pictures have the names that people know them by. */
const steps = [
  { name: "1080p", lines: 1080, maxBitrate: 4_500_000 },
  { name: "720p", lines: 720, maxBitrate: 2_500_000 },
  { name: "480p", lines: 480, maxBitrate: 1_200_000 },
  { name: "360p", lines: 360, maxBitrate: 700_000 },
] as const;

/** Of every rendition that a ladder may have. */
export const rungNames: readonly string[] = steps.map(({ name }) => name);

/** A rendition of nearly the source's size costs as much as it and saves its viewers nothing. */
const clearlyBelow = 0.9;

const even = (value: number): number => 2 * Math.round(value / 2);

/** Of the largest first; none of the source's size or above it. */
export function rungsFor({ width, height }: Picture): readonly Rung[] {
  const shorter = Math.min(width, height);
  return steps
    .filter(({ lines }) => lines <= clearlyBelow * shorter)
    .map(({ name, lines, maxBitrate }) => {
      const longer = even((lines * Math.max(width, height)) / shorter);
      return width < height
        ? { name, width: lines, height: longer, maxBitrate }
        : { name, width: longer, height: lines, maxBitrate };
    });
}

/** Descriptor of ffmpeg's output of the first rung; the others follow. */
export const firstOutput = 3;

/**
 * `copyts`, `fps_mode passthrough` and `enc_time_base`: pictures keep the source's time stamps to the tick.
 * `force_key_frames source`: keyframes are where the source's are, and nowhere else. `bf 0`: pictures stand in the order
 * in which they are seen, so that a cut by either time is the same. `select`: of more than 30 pictures a second every
 * second one, keyframes always. Each size is made from the next larger one, which takes a third of the work.
 */
export function ladderArguments(
  rungs: readonly Rung[],
  frameRate: number,
  threads: number,
): readonly string[] {
  const few = `${threads}`;
  // A picture waits for as many after it; at a few a second it would wait for long.
  const lookahead = `${Math.min(10, Math.floor(frameRate / 2))}`;
  return [
    ...["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+warning", "-copyts"],
    ...["-analyzeduration", "1000000", "-probesize", "1000000", "-fpsprobesize", "0"],
    ...["-threads", few, "-f", "mpegts", "-i", "pipe:0"],
    ...["-filter_complex_threads", few, "-filter_complex", graph(rungs)],
    ...rungs.flatMap(({ maxBitrate }, i) => [
      ...["-map", `[out${i}]`, "-map", "0:a:0?", "-dn", "-sn", "-c:a", "copy"],
      ...["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-bf", "0", "-threads", few],
      ...["-crf", "23", "-maxrate", `${maxBitrate}`, "-bufsize", `${2 * maxBitrate}`],
      ...["-g", "100000", "-sc_threshold", "0", "-force_key_frames", "source", "-forced-idr", "1"],
      ...["-rc-lookahead", lookahead, "-fps_mode", "passthrough", "-enc_time_base", "1/90000"],
      ...["-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1"],
      ...["-f", "mpegts", "-mpegts_flags", "+pat_pmt_at_frames", `pipe:${firstOutput + i}`],
    ]),
  ];
}

function graph(rungs: readonly Rung[]): string {
  const chains = rungs.map(({ width, height }, i) => {
    const from =
      i === 0 ? "[0:v:0]select='isnan(prev_selected_t)+key+gte(t-prev_selected_t,0.028)'," : `[in${i}]`;
    const scaled = `${from}scale=${width}:${height},format=yuv420p`;
    return i === rungs.length - 1 ? `${scaled}[out${i}]` : `${scaled},split=2[out${i}][in${i + 1}]`;
  });
  return chains.join(";");
}
