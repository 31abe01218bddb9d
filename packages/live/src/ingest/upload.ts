/**
 * Copies what is broadcast into the bucket, segment by segment, as it is made. The live path only says that there is a
 * segment: its file is given a second name, so it stays after viewers' time for it is over, and waits while MinIO is
 * away. A disk that runs short costs the recording its oldest segments, never the broadcast anything.
 */
import { readFile } from "node:fs/promises";
import type { Bucket } from "../bucket/bucket.ts";
import { folderOf, posterFile, recordedFile } from "../replay/names.ts";
import type { Recording } from "./app-client.ts";
import type { Log } from "./log.ts";
import { sourceRendition } from "./names.ts";
import type { KeptSegment } from "./rendition.ts";
import type { Store } from "./store.ts";

export interface UploadsOptions {
  readonly bucket: Pick<Bucket, "put">;
  readonly store: Pick<Store, "hold" | "letGo" | "isLast" | "room">;
  readonly instance: string;
  readonly log: Log;
  /** Tells the application how far an ended broadcast's recording is. */
  readonly recorded: (told: Recording) => void;
  readonly poster: (path: string) => Promise<Uint8Array>;
  /** Waits; ends early when the uploads are closed. */
  readonly pause?: (ms: number) => Promise<void>;
}

export interface Recorder {
  add(segment: KeptSegment): void;
  /** The broadcast has ended: what was added is all. */
  end(): void;
}

export interface UploadFigures {
  /** Segments and posters that are still to be uploaded, and the size of those on the disk. */
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly uploaded: number;
  readonly uploadedBytes: number;
  readonly dropped: number;
  readonly failures: number;
  /** Why the last attempt failed; absent when it did not. */
  readonly fault?: string;
}

export interface Uploads {
  recorder(stream: string, broadcast: string): Recorder;
  figures(): UploadFigures;
  /** Uploads what it can within the time; the rest is told as dropped. */
  close(withinMs: number): Promise<void>;
}

const atOnce = 4;
const firstPauseMs = 250;
const longestPauseMs = 5_000;
/** How often the application hears that a recording is not whole yet. */
const reportMs = 5_000;
/** How much of the disk is left to the broadcasts. */
const reserve = 0.25;
/** A second poster replaces the first, which is of the moment before the camera was set up, once this much is there. */
const posterAfterMs = 9_000;

interface Job {
  readonly key: string;
  readonly type: string;
  readonly content: { readonly held: string } | { readonly bytes: Uint8Array };
  readonly size: number;
  readonly of: Broadcast;
}

interface Broadcast {
  readonly stream: string;
  readonly broadcast: string;
  /** Segments and posters that were added and are neither uploaded nor dropped. */
  waiting: number;
  uploaded: number;
  dropped: number;
  posters: number;
  recordedMs: number;
  ended: boolean;
  /** Segments come one after the other, so that they are queued in their order. */
  work: Promise<void>;
}

