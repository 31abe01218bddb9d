/** The pure parts of the checks: what they read in answers, processes, packets and names. */
import { describe, expect, test } from "vitest";
import { streamOf } from "../../../../../live/src/ingest/testing/stream-writer.ts";
import { toldOf } from "./events.ts";
import { versionQuestion, versionsIn } from "./http3.ts";
import { missingLines } from "./ingests.ts";
import { beginsWithKeyframe, renditionsIn } from "./ladder.ts";
import { secondsIn } from "./replays.ts";
import { isForgotten } from "./room.ts";
import { altered } from "./signatures.ts";
import { addressesIn } from "./stream.ts";
import { nginxServers } from "./workers.ts";

test("lines of the plan that a configuration lacks", () => {
  expect(missingLines("rtmp {\n    hls on;\n}\n", ["hls on;", "live on;"])).toEqual(["live on;"]);
  // A comment or a part of a line is not the line.
  expect(missingLines("# hls on;\nhls on; x", ["hls on;"])).toEqual(["hls on;"]);
});

test("a room of a check is forgotten by its age alone, and no other room ever", () => {
  const now = Date.parse("2026-11-30T12:00:00Z");
  const made = (at: number) => `mall-check-${at.toString(36)}-0123abcd`;
  expect(isForgotten(made(now - 11 * 60_000), now)).toBe(true);
  expect(isForgotten(made(now - 9 * 60_000), now)).toBe(false);
  for (const name of ["mall-check", "mall-check-tv", "mall-check-1-0123abcd", "room"])
    expect(isForgotten(name, now), name).toBe(false);
});

test("a question of QUIC has the length that a server answers, and an answer is one to it alone", () => {
  const [destination, source] = [Buffer.alloc(8, 1), Buffer.alloc(8, 2)];
  const question = versionQuestion(destination, source);
  expect(question).toHaveLength(1200);
  expect(question.subarray(0, 24).toString("hex")).toBe(
    "c01a2a3a4a08010101010101010108020202020202020200".slice(0, 48),
  );
  const answer = Buffer.from("80000000000802020202020202020801010101010101010000000133333333", "hex");
  expect(versionsIn(answer, destination, source)).toEqual([1, 0x33333333]);
  expect(versionsIn(answer, source, destination)).toBeUndefined();
  // A packet of version 1, not a negotiation of versions.
  expect(versionsIn(Buffer.from(answer).fill(1, 4, 5), destination, source)).toBeUndefined();
  expect(versionsIn(answer.subarray(0, -1), destination, source)).toBeUndefined();
});

test("nginx's masters and their workers; those that exit are no workers any more", () => {
  const processes = [
    "1|0|node /app/ingest.mjs",
    "7|1|nginx: master process nginx -e stderr -c /config/live-ingest-1/nginx.conf -g daemon off;",
    "8|1|nginx: master process nginx -e stderr -c /config/live-ingest-1/origin.conf -g daemon off;",
    "9|7|nginx: worker process",
    "10|8|nginx: worker process",
    "11|8|nginx: worker process is shutting down",
    "12|8|nginx: worker process",
  ].join("\n");
  expect(nginxServers(processes).map(({ command, workers }) => [command.split("/").at(-1), workers])).toEqual(
    [
      ["nginx.conf -g daemon off;", 1],
      ["origin.conf -g daemon off;", 2],
    ],
  );
});

test("an altered signature differs by one character of its digest", () => {
  for (const [before, digest, after] of [
    ["/live/tea.m3u8?md5=", "ABCDEFGHIJKLMNOPQRSTUV", "&expires=1800000000"],
    ["/live/tea.m3u8?md5=", "xBCDEFGHIJKLMNOPQRSTUV", "&expires=1800000000"],
    ["/live/~0123abcd.1800000000.0123456789abcdef.", "ABCDEFGHIJKLMNOPQRSTUV", "/tea.m3u8"],
  ] as const) {
    const made = altered(`${before}${digest}${after}`);
    expect(made).toBe(`${before}${digest.startsWith("A") ? "B" : "A"}${digest.slice(1)}${after}`);
  }
});

test("addresses of a playlist", () => {
  expect(addressesIn("#EXTM3U\n#EXTINF:3,\nsource/b1-1.ts?x\n\n")).toEqual(["source/b1-1.ts?x"]);
});

test("what the segments of a playlist last", () => {
  expect(secondsIn("#EXTM3U\n#EXTINF:3.000,\na.ts\n#EXTINF:1.25,\nb.ts\n")).toBe(4.25);
  expect(secondsIn("#EXTM3U\n")).toBe(0);
});

describe("a room's events, as a consumer takes them from the log", () => {
  const ids = [1, 2, 3].map((n) => `0193f0a0-0000-7000-8000-00000000000${n}`);
  const at = "2026-11-30T12:00:00.000Z";
  const record = (sequence: number, type: string, data: object, over: object = {}) => ({
    partition: 4,
    key: "tea",
    text: JSON.stringify({ id: ids[sequence - 1], type, room: "tea", sequence, at, data, ...over }),
  });
  const started = record(1, "live.started", { broadcast: "b1", resumed: false });
  const stopped = record(2, "live.stopped", { broadcast: "b1", reason: "closed" });
  const deleted = record(3, "room.deleted", {});

  test("in order, and one that comes again is dropped", () => {
    expect(toldOf("tea", [started, stopped, started, stopped, deleted])).toEqual({
      types: ["live.started", "live.stopped", "room.deleted"],
      again: 2,
      partitions: 1,
      faults: [],
    });
  });

  test.each([
    ["a gap", [started, deleted], /number 3 after 1/],
    ["the wrong order", [stopped, started], /number 2 after 0/],
    ["two events of one number", [started, record(1, "room.deleted", {}, { id: ids[1] })], /number 1 twice/],
    ["one id twice", [started, record(2, "room.deleted", {}, { id: ids[0] })], /the id of an earlier event/],
    ["another form", [record(1, "live.started", { broadcast: "b1" })], /no event: .*resumed/s],
    ["no type that there is", [record(1, "live.begun", {})], /no event/],
    ["no JSON", [{ ...started, text: "tea" }], /no event/],
    ["another key", [{ ...started, key: "coffee" }], /by key coffee/],
    ["two partitions", [started, { ...stopped, partition: 5 }], /in 2 partitions/],
  ])("%s is a fault", (_, records, fault) => {
    expect(toldOf("tea", records).faults.join("\n")).toMatch(fault);
  });
});

test("the renditions of a master playlist, as an edge signs it", () => {
  const master = [
    "#EXTM3U",
    '#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="avc1.42c01e",RESOLUTION=640x400,FRAME-RATE=5.000',
    "tea/source.m3u8?md5=a&expires=1",
    "#EXT-X-STREAM-INF:BANDWIDTH=9,RESOLUTION=576x360",
    "tea/360p.m3u8?md5=a&expires=1",
    "",
  ].join("\n");
  expect([...renditionsIn(master)]).toEqual([
    ["source", "640x400"],
    ["360p", "576x360"],
  ]);
});

test("a segment begins with a keyframe, or with another picture, or with none", () => {
  const picture = (time: number, key: boolean) => ({ kind: "video", time, key }) as const;
  expect(beginsWithKeyframe(streamOf([picture(1, true), picture(2, false)]))).toBe(true);
  expect(beginsWithKeyframe(streamOf([picture(1, false), picture(2, true)]))).toBe(false);
  expect(beginsWithKeyframe(new Uint8Array())).toBe(false);
});
