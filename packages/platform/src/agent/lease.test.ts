import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { socketLease } from "./lease.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-lease-"));
  path = join(folder, "lease.sock");
});
afterEach(() => rm(folder, { recursive: true }));

test("one holds it at a time, and the next gets it when it is released", async () => {
  const [first, second] = [socketLease(path), socketLease(path)];
  expect(await first.acquire()).toBe(true);
  expect(await first.acquire()).toBe(true);
  expect(await second.acquire()).toBe(false);
  expect([first.held(), second.held()]).toEqual([true, false]);
  await first.release();
  expect([first.held(), await second.acquire()]).toEqual([false, true]);
  await second.release();
});

test("what a killed holder left behind is taken over at once", async () => {
  const holder = spawn(process.execPath, [
    "-e",
    `require("node:net").createServer().listen(${JSON.stringify(path)}, () => console.log("held"))`,
  ]);
  await once(holder.stdout, "data");
  const lease = socketLease(path);
  expect(await lease.acquire()).toBe(false);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(await lease.acquire()).toBe(true);
  await lease.release();
});

test("a holder whose file was cleared away no longer holds", async () => {
  const [first, second] = [socketLease(path), socketLease(path)];
  expect(await first.acquire()).toBe(true);
  await rm(path);
  expect(first.held()).toBe(false);
  expect(await second.acquire()).toBe(true);
  expect(await first.acquire()).toBe(false);
  await second.release();
});
