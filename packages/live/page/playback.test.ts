import { describe, expect, test } from "vitest";
import { bitrate, decimal } from "./figures.ts";
import {
  behindLiveSeconds,
  clockAheadMs,
  lengthOf,
  localPart,
  positionOf,
  qualitiesOf,
  renditionOf,
  renewAfterMs,
  segmentsBehind,
  signedAs,
} from "./playback.ts";
import { type Happened, mayTryAgain, type Next, type Now, next, saying, start } from "./player-state.ts";
import { say } from "./words.ts";

describe("calculations", () => {
  test("a moment of a recording: within its segment, and where that is missing, at the next one", () => {
    const segments = [
      { start: 0, duration: 3, programDateTime: 10_000 },
      { start: 3, duration: 3, programDateTime: 13_000 },
      { start: 6, duration: 3, programDateTime: 40_000 },
    ];
    const at = [9_000, 10_000, 14_500, 20_000, 41_000, 99_000];
    expect(at.map((ms) => positionOf(segments, ms))).toEqual([0, 0, 4.5, 6, 7, 9]);
    expect(positionOf([], 1)).toBeUndefined();
    expect(positionOf([{ start: 0, duration: 3, programDateTime: null }], 1)).toBeUndefined();
  });

  test.each([
    [0.4, "0:00"],
    [425.2, "7:05"],
    [3_599.6, "1:00:00"],
    [4_025, "1:07:05"],
  ])("a length of %d s is written %s", (seconds, text) => {
    expect(lengthOf(seconds)).toBe(text);
  });

  test("three segments behind, unless the page's address says another number that makes sense", () => {
    const said = ["", "?behind=2", "?lang=en&behind=5", "?behind=1", "?behind=0", "?behind=x", "?behind="];
    expect(said.map(segmentsBehind)).toEqual([3, 2, 5, 3, 3, 3, 3]);
  });

  test("figures as people read them", () => {
    expect([decimal(2), decimal(2.04), decimal(29.97), decimal(0)]).toEqual(["2", "2", "30", "0"]);
    expect([bitrate(0), bitrate(87_400), bitrate(999_000), bitrate(1_000_000), bitrate(4_560_000)]).toEqual([
      "0 kbit/s",
      "87 kbit/s",
      "999 kbit/s",
      "1 Mbit/s",
      "4.6 Mbit/s",
    ]);
  });

  test("behind live: by the servers' clock, whatever the device's says", () => {
    const at = Date.parse("2026-11-24T12:00:10Z");
    const deviceLate = at - 60_000;
    const ahead = clockAheadMs("Tue, 24 Nov 2026 12:00:10 GMT", deviceLate - 100, deviceLate + 100);
    expect(ahead).toBe(60_500);
    expect(behindLiveSeconds(new Date("2026-11-24T12:00:02Z"), deviceLate, ahead)).toBe(8.5);
    expect(behindLiveSeconds(new Date(at + 1_000), at, 0)).toBe(0);
    expect(behindLiveSeconds(new Date(at + 60_000), at, 0)).toBeUndefined();
    expect(behindLiveSeconds(new Date(at - 7_200_000), at, 0)).toBeUndefined();
    expect(behindLiveSeconds(null, at, 0)).toBeUndefined();
    expect(behindLiveSeconds(new Date(at), at, undefined)).toBeUndefined();
    expect(clockAheadMs(null, 0, 0)).toBeUndefined();
    expect(clockAheadMs("nonsense", 0, 0)).toBeUndefined();
  });

  test("the quality menu: nothing to choose from one, best first, what is no rendition left out", () => {
    expect(qualitiesOf(["source"])).toEqual([]);
    expect(qualitiesOf([])).toEqual([]);
    expect(qualitiesOf(["360p", "source", "1080p", "audio", "720p"])).toEqual([
      "auto",
      "source",
      "1080p",
      "720p",
      "360p",
    ]);
  });

  test("a rendition is known by its address, so that an upright picture of 360 × 640 is 360p", () => {
    const named = ["source", "360p", "1080p", "poster", "36p"].map((name) =>
      renditionOf(`https://x/live/tea/${name}.m3u8?md5=a`),
    );
    expect(named).toEqual(["source", "360p", "1080p", undefined, undefined]);
    expect(renditionOf(undefined)).toBeUndefined();
  });

  test("addresses: another signature, and this origin's own part", () => {
    const [old, next] = ["/live/~old/tea.m3u8", "https://x:1/live/~new/tea.m3u8"];
    expect(signedAs(old, next)).toBe("/live/~new/tea.m3u8");
    expect(signedAs("https://x:1/live/~old/tea/source/b1-2.ts", next)).toBe("/live/~new/tea/source/b1-2.ts");
    expect(signedAs("/live/~old/tea/replay/b1.m3u8", next)).toBe("/live/~new/tea/replay/b1.m3u8");
    expect(localPart("https://other:1/live/tea.m3u8?a=b", "https://here/")).toBe("/live/tea.m3u8?a=b");
  });

  test("a signature is renewed before it ends, and not all the time", () => {
    const now = Date.parse("2026-11-24T12:00:00Z");
    expect(renewAfterMs("2026-11-24T13:00:00Z", now)).toBe(2_880_000);
    expect(renewAfterMs("2026-11-24T11:00:00Z", now)).toBe(5_000);
  });
});

