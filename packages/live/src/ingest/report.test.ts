/** What the application is told of a broadcast, and takes. */
import { expect, test } from "vitest";
import { updateBody } from "../app/input.ts";
import type { BroadcastFigures } from "./broadcast.ts";
import type { LadderState } from "./ladder.ts";
import type { RenditionFigures } from "./rendition.ts";
import { reportOf } from "./report.ts";

const rendition = (name: string): RenditionFigures => ({
  name,
  sequence: 7,
  segments: 3,
  lost: 0,
  fault: undefined,
  discontinuities: 0,
  targetDuration: 3,
  lastSegmentAt: "2026-11-30T12:00:00.000Z",
  peakBandwidth: 2e6,
  averageBandwidth: 1e6,
  bandwidth: 1e6,
  frameRate: 25,
  keyframeSeconds: 2,
  media: {},
});
const figures = (ladder: LadderState, ...names: readonly string[]): BroadcastFigures => ({
  ffmpegPid: 8,
  restarts: 0,
  ladder,
  ladderPid: undefined,
  ladderRestarts: 0,
  renditions: names.map(rendition),
});
const taken = (report: unknown) =>
  updateBody.parse({ stream: "tea", broadcast: "b1234", instance: "live-ingest-1", report }).report?.ladder;

test("nothing is told before there is a first segment", () => {
  expect(reportOf(undefined)).toBeUndefined();
  expect(reportOf(figures("starting"))).toBeUndefined();
});

test.each<[LadderState, string, readonly string[]]>([
  ["on", "on", ["source", "480p", "360p"]],
  ["starting", "starting", ["source"]],
  ["source only: limit reached", "limitReached", ["source"]],
  ["source only: ladders are off", "off", ["source"]],
  ["source only: could not keep up", "tooSlow", ["source"]],
  ["source only: ffmpeg failed", "failed", ["source"]],
  ["source only: no pictures", "noPictures", ["source"]],
  ["source only: nothing smaller to make", "nothingSmaller", ["source"]],
])("a ladder that is '%s'", (said, state, renditions) => {
  const report = reportOf(figures(said, "source", "480p", "360p"));
  expect(report?.ladder).toEqual({ state, renditions });
  expect(taken(report)).toEqual({ state, renditions });
});

test("what a newer ingest calls its ladder is no reason to refuse its report", () => {
  const report = { ...reportOf(figures("on", "source")), ladder: { state: "holographic", renditions: [] } };
  expect(taken(report)).toBeUndefined();
});
