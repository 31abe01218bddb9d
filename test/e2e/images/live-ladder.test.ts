/** Laddered broadcasts of the live-ingest image: real publishers, real ffmpeg, the rules of RFC 8216 over time. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { alignmentFaults, faultsOver, readPlaylist } from "../../../packages/live/src/hls/rules.ts";
import { eventually, h264, type IngestBench, ingestBench } from "../../support/ingest-bench.ts";

let live: IngestBench;
beforeAll(async () => {
  live = await ingestBench();
  // Encoded once, so that publishers cost nothing beside what is looked at.
  const script = `ffmpeg -v error -f lavfi -i testsrc2=size=960x540:rate=10 -f lavfi -i sine -t 20 ${h264(20).join(" ")} -c:a aac -f flv /tmp/wide.flv`;
  const { exitCode, stderr } = await live.studio.exec("sh", "-c", script);
  if (exitCode !== 0) throw new Error(stderr);
}, 400_000);
afterAll(() => live?.close(), 60_000);

const names = ["source", "480p", "360p"] as const;
const publish = (room: string, seconds: number) =>
  live.publish({
    room,
    seconds,
    video: ["-re", "-stream_loop", "-1", "-i", "/tmp/wide.flv", "-c", "copy"],
    audio: null,
  });
const streamOf = async (room: string) => (await live.state()).streams.find((each) => each.stream === room);
const master = async (room: string) => (await live.get(`/live/${room}.m3u8`)).text;

interface Picture {
  readonly pts: string;
  readonly key: boolean;
}

async function picturesOf(room: string, uri: string): Promise<readonly Picture[]> {
  const { stdout } = await live.ingest.exec(
    ...["ffprobe", "-v", "error", "-f", "mpegts", "-select_streams", "v"],
    ...["-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", `/run/hls/${room}/${uri}`],
  );
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [pts = "", flags = ""] = line.split(",");
      return { pts, key: flags.startsWith("K") };
    });
}

test("smaller renditions stand beside the source, picture by picture; a killed ffmpeg of theirs is no matter", async () => {
  const publisher = publish("wide", 90);
  await eventually("the master lists all three", async () => (await master("wide")).includes("360p"), 40_000);
  expect(await master("wide")).toMatch(
    /^#EXTM3U\n#EXT-X-VERSION:3\n(#EXT-X-STREAM-INF:BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2",RESOLUTION=(960x540|854x480|640x360),FRAME-RATE=10\.000\nwide\/(source|480p|360p)\.m3u8\n){3}$/,
  );
  const readings = new Map(names.map((name) => [name, [] as string[]]));
  const read = async () => {
    for (const name of names) {
      const { text } = await live.get(`/live/wide/${name}.m3u8`);
      if (text !== readings.get(name)?.at(-1)) readings.get(name)?.push(text);
    }
  };
  const before = await streamOf("wide");
  expect(before?.figures).toMatchObject({ ladder: "on", ladderRestarts: 0 });
  const nice = `cut -d' ' -f19 /proc/${before?.figures.ladderPid}/stat`;
  expect((await live.ingest.exec("sh", "-c", nice)).stdout.trim()).toBe("10");
  await live.ingest.exec("sh", "-c", `kill -9 ${before?.figures.ladderPid}`);
  await eventually(
    "it made more after it was killed",
    async () => {
      await read();
      const text = readings.get("360p")?.at(-1) ?? "";
      return /source\/[\s\S]*360p\//.test(text) || (await streamOf("wide"))?.figures.ladderRestarts === 1;
    },
    30_000,
  );
  const made =
    (await streamOf("wide"))?.figures.renditions.find(({ name }) => name === "360p")?.segments ?? 0;
  await eventually(
    "two more segments of its own",
    async () => {
      await read();
      const now = (await streamOf("wide"))?.figures.renditions.find(({ name }) => name === "360p");
      return (now?.segments ?? 0) >= made + 2;
    },
    40_000,
  );
  await publisher.stop();
  await eventually("all have ended", async () => {
    await read();
    return names.every((name) => readings.get(name)?.at(-1)?.includes("ENDLIST"));
  });
  for (const [name, texts] of readings) expect(faultsOver(texts), name).toEqual([]);
  const [source, ...others] = names.map((name) => readPlaylist(readings.get(name)?.at(-1) ?? ""));
  if (source === undefined) throw new Error("no source");
  for (const other of others) {
    expect(alignmentFaults(source, other)).toEqual([]);
    const own = other.segments.filter(({ uri }) => !uri.startsWith("source/"));
    expect(own.length).toBeGreaterThanOrEqual(3);
    for (const { uri, sequence } of own.slice(-3)) {
      const same = source.segments.find((each) => each.sequence === sequence)?.uri ?? "";
      expect(await picturesOf("wide", uri), uri).toEqual(await picturesOf("wide", same));
    }
  }
}, 150_000);

test("a second broadcast passes through and says so, and has its ladder when the first is over", async () => {
  const first = publish("first", 120);
  await eventually("it is the first", async () => (await streamOf("first"))?.figures.ladder === "on", 40_000);
  const second = publish("second", 120);
  await eventually("it passes", async () => (await master("second")).includes("source.m3u8"), 40_000);
  expect((await streamOf("second"))?.figures.ladder).toBe("source only: limit reached");
  expect(await master("second")).not.toMatch(/480p|360p/);
  await first.stop();
  await eventually("it has one", async () => (await master("second")).includes("360p"), 60_000);
  const [source, small] = await Promise.all(
    ["source", "360p"].map(async (name) => readPlaylist((await live.get(`/live/second/${name}.m3u8`)).text)),
  );
  if (source === undefined || small === undefined) throw new Error("no playlist");
  expect(alignmentFaults(source, small)).toEqual([]);
  await second.stop();
}, 200_000);

test("an ffmpeg that stands still is given up; the source goes on", async () => {
  const publisher = publish("stuck", 120);
  await eventually("it is on", async () => (await streamOf("stuck"))?.figures.ladder === "on", 40_000);
  const pid = (await streamOf("stuck"))?.figures.ladderPid;
  await live.ingest.exec("sh", "-c", `kill -STOP ${pid}`);
  await eventually(
    "it is given up",
    async () => (await streamOf("stuck"))?.figures.ladder === "source only: could not keep up",
    40_000,
  );
  await eventually("the master lists the source", async () => !/480p|360p/.test(await master("stuck")));
  expect((await live.get("/live/stuck/480p.m3u8")).status).toBe(404);
  const seen = readPlaylist((await live.get("/live/stuck/source.m3u8")).text).segments.at(-1)?.sequence ?? 0;
  await eventually("the source goes on", async () => {
    const { segments } = readPlaylist((await live.get("/live/stuck/source.m3u8")).text);
    return (segments.at(-1)?.sequence ?? 0) > seen;
  });
  await publisher.stop();
}, 150_000);
