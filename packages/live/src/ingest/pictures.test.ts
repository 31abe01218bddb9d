import { expect, test } from "vitest";
import { picturesIn } from "./pictures.ts";
import { streamOf, type Unit } from "./testing/stream-writer.ts";

const video = (count: number): readonly Unit[] =>
  Array.from({ length: count }, (_, i) => ({ kind: "video", time: i / 25, key: i % 50 === 0 }));
const sound: readonly Unit[] = Array.from({ length: 40 }, (_, i) => ({
  kind: "audio",
  time: i / 10,
  bytes: 60,
}));

test("pictures are counted, sound is not", () => {
  expect(picturesIn(streamOf(video(75)))).toBe(75);
  expect(picturesIn(streamOf([...video(75), ...sound].sort((a, b) => a.time - b.time)))).toBe(75);
  expect(picturesIn(streamOf(sound))).toBe(0);
  expect(picturesIn(new Uint8Array())).toBe(0);
});
