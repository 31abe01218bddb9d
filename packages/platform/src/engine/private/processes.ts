/** The engine's processes, found by what they run and for whom; and ending one without hitting another. */
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isLocked } from "../../file-lock.ts";
import { isErrno } from "../../state.ts";
import type { Layout } from "./layout.ts";

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks after boot: with the pid it names a process for good; a pid alone is given out again. */
  readonly startTicks: string;
  readonly args: readonly string[];
}

export type Role = "dockerd" | "containerd" | "containerd-shim-runc-v2" | "docker-proxy";
const roles: readonly Role[] = ["dockerd", "containerd", "containerd-shim-runc-v2", "docker-proxy"];

/**
 * `undefined`: no such process (any more), or a zombie, which is one only by name. Whatever else keeps it from being
 * read is thrown: an engine must not be taken for dead because this process has too many files open.
 */
export async function processOf(pid: number): Promise<Process | undefined> {
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
    ]);
    // proc(5): the command's name, in brackets, may hold spaces and brackets; the state comes after the last.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const args = command.split("\0").slice(0, -1);
    return { pid, parent: Number(fields[1]), startTicks: fields[19] ?? "", args };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

export async function allProcesses(): Promise<Process[]> {
  const names = await readdir("/proc");
  const found = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => processOf(Number(name))),
  );
  return found.flatMap((each) => each ?? []);
}

/** The role of a process in the engine of that layout; `undefined` for any process of anything else. */
export function roleOf(process: Process, layout: Layout): Role | undefined {
  const role = roles.find((name) => name === basename(process.args[0] ?? ""));
  if (role === undefined) return undefined;
  const ours = process.args.some(
    (arg) => arg.startsWith(`${layout.home}/`) || arg.startsWith(`${layout.run}/`),
  );
  return ours ? role : undefined;
}

export type EngineProcesses = Readonly<Record<Role, readonly Process[]>> & {
  /** First processes of the containers. */
  readonly inits: readonly Process[];
};

export async function engineProcesses(layout: Layout): Promise<EngineProcesses> {
  const all = await allProcesses();
  const of = (role: Role) => all.filter((process) => roleOf(process, layout) === role);
  const shims = of("containerd-shim-runc-v2");
  return {
    dockerd: of("dockerd"),
    containerd: of("containerd"),
    "containerd-shim-runc-v2": shims,
    "docker-proxy": of("docker-proxy"),
    inits: all.filter((process) => shims.some((shim) => shim.pid === process.parent)),
  };
}

/** Whether anything of the engine runs, dockerd or what outlived it, or is being started or stopped. */
export async function isLive(layout: Layout): Promise<boolean> {
  const found = await engineProcesses(layout);
  return Object.values(found).some((each) => each.length > 0) || (await isLocked(layout.lock));
}

export async function isAlive(process: Process): Promise<boolean> {
  return (await processOf(process.pid))?.startTicks === process.startTicks;
}

/** Sends a signal if that pid is still that process. */
export async function signalTo(target: Process, signal: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(target))) return;
  try {
    process.kill(target.pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

/** Waits until all are gone; gives those that are not after `timeoutMs`. */
export async function waitGone(targets: readonly Process[], timeoutMs: number): Promise<readonly Process[]> {
  const deadline = Date.now() + timeoutMs;
  for (let pause = 10; ; pause = Math.min(pause * 2, 200)) {
    const states = await Promise.all(targets.map(isAlive));
    const left = targets.filter((_, i) => states[i]);
    if (left.length === 0 || Date.now() >= deadline) return left;
    await sleep(pause);
  }
}

/** SIGTERM, then after `graceMs` SIGKILL; gives those that even that did not end (stuck in the kernel). */
export async function end(targets: readonly Process[], graceMs: number): Promise<readonly Process[]> {
  if (targets.length === 0) return [];
  await Promise.all(targets.map((target) => signalTo(target, "SIGTERM")));
  const stubborn = await waitGone(targets, graceMs);
  if (stubborn.length === 0) return [];
  await Promise.all(stubborn.map((target) => signalTo(target, "SIGKILL")));
  return waitGone(stubborn, 5_000);
}
