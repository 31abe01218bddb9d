/** The pure parts of the checks: what they read in answers, processes, packets and names. */
import { expect, test } from "vitest";
import { versionQuestion, versionsIn } from "./http3.ts";
import { missingLines } from "./ingests.ts";
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

test("an altered signature differs, and is still one of its dialect", () => {
  for (const query of [
    "md5=ABCDEFGHIJKLMNOPQRSTUV&expires=1800000000",
    "md5=xBCDEFGHIJKLMNOPQRSTUV&expires=1800000000",
  ]) {
    expect(altered(query)).not.toBe(query);
    expect(altered(query)).toMatch(/^md5=[A-Za-z0-9_-]{22}&expires=1800000000$/);
  }
});

test("addresses of a playlist", () => {
  expect(addressesIn("#EXTM3U\n#EXTINF:3,\nsource/b1-1.ts?x\n\n")).toEqual(["source/b1-1.ts?x"]);
});

test("what the segments of a playlist last", () => {
  expect(secondsIn("#EXTM3U\n#EXTINF:3.000,\na.ts\n#EXTINF:1.25,\nb.ts\n")).toBe(4.25);
  expect(secondsIn("#EXTM3U\n")).toBe(0);
});
