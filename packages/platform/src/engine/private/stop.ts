/** Stops the private engine and takes back all that it did to the host, also when it has crashed. */
import { readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../file-lock.ts";
import type { Progress } from "../../progress.ts";
import { exists } from "../../state.ts";
import { text } from "../../text.ts";
import { engineError } from "../errors.ts";
import { callApi } from "../http.ts";
import { run } from "../run.ts";
import { usableBackends } from "./backend.ts";
import { writeConfig } from "./daemon.ts";
import { type LeaveResult, leaveHost } from "./host-network.ts";
import type { Layout } from "./layout.ts";
import { end, engineProcesses, type Process, signalTo, waitGone } from "./processes.ts";
import { rangeOf } from "./subnet.ts";
import { libraryEnv } from "./unpack.ts";

/**
 * Room for the slowest container's own stop grace; dockerd itself kills what exceeds its container's. A MySQL
 * server that flushes a full buffer pool takes the longest.
 */
const shutdownTimeoutMs = 180_000;

export interface StopOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Also remove images, volumes, packages: the engine's whole folder. */
  readonly purge?: boolean;
}

export interface StopResult {
  /** Whether anything of it was running. */
  readonly wasRunning: boolean;
  readonly purged: boolean;
  readonly host: LeaveResult;
}

/** @throws ENGINE_STOP_FAILED when a process or mount stays; called again it continues */
export async function stopPrivate(layout: Layout, options: StopOptions): Promise<StopResult> {
  const nothing: StopResult = {
    wasRunning: false,
    purged: false,
    host: { others: [], differences: { added: [], removed: [] } },
  };
  if (!(await exists(layout.home))) return nothing;
  if (process.getuid?.() !== 0) throw engineError.ENGINE_NOT_ROOT({ action: "stopping the private engine" });
  return withLock(
    layout.lock,
    async () => {
      const wasRunning = await stopProcesses(layout, options);
      const host = (await exists(layout.sbin))
        ? await options.progress.task(text("restoring the host's network", "还原主机网络"), () =>
            leave(layout),
          )
        : nothing.host;
      await unmountBelow(layout.home);
      await removeCgroups(layout.cgroup);
      await rm(layout.run, { recursive: true, force: true });
      if (options.purge) {
        await options.progress.task(text("removing the engine's folder", "删除引擎目录"), () =>
          rm(layout.home, { recursive: true, force: true, maxRetries: 3 }),
        );
      }
      return { wasRunning, purged: options.purge === true, host };
    },
    { purpose: "stopping the engine", signal: options.signal },
  );
}

async function stopProcesses(layout: Layout, options: StopOptions): Promise<boolean> {
  const found = await engineProcesses(layout);
  const [dockerd] = found.dockerd;
  if (dockerd) {
    await options.progress.task(text("stopping containers and engine", "停止容器与引擎"), async () => {
      await graceful(layout, dockerd, options.purge === true);
    });
  }
  // What is left belongs to a dockerd that crashed: containers first, so that they may end in order.
  const left = await engineProcesses(layout);
  const stubborn = [
    ...(await end(left.inits, 15_000)),
    ...(await end([...left.dockerd, ...left.containerd, ...left["docker-proxy"]], 10_000)),
    ...(await end(left["containerd-shim-runc-v2"], 2_000)),
  ];
  if (stubborn.length > 0) {
    const names = stubborn.map((each) => `${each.args[0] ?? "?"} (pid ${each.pid})`);
    throw engineError.ENGINE_STOP_FAILED({ left: names.join(", ") });
  }
  return dockerd !== undefined || left.inits.length > 0;
}

/**
 * With live-restore dockerd would leave the containers running when it ends. It takes the setting back on
 * SIGHUP, and then its own shutdown stops them all at once, each within its grace, and remembers that they ran:
 * those with a restart policy come back at the next start, which they would not after `docker stop`.
 */
async function graceful(layout: Layout, dockerd: Process, purge: boolean): Promise<void> {
  const api = { kind: "unix", path: layout.socket } as const;
  try {
    if (purge) await killContainers(api);
    await writeConfig(layout, await rangeOf(layout, []), false);
    await signalTo(dockerd, "SIGHUP");
    for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 50) {
      const info = JSON.parse((await callApi(api, "/info")).text) as { LiveRestoreEnabled?: boolean };
      if (info.LiveRestoreEnabled === false) break;
      await sleep(50);
    }
  } catch {
    // It does not answer: the signals below and the caller's sweep end it and its containers all the same.
  }
  await signalTo(dockerd, "SIGTERM");
  if ((await waitGone([dockerd], shutdownTimeoutMs)).length > 0) await end([dockerd], 0);
}

/** Their data goes with the purge, so no grace is worth waiting for. */
async function killContainers(api: { readonly kind: "unix"; readonly path: string }): Promise<void> {
  const list = JSON.parse((await callApi(api, "/containers/json")).text) as readonly { Id: string }[];
  await Promise.all(list.map(({ Id }) => callApi(api, `/containers/${Id}/kill`, { method: "POST" })));
}

async function leave(layout: Layout): Promise<LeaveResult> {
  return leaveHost(layout, await usableBackends(layout), {
    busybox: join(layout.sbin, "busybox"),
    nft: join(layout.sbin, "nft"),
    env: await libraryEnv(join(layout.tools, "daemon")),
  });
}

/** Mount points of /proc/self/mountinfo at or below a folder, deepest first. */
export function mountsBelow(mountinfo: string, folder: string): string[] {
  return mountinfo
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .map((path) =>
      path.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length);
}

/** None is expected (the daemon mounts in a namespace of its own); a purge must not delete through one. */
async function unmountBelow(folder: string): Promise<void> {
  const below = async () => mountsBelow(await readFile("/proc/self/mountinfo", "utf8"), folder);
  for (const path of await below()) await run("umount", [path]);
  const left = await below();
  if (left.length > 0)
    throw engineError.ENGINE_STOP_FAILED({ left: left.map((path) => `mount ${path}`).join(", ") });
}

/** Docker removes the containers' groups and leaves their parent, in each hierarchy. */
async function removeCgroups(name: string): Promise<void> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" "));
  const points = mounts.filter((fields) => fields[2]?.startsWith("cgroup")).map((fields) => fields[1] ?? "");
  for (const point of points) {
    // Groups made by BuildKit for its steps are below; only empty ones can be removed, so a live one is safe.
    const folder = join(point, name);
    const found = await run("find", [folder, "-depth", "-type", "d"]);
    for (const path of found.stdout.split("\n").filter((line) => line !== "")) {
      await rmdir(path).catch(() => undefined);
    }
  }
}
