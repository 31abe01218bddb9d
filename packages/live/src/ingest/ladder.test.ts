/** Ladders whose ffmpeg is played by the test, on a real folder: what of each rendition viewers get. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { alignmentFaults, faultsOver, readPlaylist } from "../hls/rules.ts";
import { type Broadcast, startBroadcast } from "./broadcast.ts";
import type { FfmpegEvents, LadderEvents, LadderRun } from "./ffmpeg.ts";
import { ladderSlots } from "./ladder-slots.ts";
import { openStore, type Store } from "./store.ts";
import { streamOf, type Unit } from "./testing/stream-writer.ts";

let root: string;
let store: Store;
const going: Broadcast[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mall-ladder-"));
  store = openStore(root);
  await store.clear();
});
afterEach(async () => {
  for (const each of going.splice(0)) await each.stop(false);
  await rm(root, { recursive: true, force: true });
});

/** What one run of the ladder's ffmpeg was given, and its ends. */
interface Making {
  readonly events: LadderEvents;
  readonly rungs: number;
  /** Bytes that it has: without a word it passes on all of them, as a rendition. */
  given: number;
  echoes: boolean;
  behind: number;
  finished: boolean;
  end(whole: boolean): void;
}

const video = { codec: "h264", profile: "High", level: 30, width: 854, height: 480, frameRate: 10 };

function begin({ slots = ladderSlots(1), room = "room", disk = store, echoes = true } = {}) {
  const makings: Making[] = [];
  const sources: { readonly events: FfmpegEvents; readonly end: (why: string) => void }[] = [];
  let clock = 1_700_000_000_000;
  const broadcast = startBroadcast({
    store: disk,
    ...{ stream: room, broadcast: "b1aaaa", segmentSeconds: 3, playlistSeconds: 60 },
    ...{ ladderSlots: slots, ladderThreads: 1, log: () => {}, onUnsupported: () => {} },
    now: () => clock,
    received: async () => ({
      video: { flows: false, codec: undefined },
      audio: { flows: false, codec: undefined },
    }),
    probe: async () => ({ video }),
    run: (_, events) => {
      let end: (why: string) => void = () => {};
      const gone = new Promise<string>((resolve) => {
        end = resolve;
      });
      sources.push({ events, end });
      return { pid: 1, gone, stop: () => end("stopped") };
    },
    runLadder: (_, rungs, events): LadderRun => {
      let end: LadderRun["kill"] = () => {};
      let settle: (value: Awaited<LadderRun["gone"]>) => void = () => {};
      const gone = new Promise<Awaited<LadderRun["gone"]>>((resolve) => {
        settle = resolve;
      });
      const making: Making = {
        ...{ events, rungs, given: 0, echoes, behind: 0, finished: false },
        end: (whole) => settle({ why: "test", whole }),
      };
      end = () => making.end(false);
      makings.push(making);
      return {
        ...{ pid: 2, gone, kill: end },
        behindBytes: () => making.behind,
        write(packet) {
          making.given += packet.length;
          if (making.echoes) for (let rung = 0; rung < rungs; rung++) events.onData(rung, packet);
        },
        finish() {
          making.finished = true;
          if (making.echoes) making.end(true);
        },
      };
    },
  });
  going.push(broadcast);
  const passes = (seconds: number) => {
    clock += seconds * 1000;
  };
  return {
    ...{ broadcast, makings, sources, passes, slots },
    /** Pictures of 1280x720, a keyframe each second. */
    sends: (seconds: number, from = 0, run = sources.length - 1) => {
      sources[run]?.events.onPicture({ width: 1280, height: 720, frameRate: 10 });
      passes(seconds);
      sources[run]?.events.onData(pictures(seconds, from));
    },
    playlist: (name: string) => readFile(join(root, `${room}/${name}.m3u8`), "utf8"),
    master: () => readFile(join(root, `${room}.m3u8`), "utf8"),
    has: (name: string, count: number) =>
      until(async () => {
        const text = await readFile(join(root, `${room}/${name}.m3u8`), "utf8").catch(() => undefined);
        return text !== undefined && readPlaylist(text).segments.length >= count;
      }),
  };
}

const pictures = (seconds: number, from: number): Uint8Array =>
  streamOf(
    Array.from(
      { length: seconds * 10 },
      (_, i): Unit => ({ kind: "video", time: from + i / 10, key: i % 10 === 0 }),
    ),
    [{ pid: 0x100, type: 0x1b }],
  );

async function until(look: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + 4_000; !(await look()); await new Promise((go) => setTimeout(go, 10)))
    if (Date.now() > end) throw new Error("not within 4 s");
}
const owners = (text: string) => readPlaylist(text).segments.map(({ uri }) => uri.split("/")[0]);

test("renditions have the source's numbers, times and discontinuities, over a restart of the source as well", async () => {
  const { broadcast, sends, sources, makings, playlist, master, has } = begin();
  sends(10);
  await has("480p", 3);
  expect(await master()).toMatch(/source\.m3u8[\s\S]*480p\.m3u8[\s\S]*360p\.m3u8/);
  expect(broadcast.figures()).toMatchObject({ ladder: "on", ladderPid: 2, ladderRestarts: 0 });
  sources[0]?.end("SIGKILL");
  await until(() => sources.length === 2);
  sends(7, 100);
  await has("480p", 6);
  await broadcast.stop(true);
  const [source, ...others] = await Promise.all(["source", "480p", "360p"].map(playlist));
  if (source === undefined) throw new Error("no source");
  expect(readPlaylist(source).segments.map((each) => each.duration)).toEqual([3, 3, 3, 1, 3, 3, 1]);
  expect(readPlaylist(source).segments.filter((each) => each.discontinuity).length).toBe(1);
  for (const other of others) {
    expect(alignmentFaults(readPlaylist(source), readPlaylist(other))).toEqual([]);
    expect(faultsOver([other])).toEqual([]);
    expect(readPlaylist(other).ended).toBe(true);
  }
  expect(owners(others[0] ?? "")).toEqual(Array.from({ length: 7 }, () => "480p"));
  expect(makings.length).toBe(2);
});

