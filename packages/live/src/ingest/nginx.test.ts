import { expect, test } from "vitest";
import { receivedOf } from "./nginx.ts";

const stream = (name: string, audio: number, video: number): string =>
  `<stream>\n<name>${name}</name>\n<time>1</time><bw_in>9</bw_in>\n<bw_audio>${audio}</bw_audio>\n<bw_video>${video}</bw_video>\n</stream>\n`;
const text = `<rtmp><live>${stream("room", 64_000, 0)}${stream("room-2", 0, 1)}</live></rtmp>`;

test("what a stream's publisher sends, of this stream alone", () => {
  expect(receivedOf(text, "room")).toEqual({ audio: true, video: false });
  expect(receivedOf(text, "room-2")).toEqual({ audio: false, video: true });
  expect(receivedOf(text, "other")).toEqual({ audio: false, video: false });
});
