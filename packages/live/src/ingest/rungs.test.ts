import { expect, test } from "vitest";
import { pictureOf } from "./ffmpeg.ts";
import { ladderArguments, rungsFor } from "./rungs.ts";

const sizes = (width: number, height: number) =>
  rungsFor({ width, height }).map((rung) => `${rung.name} ${rung.width}x${rung.height}`);

test.each<[number, number, readonly string[]]>([
  [2560, 1440, ["1080p 1920x1080", "720p 1280x720", "480p 854x480", "360p 640x360"]],
  [1920, 1080, ["720p 1280x720", "480p 854x480", "360p 640x360"]],
  // What encoders make of 1080 lines where they count in sixteens.
  [1920, 1088, ["720p 1270x720", "480p 848x480", "360p 636x360"]],
  [1280, 720, ["480p 854x480", "360p 640x360"]],
  [720, 1280, ["480p 480x854", "360p 360x640"]],
  [640, 480, ["360p 480x360"]],
  [640, 360, []],
  [320, 180, []],
])("%i x %i", (width, height, rungs) => {
  expect(sizes(width, height)).toEqual(rungs);
});

test("each rung is an output of its own, made from the next larger one", () => {
  const args = ladderArguments(rungsFor({ width: 1280, height: 720 }), 25, 2);
  expect(args[args.indexOf("-filter_complex") + 1]).toBe(
    "[0:v:0]select='isnan(prev_selected_t)+key+gte(t-prev_selected_t,0.028)',scale=854:480,format=yuv420p,split=2[out0][in1];" +
      "[in1]scale=640:360,format=yuv420p[out1]",
  );
  expect(args.filter((each) => each.startsWith("pipe:"))).toEqual(["pipe:0", "pipe:3", "pipe:4"]);
});

test("few pictures a second wait for few", () => {
  const lookahead = (rate: number) => {
    const args = ladderArguments(rungsFor({ width: 1280, height: 720 }), rate, 1);
    return args[args.indexOf("-rc-lookahead") + 1];
  };
  expect([30, 10, 1].map(lookahead)).toEqual(["10", "5", "0"]);
});

test.each([
  [
    "  Stream #0:0: Video: h264 (High), yuv420p(tv, bt709, progressive), 1280x720 [SAR 1:1 DAR 16:9], 2500 kb/s, 29.97 fps, 30 tbr, 1k tbn",
    { width: 1280, height: 720, frameRate: 29.97 },
  ],
  [
    "[info]   Stream #0:1: Video: h264 (avc1 / 0x31637661), yuv420p, 320x180, 1k tbn",
    { width: 320, height: 180 },
  ],
  ["  Stream #0:0: Video: h264, none, 1k tbr, 1k tbn", undefined],
])("%s", (line, picture) => {
  expect(pictureOf(line)).toEqual(picture);
});
