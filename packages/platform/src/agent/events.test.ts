import { appendFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EventLog, type NewEvent, openEventLog } from "./events.ts";

let folder: string;
let written: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-events-"));
  written = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const event = (action: string): NewEvent => ({
  service: "x",
  action,
  target: "x-1",
  why: "because",
  outcome: "done",
  durationMs: 3,
});

const open = (extra: { rotateBytes?: number; ring?: number; path?: string } = {}): Promise<EventLog> =>
  openEventLog({
    path: extra.path ?? join(folder, "events.jsonl"),
    rotateBytes: extra.rotateBytes ?? 2 ** 20,
    ring: extra.ring ?? 100,
    write: (line) => written.push(line),
    now: () => 1_700_000_000_000,
  });

test("an event is one JSON line on stdout and in the file", async () => {
  const log = await open();
  log.record(event("a"));
  await log.flush();
  const expected = `${JSON.stringify({ seq: 1, time: "2023-11-14T22:13:20.000Z", ...event("a") })}\n`;
  expect(written).toEqual([expected]);
  expect(await readFile(join(folder, "events.jsonl"), "utf8")).toBe(expected);
});

test("the file is rotated and never grows beyond two parts; the ring keeps the newest", async () => {
  const log = await open({ rotateBytes: 1_000, ring: 5 });
  for (let i = 1; i <= 50; i += 1) log.record(event(`a${i}`));
  await log.flush();
  for (const name of ["events.jsonl", "events.jsonl.1"])
    expect((await stat(join(folder, name))).size).toBeLessThanOrEqual(1_000);
  expect(log.since(0, 100).map((e) => e.seq)).toEqual([46, 47, 48, 49, 50]);
});

test("numbers go on after a restart, over a line that was cut by the kill", async () => {
  const first = await open({ rotateBytes: 500 });
  for (let i = 0; i < 7; i += 1) first.record(event("a"));
  await first.flush();
  await appendFile(join(folder, "events.jsonl"), '{"seq":99,"ti');
  const second = await open();
  expect(second.last()).toBe(7);
  second.record(event("b"));
  await second.flush();
  // The new line must not be glued to the cut one.
  expect((await open()).last()).toBe(8);
});

test("a file that cannot be written is said once and stops nothing", async () => {
  const log = await open({ path: join(folder, "absent", "events.jsonl") });
  log.record(event("a"));
  log.record(event("b"));
  await log.flush();
  expect(log.since(0, 10).map((e) => e.action)).toEqual(["a", "b"]);
  expect(written.filter((l) => l.includes("ENOENT"))).toHaveLength(1);
});

test("a waiter is woken by the next event, its time, or an abort", async () => {
  const log = await open();
  const stop = new AbortController();
  const woken = log.wait(0, 60_000, stop.signal);
  log.record(event("a"));
  await woken;
  await log.wait(0, 60_000, stop.signal); // there is one already
  await log.wait(1, 5, stop.signal);
  const aborted = log.wait(1, 60_000, stop.signal);
  stop.abort();
  await aborted;
  expect(log.last()).toBe(1);
});
