import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { withLock } from "../../file-lock.ts";
import { layoutOf } from "./layout.ts";
import { end, isAlive, isLive, type Process, processOf, roleOf, waitGone } from "./processes.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function start(script: string): Promise<Process> {
  const child = spawn("sh", ["-c", `${script}; echo ready; while :; do sleep 0.05; done`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  children.push(child);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const found = await processOf(child.pid ?? 0);
  if (found === undefined) throw new Error("it runs");
  return found;
}

describe("processOf", () => {
  it("reads a process as it is", async () => {
    const self = await processOf(process.pid);
    expect(self).toMatchObject({ pid: process.pid, parent: process.ppid });
    expect(Number(self?.startTicks)).toBeGreaterThan(0);
  });
  it("has none for a pid that nobody has", async () => {
    expect(await processOf(2 ** 22 + 1)).toBeUndefined();
  });
});

describe("end", () => {
  it("ends one that obeys, without SIGKILL", async () => {
    const target = await start("true");
    expect(await end([target], 5_000)).toEqual([]);
    expect(await isAlive(target)).toBe(false);
  });
  it("kills one that does not", async () => {
    const target = await start("trap '' TERM");
    expect(await end([target], 100)).toEqual([]);
    expect(await isAlive(target)).toBe(false);
  });
  it("leaves a process alone that got the pid of an earlier one", async () => {
    const target = await start("true");
    const earlier = { ...target, startTicks: "1" };
    expect(await end([earlier], 50)).toEqual([]);
    expect(await isAlive(target)).toBe(true);
  });
  it("gives those that are left when the time is over", async () => {
    const target = await start("true");
    expect(await waitGone([target], 30)).toEqual([target]);
  });
});

describe("roleOf", () => {
  const layout = layoutOf("/state/engine");
  const of = (...args: string[]) => roleOf({ pid: 1, parent: 0, startTicks: "1", args }, layout);
  it("knows the engine's own programs by what they were started for", () => {
    expect(of("/state/engine/sbin/dockerd", "--config-file", "/state/engine/daemon.json")).toBe("dockerd");
    expect(of("containerd", "--config", "/state/engine/run/exec/containerd/containerd.toml")).toBe(
      "containerd",
    );
  });
  it("takes no other engine's, and no other program that mentions ours", () => {
    expect(of("/usr/sbin/dockerd")).toBeUndefined();
    expect(of("dockerd", "--config-file", "/state/engine2/daemon.json")).toBeUndefined();
    expect(of("vi", "/state/engine/daemon.json")).toBeUndefined();
  });
});

describe("isLive", () => {
  it("is so of an engine with a process, and of one that is just being started or stopped", async () => {
    const home = mkdtempSync(join(tmpdir(), "mall-live-"));
    const layout = layoutOf(home);
    expect(await isLive(layout)).toBe(false);
    await withLock(layout.lock, async () => expect(await isLive(layout)).toBe(true));
    expect(await isLive(layout)).toBe(false);
    // What outlives a dockerd that was killed: it is known by its name and by whose folder it was started for.
    const forIt = ["-c", "while :; do sleep 0.05; done", `${layout.run}/exec`];
    const shim = spawn("sh", forIt, { argv0: "containerd-shim-runc-v2", stdio: "ignore" });
    children.push(shim);
    await expect.poll(() => isLive(layout), { timeout: 10_000 }).toBe(true);
    shim.kill("SIGKILL");
    await expect.poll(() => isLive(layout), { timeout: 10_000 }).toBe(false);
    rmSync(home, { recursive: true });
  });
});
