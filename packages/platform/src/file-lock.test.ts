import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isLocked, lockOwner, withLock } from "./file-lock.ts";

let folder: string;
let path: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mall-lock-"));
  path = join(folder, "sub/lock");
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Another process that takes the lock as we do, says so, and keeps it until it is killed. */
async function otherOwner(): Promise<ChildProcess> {
  const script = `
    const { spawn } = require("node:child_process");
    const holder = spawn("flock", ["-x", ${JSON.stringify(path)}, "sh", "-c", "echo locked; exec cat >/dev/null"],
      { detached: true, stdio: ["pipe", "pipe", "ignore"] });
    holder.stdout.once("data", () => console.log("locked"));`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  return child;
}

describe("withLock", () => {
  it("lets one in at a time and gives back what the work gives", async () => {
    let inside = 0;
    let most = 0;
    const work = async (i: number) => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(5);
      inside -= 1;
      return i;
    };
    const results = await Promise.all([1, 2, 3, 4, 5].map((i) => withLock(path, () => work(i))));
    expect(results).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(1);
  });

  it("is released when the work throws", async () => {
    await expect(withLock(path, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withLock(path, async () => "yes", { timeoutMs: 2_000 })).toBe("yes");
  });

  it("is free at once when its owner was killed by SIGKILL", async () => {
    await withLock(path, async () => undefined); // makes the folder
    const owner = await otherOwner();
    const waiting = withLock(path, async () => Date.now(), { timeoutMs: 10_000 });
    await sleep(300);
    const killedAt = Date.now();
    owner.kill("SIGKILL");
    expect((await waiting) - killedAt).toBeLessThan(2_000);
  });

  it("says who holds it after the time it was given", async () => {
    await withLock(path, async () => undefined, { purpose: "mall up" });
    await otherOwner();
    const waited: unknown[] = [];
    const attempt = withLock(path, async () => "in", {
      timeoutMs: 900,
      onWait: (owner) => waited.push(owner),
    });
    await expect(attempt).rejects.toMatchObject({ code: "LOCK_HELD" });
    expect(waited).toEqual([await lockOwner(path)]);
    expect(waited).toMatchObject([{ purpose: "mall up", pid: process.pid }]);
  });

  it("stops waiting when it is cancelled, and leaves nothing that would take the lock later", async () => {
    await withLock(path, async () => undefined);
    const owner = await otherOwner();
    const abort = new AbortController();
    const attempt = withLock(path, async () => "in", { signal: abort.signal });
    setTimeout(() => abort.abort(new Error("ctrl-c")), 100);
    await expect(attempt).rejects.toThrow("ctrl-c");
    owner.kill("SIGKILL");
    expect(await withLock(path, async () => "free", { timeoutMs: 3_000 })).toBe("free");
  });
});

describe("isLocked", () => {
  it("says so while another process holds it, and takes nothing from anybody", async () => {
    expect(await isLocked(path)).toBe(false);
    await withLock(path, async () => expect(await isLocked(path)).toBe(true));
    expect(await isLocked(path)).toBe(false);
    const owner = await otherOwner();
    expect(await isLocked(path)).toBe(true);
    owner.kill("SIGKILL");
    await expect.poll(() => isLocked(path), { timeout: 10_000 }).toBe(false);
  });
});