describe("what the player shows", () => {
  /** One thing after the other. */
  const after = (...happened: readonly Happened[]): Next =>
    happened.reduce<Next>((now: Now, one) => next(now, one), start);

  test("a room that is not live is asked again, until it is", () => {
    expect(after({ room: "idle" })).toMatchObject({
      phase: { is: "waiting", why: "idle" },
      askAfterMs: 4_000,
    });
    expect(after({ room: "idle" }, { room: "live" }, { player: "missing" })).toMatchObject({
      phase: { is: "waiting", why: "starting" },
      does: "close",
      askAfterMs: 1_500,
    });
    expect(after({ room: "live" }, { player: "playing" })).toEqual({ phase: { is: "playing" }, refusals: 0 });
  });

  test("a room that plays is looked at again, and whatever it says, the picture's own end ends it", () => {
    for (const room of ["live", "ended", "idle"] as const)
      expect(after({ player: "playing" }, { room })).toEqual({
        phase: { is: "playing" },
        refusals: 0,
        askAfterMs: 15_000,
      });
  });

  test("a stall is shown over a picture only, and passes", () => {
    expect(after({ player: "stalled" }).phase).toEqual({ is: "asking" });
    expect(after({ player: "playing" }, { player: "stalled" }).phase).toEqual({ is: "stalled" });
    expect(after({ player: "playing" }, { player: "stalled" }, { player: "playing" }).phase).toEqual({
      is: "playing",
    });
  });

  test("the end is said, and the next beginning is not missed", () => {
    expect(after({ player: "playing" }, { player: "ended" })).toMatchObject({
      phase: { is: "ended" },
      does: "close",
      askAfterMs: 4_000,
    });
    expect(after({ room: "ended" }).phase).toEqual({ is: "ended" });
  });

  test("a refused address is asked for anew once; then it is said", () => {
    const once = after({ room: "live" }, { refusedBy: "expired" });
    expect(once).toMatchObject({ does: "ask", refusals: 1 });
    const twice = next(once, { refusedBy: "expired" });
    expect(twice).toMatchObject({ phase: { is: "refused", code: "expired" }, does: "close" });
    expect(mayTryAgain(twice.phase)).toBe(true);
    expect(next(twice, { again: true })).toEqual({ phase: { is: "asking" }, does: "ask", refusals: 0 });
    // After it has played, the next refusal is a first one again.
    expect(after({ refusedBy: "expired" }, { player: "playing" }, { refusedBy: "expired" }).does).toBe("ask");
  });

  test("the application away: what plays, plays on; else it is said and tried again", () => {
    expect(after({ player: "playing" }, { problem: "DATABASE_AWAY" })).toMatchObject({
      phase: { is: "playing" },
      askAfterMs: 3_000,
    });
    expect(after({ problem: "NO_ANSWER" })).toMatchObject({ phase: { is: "away" }, askAfterMs: 3_000 });
    expect(after({ player: "playing" }, { player: "lost" })).toMatchObject({
      phase: { is: "away" },
      does: "close",
      askAfterMs: 3_000,
    });
  });

  test("what stays refused is not asked again", () => {
    for (const code of ["NO_SUCH_ROOM", "LOGIN_REQUIRED", "UNPLAYABLE"]) {
      const found = after({ problem: code });
      expect(found).toEqual({ phase: { is: "refused", code }, does: "close", refusals: 0 });
      expect(mayTryAgain(found.phase)).toBe(code === "LOGIN_REQUIRED");
    }
  });

  test("every state but a playing picture has its words, in both languages", () => {
    const phases = [
      start.phase,
      { is: "waiting", why: "idle" },
      { is: "waiting", why: "starting" },
      { is: "stalled" },
      { is: "ended" },
      { is: "away" },
      ...["NO_SUCH_ROOM", "LOGIN_REQUIRED", "expired", "referer", "UNPLAYABLE", "altered"].map(
        (code) => ({ is: "refused", code }) as const,
      ),
    ] as const;
    for (const phase of phases) {
      const { title, more } = saying(phase) ?? {};
      for (const word of [title, more].filter((w) => w !== undefined)) {
        expect(say("zh", word)).toMatch(/[\u4E00-\u9FFF]/);
        expect(say("en", word)).not.toMatch(/[\u4E00-\u9FFF]/);
      }
      expect(title).toBeDefined();
    }
    expect(saying({ is: "playing" })).toBeUndefined();
  });
});
