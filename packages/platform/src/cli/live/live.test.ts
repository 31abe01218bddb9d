/** What the verbs of live streaming make of the application's answers, and of their own options. */
import { expect, test } from "vitest";
import { liveClient } from "../../../../live/src/client/client.ts";
import { MallError } from "../../errors.ts";
import { said } from "./application.ts";
import { pageOf, shownTime, timeAhead } from "./rooms.ts";
import { ffmpegWords } from "./test-stream.ts";

/** What the verbs are told by an application that answers this to whatever it is asked. */
const answered = (status: number, text: string): Promise<unknown> => {
  const fetch = async () => new Response(text === "" ? null : text, { status });
  return said(liveClient({ baseUrl: "https://live", fetch }).GET("/v1/rooms"));
};
const thrown = async (status: number, text: string): Promise<MallError> => {
  try {
    await answered(status, text);
  } catch (error) {
    if (error instanceof MallError) return error;
  }
  throw new Error("nothing was thrown");
};

test("a success is its JSON, an empty one nothing", async () => {
  expect(await answered(200, '{"rooms":[]}')).toEqual({ rooms: [] });
  expect(await answered(204, "")).toBeUndefined();
});

test("a refusal says the application's code and words, in both languages", async () => {
  const text = { en: "There is no such room.", zh: "没有这个直播间。" };
  const error = await thrown(404, JSON.stringify({ code: "NO_SUCH_ROOM", reason: text.en, text }));
  expect(error.code).toBe("LIVE_REFUSED");
  expect(error.exit).toBe("input");
  expect(error.describe("en")).toContain("NO_SUCH_ROOM: There is no such room.");
  expect(error.describe("zh")).toContain("没有这个直播间");
  const detailed = await thrown(400, JSON.stringify({ code: "INPUT_WRONG", text, detail: "name: too long" }));
  expect(detailed.describe("en")).toContain("(name: too long)");
  expect(detailed.toJSON().details).toMatchObject({ code: "INPUT_WRONG" });
});

test("an application that cannot serve, or answers something else, is away", async () => {
  const text = { en: "The database does not answer.", zh: "数据库没有应答。" };
  const busy = await thrown(503, JSON.stringify({ code: "DATABASE_AWAY", text }));
  expect([busy.code, busy.exit]).toEqual(["LIVE_AWAY", "operation"]);
  expect(busy.describe("en")).toContain("DATABASE_AWAY");
  expect((await thrown(502, "<html>")).describe("en")).toContain("status 502");
  expect((await thrown(200, "<html>")).code).toBe("LIVE_AWAY");
});

test("times, and a time beyond all dates", () => {
  expect(shownTime("2026-11-30T12:00:05.123Z")).toBe("2026-11-30 12:00:05 UTC");
  expect(shownTime(null)).toBe("-");
  expect(timeAhead(3_600_000, 0)).toBe("1970-01-01T01:00:00.000Z");
  expect(timeAhead(Number.MAX_SAFE_INTEGER, 0)).toMatch(/^\+275760-/);
});

test("the page lies where the playlist is", () => {
  expect(pageOf("https://live.example:8443/live/a.m3u8?md5=x", "a")).toBe(
    "https://live.example:8443/watch/a",
  );
});

test("the test stream ends by itself only when it is told how long", () => {
  expect(ffmpegWords("rtmp://x/live/a", undefined)).not.toContain("-t");
  const words = ffmpegWords("rtmp://x/live/a", 60);
  expect(words.slice(words.indexOf("-t"), words.indexOf("-t") + 2)).toEqual(["-t", "60"]);
  expect(words.at(-1)).toBe("rtmp://x/live/a");
});
