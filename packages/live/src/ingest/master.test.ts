import { expect, test } from "vitest";
import { codecsOf, differs, type Media, renderMaster, unsupportedCodec } from "./master.ts";

const video = { codec: "h264", profile: "High", level: 31, width: 1280, height: 720, frameRate: 25 };
const audio = { codec: "aac", profile: "LC", sampleRate: 48_000, channels: 2 };

test("says what a player needs to choose", () => {
  const rendition = {
    uri: "room/source.m3u8",
    media: { video, audio },
    peakBandwidth: 1_234_567.2,
    averageBandwidth: 900_000,
  };
  expect(renderMaster([rendition])).toBe(`#EXTM3U
#EXT-X-VERSION:3
#EXT-X-STREAM-INF:BANDWIDTH=1234568,AVERAGE-BANDWIDTH=900000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000
room/source.m3u8
`);
});

test.each<[Media, string | undefined]>([
  [{ video, audio }, "avc1.64001f,mp4a.40.2"],
  [{ video: { ...video, profile: "Constrained Baseline", level: 9 } }, "avc1.42e009"],
  [{ audio: { ...audio, profile: "HE-AACv2" } }, "mp4a.40.29"],
  [{ video: { ...video, profile: "Weird" }, audio }, undefined],
  [{}, undefined],
])("%j: %s", (media, codecs) => {
  expect(codecsOf(media)).toBe(codecs);
});

test("sound alone has no picture's attributes", () => {
  expect(
    renderMaster([{ uri: "a.m3u8", media: { audio }, peakBandwidth: 0, averageBandwidth: 0 }]),
  ).toContain('#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1,CODECS="mp4a.40.2"\na.m3u8\n');
});

test("written anew when a figure is another by a tenth", () => {
  expect(differs(110, 100)).toBe(false);
  expect(differs(111, 100)).toBe(true);
  expect(differs(92, 100)).toBe(false);
  expect(differs(89, 100)).toBe(true);
});

test("H.264 and AAC alone", () => {
  expect(unsupportedCodec("video", "h264")).toBeUndefined();
  expect(unsupportedCodec("audio", "aac")).toBeUndefined();
  expect(unsupportedCodec("video", "hevc")).toBe("video codec hevc");
  expect(unsupportedCodec("audio", "mp3")).toBe("audio codec mp3");
});
