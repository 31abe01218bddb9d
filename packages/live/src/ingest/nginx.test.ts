import { expect, test } from "vitest";
import { receivedOf } from "./nginx.ts";

const stream = (name: string, audio: number, video: number, meta = ""): string =>
  `<stream>\n<name>${name}</name>\n<time>1</time><bw_in>9</bw_in>\n<bw_audio>${audio}</bw_audio>\n<bw_video>${video}</bw_video>\n${meta}</stream>\n`;
const meta =
  "<meta><video><width>320</width><height>180</height><codec>Jpeg</codec></video><audio><codec>AAC</codec><profile>LC</profile></audio></meta>";
const text = `<rtmp><live>${stream("room", 64_000, 0, meta)}${stream("room-2", 0, 1, "<meta><video></video><audio></audio></meta>")}</live></rtmp>`;

test("what a stream's publisher sends, of this stream alone", () => {
  const nothing = { flows: false, codec: undefined };
  expect(receivedOf(text, "room")).toEqual({
    audio: { flows: true, codec: "AAC" },
    video: { flows: false, codec: "Jpeg" },
  });
  expect(receivedOf(text, "room-2")).toEqual({ audio: nothing, video: { flows: true, codec: undefined } });
  expect(receivedOf(text, "other")).toEqual({ audio: nothing, video: nothing });
});
