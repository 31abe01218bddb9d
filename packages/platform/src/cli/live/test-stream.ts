/** The test stream of `mall live demo`: ffmpeg in an ingest's container, which ends with this program. */
import { PassThrough } from "node:stream";
import type { Engine } from "../../engine/engine.ts";

/**
 * Ends what it runs when its standard input does, so that nothing goes on once this program is gone, however it went.
 * SIGTERM: a shell has its background jobs ignore SIGINT (POSIX, 2.11).
 */
const endsWithInput = `exec 3<&0
"$@" </dev/null 3<&- & job=$!
(cat <&3 >/dev/null; kill -TERM $job) & watch=$!
wait $job; code=$?
kill $watch 2>/dev/null
exit $code`;

/** Time of day in UTC to the millisecond, as the picture is made (ffmpeg-filters, drawtext: gmtime). */
const clock = [
  "drawtext=fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
  "fontsize=h/9:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=h/60",
  "x=(w-text_w)/2:y=h*0.42",
  String.raw`text='%{gmtime\:%H\\\:%M\\\:%S.%3N} UTC'`,
].join(":");

/** Pure. A moving picture with a clock and a tone, 720p at 25 pictures a second, a keyframe every two seconds. */
export const ffmpegWords = (address: string, seconds: number | undefined): readonly string[] => [
  ...["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-loglevel", "error"],
  ...["-re", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25"],
  ...["-re", "-f", "lavfi", "-i", "sine=frequency=440:beep_factor=2:sample_rate=48000"],
  ...["-vf", `${clock},format=yuv420p`, "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
  ...["-b:v", "1500k", "-maxrate", "1500k", "-bufsize", "1500k", "-g", "50", "-keyint_min", "50"],
  ...["-c:a", "aac", "-b:a", "96k"],
  ...(seconds === undefined ? [] : ["-t", `${seconds}`]),
  ...["-f", "flv", "-flvflags", "no_duration_filesize", address],
];

export interface TestStream {
  /** Resolves when ffmpeg has ended, with its exit code and its last words. */
  readonly ended: Promise<{ readonly code: number; readonly output: string }>;
  stop(): void;
}

/** @param container of an ingest @param words of ffmpeg */
export function startTestStream(engine: Engine, container: string, words: readonly string[]): TestStream {
  const held = new PassThrough();
  const command = ["exec", "-i", container, "sh", "-c", endsWithInput, "sh", ...words];
  return {
    ended: engine
      .tryDocker(command, { input: held })
      .then(({ exitCode, stderr }) => ({ code: exitCode, output: stderr.trim() })),
    stop: () => held.end(),
  };
}
