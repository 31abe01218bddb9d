/** Segments on a real folder, a bucket that comes and goes: what arrives there, in which order, and what is told. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Recording } from "./app-client.ts";
import type { KeptSegment } from "./rendition.ts";
import { openStore, type Store } from "./store.ts";
import { openUploads, type Uploads } from "./upload.ts";

let root: string;
let store: Store;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mall-upload-"));
  store = openStore(root);
  await store.clear();
});
afterEach(() => rm(root, { recursive: true, force: true }));

function begin({ freeBytes = (): number => 100 } = {}) {
  const put: { readonly key: string; readonly text: string }[] = [];
  const told: Recording[] = [];
  const lines: string[] = [];
  const bucket = { isAway: false, attempts: 0 };
  let resume: (() => void)[] = [];
  const uploads: Uploads = openUploads({
    store: { ...store, room: async () => ({ freeBytes: freeBytes(), totalBytes: 100 }) },
    instance: "live-ingest-1",
    log: (_level, message) => lines.push(message),
    recorded: (recording) => told.push(recording),
    poster: async (path) => {
      if (path.length === 0) throw new Error("never");
      return new TextEncoder().encode("picture");
    },
    pause: () => new Promise((resolve) => resume.push(resolve)),
    bucket: {
      put: async (key, content) => {
        bucket.attempts += 1;
        if (bucket.isAway) throw new Error("connect ECONNREFUSED");
        put.push({ key, text: new TextDecoder().decode(content) });
      },
    },
  });
  const recorder = uploads.recorder("tea", "b1aaaa");
  return {
    ...{ uploads, recorder, put, told, lines, bucket },
    /** What pauses after failures have passed. */
    goOn: () => {
      const all = resume;
      resume = [];
      for (const each of all) each();
    },
    segment: async (sequence: number, change: Partial<KeptSegment> = {}): Promise<void> => {
      const path = `tea/source/b1aaaa-${sequence}.ts`;
      await store.put(path, `segment ${sequence}`);
      recorder.add({
        ...{ rendition: "source", path, sequence, startedAtMs: 1_794_000_000_000 + sequence * 3_000 },
        ...{ durationSeconds: 3, discontinuity: false, independent: true, bytes: 9, ...change },
      });
    },
  };
}

const until = async (holds: () => boolean): Promise<void> => {
  for (const end = Date.now() + 10_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 5)))
    if (Date.now() > end) throw new Error("does not come to hold");
};
/** The same while every pause passes: one may begin after another was ended. */
const going = (goOn: () => void, holds: () => boolean): Promise<void> =>
  until(() => {
    goOn();
    return holds();
  });
const held = async () => (await readdir(join(root, ".work"))).length;
/** Numbers of those that arrived; a few travel at once, so their order is not given. */
const segments = (put: readonly { readonly key: string }[]) =>
  put.flatMap(({ key }) => /source-(\d+)-/.exec(key)?.[1] ?? []).sort();

test("each segment arrives under a name that says what it is, and nothing of it stays on the disk", async () => {
  const { uploads, recorder, put, told, segment } = begin();
  await segment(7);
  await segment(8, { discontinuity: true, durationSeconds: 2.9994 });
  await segment(9, { rendition: "720p" });
  recorder.end();
  await until(() => told.length > 0);
  expect(put.filter(({ key }) => key.endsWith(".ts")).sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
    { key: "tea/b1aaaa/source-7-1794000021000-3000.ts", text: "segment 7" },
    { key: "tea/b1aaaa/source-8-1794000024000-2999-d.ts", text: "segment 8" },
  ]);
  expect(put.filter(({ key }) => key === "tea/b1aaaa/poster.jpg").length).toBe(1);
  expect(told).toEqual([
    {
      ...{ stream: "tea", broadcast: "b1aaaa", instance: "live-ingest-1" },
      ...{ waiting: 0, uploaded: 2, dropped: 0 },
    },
  ]);
  expect(uploads.figures()).toMatchObject({ waiting: 0, waitingBytes: 0, uploaded: 2, dropped: 0 });
  expect(await held()).toBe(0);
  await uploads.close(100);
});

