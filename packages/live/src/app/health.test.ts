import { expect, test } from "vitest";
import { healthOf } from "./health.ts";
import type { StreamReport } from "./input.ts";

const now = Date.parse("2026-11-24T12:00:10Z");
const good: StreamReport = {
  bitsPerSecond: 3_000_000,
  frameRate: 30,
  keyframeSeconds: 2,
  segments: 12,
  lost: 0,
  restarts: 0,
  lastSegmentAt: "2026-11-24T12:00:08.500Z",
  video: { codec: "h264", width: 1280, height: 720 },
  audio: { codec: "aac", channels: 2 },
};
const warned = (over: Partial<StreamReport>) => healthOf({ ...good, ...over }, now).warnings;

test("a good stream has figures and no warning", () => {
  expect(healthOf(good, now)).toEqual({
    stream: {
      bitsPerSecond: 3_000_000,
      frameRate: 30,
      keyframeSeconds: 2,
      segments: 12,
      lost: 0,
      restarts: 0,
      secondsSinceSegment: 1.5,
      video: { codec: "h264", width: 1280, height: 720 },
      audio: { codec: "aac", channels: 2 },
    },
    warnings: [],
  });
});

test("each thing that is wrong is said, and nothing else", () => {
  expect(warned({ lastSegmentAt: "2026-11-24T11:59:45Z" })).toEqual(["silent"]);
  expect(warned({ video: undefined, frameRate: 0, keyframeSeconds: 0, bitsPerSecond: 96_000 })).toEqual([
    "noVideo",
  ]);
  expect(warned({ audio: undefined })).toEqual(["noAudio"]);
  expect(warned({ keyframeSeconds: 3 })).toEqual([]);
  expect(warned({ keyframeSeconds: 8 })).toEqual(["keyframesFar"]);
  expect(warned({ frameRate: 12 })).toEqual(["fewPictures"]);
  expect(warned({ bitsPerSecond: 250_000 })).toEqual(["bitrateLow"]);
  expect(warned({ bitsPerSecond: 20_000_000 })).toEqual(["bitrateHigh"]);
  expect(warned({ lost: 1 })).toEqual(["lost"]);
});

test("a clock of the ingest that is ahead makes no negative age", () => {
  expect(healthOf({ ...good, lastSegmentAt: "2026-11-24T12:00:12Z" }, now).stream?.secondsSinceSegment).toBe(
    0,
  );
});
