/** Runs of ffmpeg that come and go, with a real folder: what viewers can read. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { faultsOver, readPlaylist } from "../hls/rules.ts";
import { type Broadcast, startBroadcast } from "./broadcast.ts";
import type { FfmpegEvents } from "./ffmpeg.ts";
import { ladderSlots } from "./ladder-slots.ts";
import type { Flow } from "./nginx.ts";
import { openStore, type Store } from "./store.ts";
import { streamOf, type Unit } from "./testing/stream-writer.ts";

let root: string;
let store: Store;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mall-hls-"));
  store = openStore(root);
  await store.clear();
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Run {
  readonly events: FfmpegEvents;
  readonly end: (why: string) => void;
  stopped: boolean;
}

const video = { codec: "h264", profile: "Main", level: 30, width: 320, height: 180, frameRate: 10 };

function begin(change: { readonly store?: Store } = {}) {
  const runs: Run[] = [];
  const unsupported: string[] = [];
  const silent: Flow = { flows: false, codec: undefined };
  const flows = { video: silent, audio: silent };
  let clock = 1_700_000_000_000;
  const broadcast: Broadcast = startBroadcast({
    store: change.store ?? store,
    ...{ stream: "room", broadcast: "b1aaaa", segmentSeconds: 3, playlistSeconds: 15 },
    log: () => {},
    ladderSlots: ladderSlots(0),
    ladderThreads: 1,
    onUnsupported: (reason) => unsupported.push(reason),
    now: () => clock,
    received: async () => flows,
    probe: async () => ({ video }),
    run: (_, events) => {
      let end: (why: string) => void = () => {};
      const gone = new Promise<string>((resolve) => {
        end = resolve;
      });
      const run: Run = { events, end, stopped: false };
      runs.push(run);
      return {
        pid: runs.length,
        gone,
        stop: () => {
          run.stopped = true;
          end("stopped");
        },
      };
    },
  });
  return {
    ...{ broadcast, runs, unsupported, flows },
    passes: (seconds: number) => {
      clock += seconds * 1000;
    },
  };
}

const pictures = (seconds: number, from = 0): Uint8Array =>
  streamOf(
    Array.from(
      { length: seconds * 10 },
      (_, i): Unit => ({ kind: "video", time: from + i / 10, key: i % 10 === 0 }),
    ),
    [{ pid: 0x100, type: 0x1b }],
  );
const playlist = () => readFile(join(root, "room/source.m3u8"), "utf8");
async function until(look: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + 3_000; Date.now() < end; ) {
    if (await look().valueOf()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("not within 3 s");
}
const segments = async () =>
  playlist().then(
    (text) => readPlaylist(text).segments.length,
    () => 0,
  );

test("what ffmpeg writes is listed, and ends when the publisher does", async () => {
  const { broadcast, runs, passes } = begin();
  passes(10);
  runs[0]?.events.onData(pictures(10));
  await until(async () => (await segments()) === 3);
  expect(await readFile(join(root, "room.m3u8"), "utf8")).toContain("RESOLUTION=320x180");
  await broadcast.stop(true);
  const text = await playlist();
  expect(faultsOver([text])).toEqual([]);
  const list = readPlaylist(text);
  expect(list.ended).toBe(true);
  expect(list.segments.map((each) => each.duration)).toEqual([3, 3, 3, 1]);
  expect((await readdir(join(root, "room/source"))).length).toBe(4);
  expect(await readdir(join(root, ".work"))).toEqual([]);
  await broadcast.remove(true);
  expect(await readdir(root)).toEqual([".work"]);
});

test("a run that ends is followed by another: one discontinuity, the next number, what it had is not lost", async () => {
  const { broadcast, runs, passes } = begin();
  passes(10);
  runs[0]?.events.onData(pictures(5));
  await until(async () => (await segments()) === 1);
  runs[0]?.end("SIGKILL");
  await until(() => runs.length === 2);
  passes(6);
  runs[1]?.events.onData(pictures(7, 100));
  await until(async () => (await segments()) === 4);
  await broadcast.stop(true);
  const list = readPlaylist(await playlist());
  expect(list.segments.map((each) => each.duration)).toEqual([3, 2, 3, 3, 1]);
  expect(list.segments.map((each) => each.discontinuity)).toEqual([false, false, true, false, false]);
  expect(broadcast.figures().restarts).toBe(1);
});

test("time stamps that went back: the run is ended and another begins", async () => {
  const { broadcast, runs } = begin();
  runs[0]?.events.onTimesWentBack();
  await until(() => runs.length === 2);
  expect(runs[0]?.stopped).toBe(true);
  await broadcast.stop(true);
});

test("a codec that is not broadcast is said once, nothing is listed, and no run follows", async () => {
  const { broadcast, runs, unsupported } = begin();
  runs[0]?.events.onCodec("audio", "aac");
  runs[0]?.events.onCodec("video", "hevc");
  runs[0]?.events.onCodec("video", "hevc");
  runs[0]?.events.onData(pictures(10));
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(unsupported).toEqual(["video codec hevc"]);
  expect(runs.length).toBe(1);
  expect(await segments()).toBe(0);
  await broadcast.stop(true);
});

test.each<[string, Flow, number]>([
  ["by the module's name of it, which is another's", { flows: false, codec: "Jpeg" }, 0],
  ["by its figures, where it has no name", { flows: true, codec: undefined }, 12],
])("pictures that ffmpeg never hears of are refused, sound beside them: %s", async (_, flow, seconds) => {
  const { broadcast, runs, unsupported, flows, passes } = begin();
  runs[0]?.events.onCodec("audio", "aac");
  Object.assign(flows, { video: flow, audio: { flows: true, codec: "AAC" } });
  passes(seconds);
  await until(() => unsupported.length > 0);
  expect(unsupported).toEqual([expect.stringContaining("HEVC")]);
  expect(runs.length).toBe(1);
  await broadcast.stop(true);
});

test("a name that is corrected, figures without a name of late, and what both have are not", async () => {
  const { broadcast, runs, unsupported, flows, passes } = begin();
  runs[0]?.events.onCodec("audio", "aac");
  Object.assign(flows, { video: { flows: true, codec: "Jpeg" } });
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  runs[0]?.events.onCodec("video", "h264");
  Object.assign(flows, { video: { flows: true, codec: "H264" } });
  passes(12);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(unsupported).toEqual([]);
  expect(runs.length).toBe(1);
  await broadcast.stop(true);
});

test("pictures that begin after ffmpeg has looked: another run looks again, and nothing is refused", async () => {
  const { broadcast, runs, unsupported, flows, passes } = begin();
  runs[0]?.events.onCodec("audio", "aac");
  Object.assign(flows, { video: { flows: true, codec: "H264" } });
  passes(5);
  await until(() => runs.length === 2);
  runs[1]?.events.onCodec("video", "h264");
  runs[1]?.events.onCodec("audio", "aac");
  passes(12);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(runs.length).toBe(2);
  expect(unsupported).toEqual([]);
  await broadcast.stop(true);
});

test("a disk that is full costs the segments of that while: the next one says so", async () => {
  let full = false;
  const narrow: Store = {
    ...store,
    put: async (path, content) => {
      if (full) throw new Error("ENOSPC");
      await store.put(path, content);
    },
  };
  const { broadcast, runs } = begin({ store: narrow });
  runs[0]?.events.onData(pictures(4));
  await until(async () => (await segments()) === 1);
  full = true;
  runs[0]?.events.onData(pictures(3, 4));
  await until(() => broadcast.figures().renditions[0]?.lost === 1);
  expect(broadcast.figures().renditions[0]?.fault).toContain("ENOSPC");
  full = false;
  runs[0]?.events.onData(pictures(8, 7));
  await broadcast.stop(true);
  const list = readPlaylist(await playlist());
  expect(list.segments.map((each) => each.discontinuity).slice(0, 2)).toEqual([false, true]);
  expect(broadcast.figures().renditions[0]?.fault).toBeUndefined();
  expect(faultsOver([await playlist()])).toEqual([]);
});

test("a publisher that leaves before anything could be shown leaves nothing", async () => {
  const { broadcast } = begin();
  await broadcast.stop(true);
  expect(await readdir(root)).toEqual([".work"]);
});
