/** What publishers send that they should not, side by side: what viewers of each get. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { alignmentFaults, faultsOver, readPlaylist } from "../../../packages/live/src/hls/rules.ts";
import { rtmpClient } from "../../../packages/live/src/rtmp/client.ts";
import { type FlvTag, flvTags } from "../../support/flv.ts";
import { eventually, h264, type IngestBench, ingestBench } from "../../support/ingest-bench.ts";

let live: IngestBench;
let clip: readonly FlvTag[];

/** Encoded once: publishers that copy cost nothing beside what is looked at. */
const clips = {
  frames: [
    "640x480",
    10,
    24,
    "-c:v libx264 -preset veryfast -bf 2 -pix_fmt yuv420p -threads 1 -g 20 -sc_threshold 0",
  ],
  seldom: ["320x180", 1, 40, h264(2).join(" ")],
  far: ["320x180", 10, 60, h264(200).join(" ")],
  plain: ["320x180", 10, 8, h264(10).join(" ")],
  hevc: ["320x180", 10, 24, "-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1 -g 10"],
} as const;

beforeAll(async () => {
  live = await ingestBench({ segmentsMiB: 24 });
  const lines = Object.entries(clips).map(
    ([name, [size, rate, seconds, codec]]) =>
      `ffmpeg -v error -f lavfi -i testsrc2=size=${size}:rate=${rate} -f lavfi -i sine -t ${seconds} ${codec} -c:a aac -f flv /tmp/${name}.flv`,
  );
  const { stdout } = await live.studio.exec("sh", "-c", `${lines.join("\n")}\nbusybox base64 /tmp/plain.flv`);
  clip = flvTags(Buffer.from(stdout, "base64"));
  if (clip.length < 100) throw new Error("no clip");
}, 400_000);
afterAll(() => live?.close(), 60_000);

const publish = (room: keyof typeof clips, seconds: number) =>
  live.publish({
    room,
    seconds,
    video: ["-re", "-stream_loop", "-1", "-i", `/tmp/${room}.flv`, "-c", "copy"],
    audio: null,
  });
const playlistOf = async (room: string, name = "source") => {
  const { status, text } = await live.get(`/live/${room}/${name}.m3u8`);
  return status === 200 ? text : undefined;
};
const segmentsOf = (text: string | undefined) => (text === undefined ? [] : readPlaylist(text).segments);

/** Every other text of a playlist until it has so many segments, or its end. */
async function watch(room: string, count: number, withinMs = 90_000): Promise<readonly string[]> {
  const readings: string[] = [];
  await eventually(
    `${room} has ${count} segments`,
    async () => {
      const text = await playlistOf(room);
      if (text !== undefined && text !== readings.at(-1)) readings.push(text);
      return segmentsOf(text).length >= count || (text !== undefined && readPlaylist(text).ended);
    },
    withinMs,
  );
  return readings;
}

interface Frame {
  readonly pts: number;
  readonly dts: number;
  readonly key: boolean;
}

async function framesOf(room: string, uri: string): Promise<readonly Frame[]> {
  const { stdout } = await live.ingest.exec(
    ...["ffprobe", "-v", "error", "-f", "mpegts", "-select_streams", "v"],
    ...["-show_entries", "packet=pts_time,dts_time,flags", "-of", "csv=p=0", `/run/hls/${room}/${uri}`],
  );
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [pts, dts, flags = ""] = line.split(",");
      return { pts: Number(pts), dts: Number(dts), key: flags.startsWith("K") };
    });
}