test("a second poster, of a moment by which the camera is set up, replaces the first", async () => {
  const { uploads, recorder, put, told, segment } = begin();
  for (const sequence of [1, 2, 3, 4, 5]) await segment(sequence);
  recorder.end();
  await until(() => told.length > 0);
  expect(put.filter(({ key }) => key.endsWith("poster.jpg")).length).toBe(2);
  await uploads.close(100);
});

test("while the bucket is away segments outlive their time on the live disk, and follow", async () => {
  const { uploads, recorder, put, told, bucket, lines, goOn, segment } = begin();
  bucket.isAway = true;
  for (const sequence of [1, 2, 3, 4, 5, 6]) {
    await segment(sequence);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await store.remove(["tea"]);
  recorder.end();
  await until(() => bucket.attempts > 0);
  expect(uploads.figures()).toMatchObject({ uploaded: 0, fault: "Error: connect ECONNREFUSED" });
  expect(uploads.figures().waitingBytes).toBe(54);
  const before = bucket.attempts;
  await going(goOn, () => bucket.attempts > before);
  expect(put).toEqual([]);
  expect(told).toEqual([]);
  // Said once, however often it is tried.
  expect(lines.filter((line) => line.includes("tried again")).length).toBe(1);
  bucket.isAway = false;
  await going(goOn, () => told.some((each) => each.waiting === 0));
  expect(segments(put)).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(uploads.figures()).toMatchObject({ uploaded: 6, dropped: 0, waitingBytes: 0 });
  expect(uploads.figures().fault).toBeUndefined();
  await uploads.close(100);
});

test("a short disk costs the oldest segment that viewers no longer have, and the loss is told", async () => {
  let free = 100;
  const { uploads, recorder, put, told, bucket, goOn, segment } = begin({ freeBytes: () => free });
  bucket.isAway = true;
  await segment(1);
  await segment(2);
  await until(() => bucket.attempts > 0);
  free = 10;
  // Viewers may still have both: to drop one would free nothing.
  await segment(3);
  await until(() => uploads.figures().waiting >= 3);
  expect(uploads.figures().dropped).toBe(0);
  await store.remove(["tea/source/b1aaaa-1.ts"]);
  await going(goOn, () => uploads.figures().dropped === 1);
  expect(uploads.figures().dropped).toBe(1);
  free = 100;
  bucket.isAway = false;
  recorder.end();
  await going(goOn, () => told.some((each) => each.waiting === 0));
  expect(segments(put)).toEqual(["2", "3"]);
  expect(told.at(-1)).toMatchObject({ uploaded: 2, dropped: 1 });
  await uploads.close(100);
});

test("an instance that is stopped uploads what it can, and says what it could not", async () => {
  const { uploads, recorder, told, bucket, goOn, segment } = begin();
  bucket.isAway = true;
  await segment(1);
  await until(() => bucket.attempts > 0);
  recorder.end();
  await uploads.close(30);
  await going(goOn, () => told.length > 0);
  expect(told.at(-1)).toMatchObject({ waiting: 0, uploaded: 0, dropped: 1 });
});

test("a segment that is gone from the disk is told as missing, and stops nothing", async () => {
  const { uploads, recorder, put, told, segment } = begin();
  recorder.add({
    ...{ rendition: "source", path: "tea/source/b1aaaa-1.ts", sequence: 1, startedAtMs: 1_794_000_000_000 },
    ...{ durationSeconds: 3, discontinuity: false, independent: false, bytes: 9 },
  });
  await segment(2);
  recorder.end();
  await until(() => told.length > 0);
  expect(segments(put)).toEqual(["2"]);
  expect(told.at(-1)).toMatchObject({ uploaded: 1, dropped: 1, waiting: 0 });
  await uploads.close(100);
});