test("while the ladder's ffmpeg starts anew, the source's segments stand in its renditions", async () => {
  const { broadcast, sends, makings, playlist, has } = begin();
  sends(7);
  await has("480p", 2);
  makings[0]?.end(false);
  await until(() => broadcast.figures().ladderPid === undefined);
  sends(6, 7);
  await until(() => makings.length === 2);
  sends(6, 13);
  await has("480p", 6);
  await broadcast.stop(true);
  const text = await playlist("480p");
  expect(owners(text)).toEqual(["480p", "480p", "source", "source", "480p", "480p", "480p"]);
  expect(alignmentFaults(readPlaylist(await playlist("source")), readPlaylist(text))).toEqual([]);
  expect(broadcast.figures()).toMatchObject({ ladderRestarts: 1 });
});

test("a disk that is full for a rendition alone costs it nothing that its viewers miss", async () => {
  let isFull = false;
  const narrow: Store = {
    ...store,
    put: async (path, content) => {
      if (isFull && /480p\/.*ts$/.test(path)) throw new Error("ENOSPC");
      await store.put(path, content);
    },
  };
  const { broadcast, sends, playlist, has } = begin({ disk: narrow });
  sends(4);
  await has("480p", 1);
  isFull = true;
  sends(3, 4);
  await has("480p", 2);
  isFull = false;
  sends(6, 7);
  await broadcast.stop(true);
  expect(owners(await playlist("480p"))).toEqual(["480p", "source", "480p", "480p", "480p"]);
  expect(new Set(owners(await playlist("360p")))).toEqual(new Set(["360p"]));
});

test("a ladder that cannot keep up leaves the master, its files and its place; the source goes on", async () => {
  const { broadcast, sends, makings, master, passes, has, slots } = begin();
  sends(4);
  await has("360p", 1);
  for (const making of makings) making.echoes = false;
  sends(6, 4);
  await has("source", 3);
  expect(slots.take()).toBe(false);
  passes(11);
  await until(() => broadcast.figures().ladder === "source only: could not keep up");
  await until(async () => !(await master()).includes("480p"));
  await until(async () => !(await readdir(join(root, "room"))).includes("480p.m3u8"));
  expect(slots.take()).toBe(true);
  sends(6, 10);
  await has("source", 5);
  expect(makings.length).toBe(1);
  expect((await readdir(join(root, "room"))).filter((name) => name.endsWith(".m3u8"))).toEqual([
    "source.m3u8",
  ]);
});

test("what ffmpeg does not take in time is given up as well", async () => {
  const { broadcast, sends, makings } = begin();
  sends(1);
  for (const making of makings) making.behind = 30_000_000;
  await until(() => broadcast.figures().ladder === "source only: could not keep up");
});

test("a second broadcast passes through, says so, and has its ladder once there is room", async () => {
  const slots = ladderSlots(1);
  const first = begin({ slots });
  first.sends(4);
  await first.has("480p", 1);
  const second = begin({ slots, room: "other" });
  second.sends(4);
  await second.has("source", 1);
  expect(second.broadcast.figures().ladder).toBe("source only: limit reached");
  // The master playlist is written after the first media playlist.
  await until(async () => (await second.master().catch(() => "")) !== "");
  expect(await second.master()).not.toContain("480p");
  await first.broadcast.stop(true);
  second.sends(6, 4);
  await second.has("480p", 1);
  await until(async () => (await second.master()).includes("480p"));
  const source = readPlaylist(await second.playlist("source"));
  expect(alignmentFaults(source, readPlaylist(await second.playlist("480p")))).toEqual([]);
});

test("an ffmpeg that makes nothing, time after time, is not tried for ever", async () => {
  const { broadcast, sends, makings } = begin({ echoes: false });
  sends(1);
  for (let i = 0; i < 3; i++) {
    await until(() => makings.length === i + 1);
    makings[i]?.end(false);
  }
  await until(() => broadcast.figures().ladder === "source only: ffmpeg failed");
}, 10_000);

test("neither sound alone nor a small picture has a ladder, nor anything where they are off", async () => {
  const small = begin();
  small.sources[0]?.events.onPicture({ width: 320, height: 180 });
  small.sources[0]?.events.onData(pictures(4, 0));
  await small.has("source", 1);
  expect(small.broadcast.figures().ladder).toBe("source only: nothing smaller to make");
  expect(small.slots.take()).toBe(true);
  const off = begin({ slots: ladderSlots(0), room: "off" });
  off.sends(4);
  await off.has("source", 1);
  expect(off.broadcast.figures().ladder).toBe("source only: ladders are off");
  const sound = begin({ room: "sound" });
  const units = Array.from({ length: 80 }, (_, i): Unit => ({ kind: "audio", time: i / 10, bytes: 60 }));
  sound.sources[0]?.events.onData(streamOf(units, [{ pid: 0x101, type: 0x0f }]));
  await sound.has("source", 2);
  expect(sound.broadcast.figures().ladder).toBe("source only: no pictures");
  for (const { makings } of [small, off, sound]) expect(makings).toEqual([]);
});