test("B-frames, one picture a second, a keyframe every 20 s: all play by the rules", async () => {
  const publishers = [publish("frames", 60), publish("seldom", 60), publish("far", 90)];
  const [frames = [], seldom = [], far = []] = await Promise.all([
    watch("frames", 3),
    watch("seldom", 3),
    watch("far", 2),
  ]);
  for (const readings of [frames, seldom, far]) expect(faultsOver(readings)).toEqual([]);

  // Pictures that are decoded before they are seen, and the smaller rendition without: the same pictures.
  const state = (await live.state()).streams.find(({ stream }) => stream === "frames");
  expect(state?.figures.ladder).toBe("on");
  const small = await eventually("a smaller rendition", async () => playlistOf("frames", "360p"));
  expect(alignmentFaults(readPlaylist(frames.at(-1) ?? ""), readPlaylist(small))).toEqual([]);
  const [own] = segmentsOf(small).filter(({ uri }) => uri.startsWith("360p/"));
  const same = segmentsOf(frames.at(-1)).find(({ sequence }) => sequence === own?.sequence);
  const [shown, source] = [
    await framesOf("frames", own?.uri ?? ""),
    await framesOf("frames", same?.uri ?? ""),
  ];
  expect(source[0]?.key).toBe(true);
  expect(source.some(({ pts, dts }) => pts > dts)).toBe(true);
  const times = (list: readonly Frame[]) => list.map(({ pts }) => pts).sort((a, b) => a - b);
  expect(times(shown)).toEqual(times(source));

  for (const { uri, duration } of segmentsOf(seldom.at(-1))) {
    expect((await framesOf("seldom", uri))[0]?.key, uri).toBe(true);
    expect(duration).toBe(2);
  }
  // A first keyframe is waited for, no further one: what would be longer than the target is cut at a picture.
  const list = readPlaylist(far.at(-1) ?? "");
  expect(list.targetDuration).toBe(10);
  expect((await framesOf("far", list.segments[0]?.uri ?? ""))[0]?.key).toBe(true);
  for (const each of publishers) await each.stop();
}, 180_000);

test("a clock that jumps forward and back: a discontinuity each time, every picture kept", async () => {
  const client = await rtmpClient(live.address, 1935);
  client.publish("jumps?key=right");
  await eventually("it is live", async () =>
    (await live.state()).streams.some((each) => each.stream === "jumps"),
  );
  const reading = watch("jumps", 99, 90_000);
  let from = Date.now();
  for (const offset of [0, 3_600_000, 1_000]) {
    const seconds = 8;
    for (const tag of clip.filter(({ timestamp }) => timestamp < seconds * 1_000)) {
      const wait = from + tag.timestamp - Date.now();
      if (wait > 5) await new Promise((resolve) => setTimeout(resolve, wait));
      client.media(tag.type, tag.timestamp + offset, tag.body);
    }
    from += seconds * 1_000;
  }
  client.end();
  const readings = await reading;
  expect(faultsOver(readings)).toEqual([]);
  const segments = segmentsOf(readings.at(-1));
  expect(segments.filter((each) => each.discontinuity).length).toBeGreaterThanOrEqual(2);
  for (const { uri } of segments) expect((await framesOf("jumps", uri))[0]?.key, uri).toBe(true);
  expect(segments.reduce((sum, { duration }) => sum + duration, 0)).toBeGreaterThan(17);
}, 120_000);

test("HEVC with sound is refused in words before its figures are known, and nothing of it is seen", async () => {
  const { exitCode, seconds } = await publish("hevc", 30).ended;
  expect(exitCode).not.toBe(0);
  // By figures alone it took eleven.
  expect(seconds).toBeLessThan(11);
  const refusal = (await live.state()).refused.find((each) => each.stream === "hevc");
  expect(refusal).toMatchObject({ code: "UNSUPPORTED_CODEC" });
  expect(refusal?.reason).toMatch(/hevc/i);
  expect((await live.get("/live/hevc.m3u8")).status).toBe(404);
}, 60_000);

test("a full disk costs the segments of that while, says so, and the broadcast goes on when there is room", async () => {
  const publisher = publish("plain", 120);
  const before = await watch("plain", 2);
  const source = async () =>
    (await live.state()).streams.find(({ stream }) => stream === "plain")?.figures.renditions[0];
  await live.ingest.exec("sh", "-c", "busybox dd if=/dev/zero of=/run/hls/.ballast bs=4096 || true");
  const full = await eventually("segments are lost", async () => {
    const now = await source();
    return (now?.lost ?? 0) > 0 && now;
  });
  expect(full.fault).toContain("ENOSPC");
  expect(await live.ingest.logs()).toMatch(/"a segment was lost","stream":"plain"/);
  // What was there can still be watched.
  expect(segmentsOf(await playlistOf("plain")).length).toBeGreaterThanOrEqual(2);
  await live.ingest.exec("rm", "/run/hls/.ballast");
  const had = segmentsOf(await playlistOf("plain")).length;
  const after = await watch("plain", had + 2);
  expect(faultsOver([...before, ...after])).toEqual([]);
  expect(segmentsOf(after.at(-1)).filter((each) => each.discontinuity).length).toBe(1);
  expect((await source())?.fault).toBeUndefined();
  await publisher.stop();
}, 150_000);