export function openUploads(options: UploadsOptions): Uploads {
  const { bucket, store, log, instance } = options;
  const queue: Job[] = [];
  const open = new Set<Broadcast>();
  const totals = { waitingBytes: 0, uploaded: 0, uploadedBytes: 0, dropped: 0, failures: 0 };
  let fault: string | undefined;
  let isPumping = false;
  let pumped: Promise<void> = Promise.resolve();
  let closed = false;
  let wake = (): void => {};
  const pause =
    options.pause ??
    ((ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }));
  const timer = setInterval(() => {
    for (const each of open) if (each.ended) tell(each);
  }, reportMs);

  return {
    recorder(stream, broadcast) {
      const of: Broadcast = {
        ...{ stream, broadcast, waiting: 0, uploaded: 0, dropped: 0, posters: 0, recordedMs: 0 },
        ...{ ended: false, work: Promise.resolve() },
      };
      open.add(of);
      return {
        add(segment) {
          if (segment.rendition !== sourceRendition) return;
          of.waiting += 1;
          of.work = of.work.then(() => take(of, segment));
        },
        end() {
          of.ended = true;
          settle(of);
        },
      };
    },
    figures: () => ({
      waiting: [...open].reduce((sum, each) => sum + each.waiting, 0),
      ...totals,
      ...(fault === undefined ? {} : { fault }),
    }),
    async close(withinMs) {
      clearInterval(timer);
      const all = Promise.all([...open].map((each) => each.work)).then(() => pumped);
      await Promise.race([all, new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref())]);
      closed = true;
      wake();
      for (const job of queue.splice(0)) await drop(job, "the instance is being stopped");
    },
  };

  async function take(of: Broadcast, segment: KeptSegment): Promise<void> {
    const { sequence, startedAtMs, durationSeconds, discontinuity } = segment;
    const file = recordedFile({
      ...{ sequence, discontinuity },
      startedAtMs: Math.round(startedAtMs),
      durationMs: Math.max(1, Math.round(durationSeconds * 1000)),
    });
    try {
      const held = await store.hold(segment.path);
      totals.waitingBytes += segment.bytes;
      const at = of.recordedMs;
      of.recordedMs += durationSeconds * 1000;
      if (segment.independent && of.posters < 2 && (of.posters === 0 || at >= posterAfterMs)) {
        of.posters += 1;
        await addPoster(of, held);
      }
      queue.push({
        key: `${folderOf(of.stream, of.broadcast)}${file}`,
        type: "video/mp2t",
        content: { held },
        size: segment.bytes,
        of,
      });
    } catch (error) {
      lose(of, String(error));
      of.waiting -= 1;
      settle(of);
    }
    await makeRoom();
    if (!isPumping) pumped = pump();
  }

  /** A broadcast of sound has none. */
  async function addPoster(of: Broadcast, path: string): Promise<void> {
    const bytes = await options.poster(path).catch(() => undefined);
    if (bytes === undefined) return;
    of.waiting += 1;
    queue.push({
      key: `${folderOf(of.stream, of.broadcast)}${posterFile}`,
      type: "image/jpeg",
      ...{ content: { bytes }, size: bytes.length, of },
    });
  }

  async function pump(): Promise<void> {
    isPumping = true;
    for (let pauseMs = firstPauseMs; queue.length > 0 && !closed; ) {
      const jobs = queue.splice(0, atOnce);
      const failed = (await Promise.all(jobs.map(upload))).flatMap((each) => each ?? []);
      if (failed.length === 0) {
        pauseMs = firstPauseMs;
        continue;
      }
      queue.unshift(...failed);
      await makeRoom();
      if (!closed) await pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    isPumping = false;
  }

  /** @returns the job when it has to be tried again */
  async function upload(job: Job): Promise<Job | undefined> {
    const { key, type, content, of } = job;
    let bytes: Uint8Array;
    try {
      bytes = "held" in content ? await readFile(content.held) : content.bytes;
    } catch (error) {
      await drop(job, String(error));
      return undefined;
    }
    try {
      await bucket.put(key, bytes, type);
    } catch (error) {
      const why = String(error);
      totals.failures += 1;
      if (why !== fault) log("warn", "a segment was not uploaded: it is tried again", { key, why });
      fault = why;
      return job;
    }
    if (fault !== undefined) log("info", "segments are uploaded again", { waiting: queue.length });
    fault = undefined;
    totals.uploadedBytes += bytes.length;
    if ("held" in content) {
      totals.uploaded += 1;
      of.uploaded += 1;
    }
    await letGo(job);
    return undefined;
  }

  /** While the disk is short: the oldest segment that is there for us alone goes. */
  async function makeRoom(): Promise<void> {
    for (;;) {
      const { freeBytes, totalBytes } = await store.room().catch(() => ({ freeBytes: 1, totalBytes: 1 }));
      if (freeBytes >= totalBytes * reserve) return;
      const at = queue.findIndex(({ content }) => "held" in content);
      const job = queue[at];
      if (job === undefined || !("held" in job.content) || !(await store.isLast(job.content.held))) return;
      // While the disk was looked at it may have been taken from the queue.
      if (queue[at] !== job) continue;
      queue.splice(at, 1);
      await drop(job, "the disk is short");
    }
  }

  async function drop(job: Job, why: string): Promise<void> {
    if ("held" in job.content) lose(job.of, why);
    await letGo(job);
  }

  /** It is over with a job, whether it was uploaded or not. */
  async function letGo({ content, size, of }: Job): Promise<void> {
    if ("held" in content) {
      totals.waitingBytes -= size;
      await store.letGo(content.held).catch(() => undefined);
    }
    of.waiting -= 1;
    settle(of);
  }

  function lose(of: Broadcast, why: string): void {
    of.dropped += 1;
    totals.dropped += 1;
    const { stream, broadcast } = of;
    log("error", "a segment is missing from the recording", { stream, broadcast, why });
  }

  function settle(of: Broadcast): void {
    if (!of.ended || of.waiting > 0) return;
    open.delete(of);
    tell(of);
  }

  function tell({ stream, broadcast, waiting, uploaded, dropped }: Broadcast): void {
    options.recorded({ ...{ stream, broadcast, instance }, ...{ waiting, uploaded, dropped } });
  }
}
