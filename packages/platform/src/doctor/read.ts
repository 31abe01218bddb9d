/** Reads the facts from this machine. Changes nothing; what cannot be read is left out. */
import { readFile, stat, statfs } from "node:fs/promises";
import { availableParallelism, networkInterfaces, release } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../engine/engine.ts";
import { findEngine } from "../engine/find.ts";
import { containerFileLimit } from "../engine/limits.ts";
import { hostPackages } from "../engine/private/tools.ts";
import { run } from "../engine/run.ts";
import { MallError } from "../errors.ts";
import { exists, stateHome } from "../state.ts";
import type { Clock, Disk, EngineFact, HostFacts, PortHolder } from "./facts.ts";
import { parseCgroups, parseHugePages, parseMemory, parseNumber } from "./host.ts";

const text = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");

/** The engine that the mall would use, and what it says of itself. */
export async function readEngine(): Promise<{
  readonly fact: EngineFact;
  readonly engine: Engine | undefined;
  /** Where it keeps images and volumes, when that is a folder of this machine. */
  readonly dataFolder: string | undefined;
}> {
  try {
    const engine = await findEngine();
    if (engine === undefined) {
      const canStart = process.getuid?.() === 0 && (await hostPackages()) !== undefined;
      return { fact: { kind: "absent", canStart }, engine, dataFolder: undefined };
    }
    const info = (await engine.api("/info")) as {
      readonly ServerVersion?: string;
      readonly DockerRootDir?: string;
    };
    const remote = !/^(unix:|tcp:\/\/(127\.|localhost|\[::1\]))/.test(engine.host);
    return {
      engine,
      dataFolder: remote ? undefined : info.DockerRootDir,
      fact: {
        kind: "running",
        own: engine.kind === "private",
        host: engine.host,
        apiVersion: engine.apiVersion,
        version: info.ServerVersion ?? "?",
        remote,
      },
    };
  } catch (error) {
    if (!(error instanceof MallError)) throw error;
    return {
      fact: { kind: "unusable", reason: error.toJSON().what },
      engine: undefined,
      dataFolder: undefined,
    };
  }
}

async function nearestFolder(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) if ((await exists(at)) || at === dirname(at)) return at;
}

/** Each file system once, by its first path. */
async function readDisks(paths: readonly string[]): Promise<readonly Disk[]> {
  const disks = new Map<number, Disk>();
  for (const path of paths) {
    const at = await nearestFolder(path);
    const found = await Promise.all([stat(at), statfs(at)]).catch(() => undefined);
    if (found === undefined || disks.has(found[0].dev)) continue;
    const [{ dev }, { blocks, bavail, bsize }] = found;
    disks.set(dev, { path, totalBytes: blocks * bsize, freeBytes: bavail * bsize });
  }
  return [...disks.values()];
}

/** systemd-timesyncd leaves a file, timedated and chrony are asked; a container and a bare VM have none of them. */
async function readSynchronized(): Promise<boolean | undefined> {
  if (await exists("/run/systemd/timesync/synchronized")) return true;
  const timedated = await run("timedatectl", ["show", "-p", "NTPSynchronized", "--value"], {
    timeoutMs: 2_000,
  });
  if (timedated.exitCode === 0) return timedated.stdout.trim() === "yes";
  const chrony = await run("chronyc", ["-n", "tracking"], { timeoutMs: 2_000 });
  return chrony.exitCode === 0 ? /Leap status\s*:\s*Normal/.test(chrony.stdout) : undefined;
}

const watchMs = 200;

async function readClock(): Promise<Clock> {
  const synchronized = readSynchronized();
  const [wall, steady] = [Date.now(), performance.now()];
  await sleep(watchMs);
  const apartMs = Date.now() - wall - (performance.now() - steady);
  return { now: Date.now(), apartMs, synchronized: await synchronized };
}

function addressHere(bind: string): boolean {
  if (bind === "0.0.0.0" || /^[0:]+$/.test(bind) || bind.startsWith("127.")) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((a) => a.address === bind));
}

export async function readFacts(about: {
  readonly bind: string;
  readonly engine: EngineFact;
  readonly dataFolder: string | undefined;
  readonly taken: readonly PortHolder[];
}): Promise<HostFacts> {
  const home = stateHome();
  const [meminfo, thp, maps, overcommit, mountinfo, controllers, disks, fileLimit, clock] = await Promise.all(
    [
      text("/proc/meminfo"),
      text("/sys/kernel/mm/transparent_hugepage/enabled"),
      text("/proc/sys/vm/max_map_count"),
      text("/proc/sys/vm/overcommit_memory"),
      text("/proc/self/mountinfo"),
      text("/sys/fs/cgroup/cgroup.controllers"),
      readDisks([home, ...(about.dataFolder === undefined ? [] : [about.dataFolder])]),
      containerFileLimit(),
      readClock(),
    ],
  );
  return {
    cores: availableParallelism(),
    memory: parseMemory(meminfo),
    disks,
    fileLimit,
    hugePages: parseHugePages(thp),
    maxMapCount: parseNumber(maps),
    overcommit: parseNumber(overcommit),
    clock,
    kernel: release(),
    cgroups: parseCgroups(mountinfo, controllers),
    engine: about.engine,
    bindHere: addressHere(about.bind),
    taken: about.taken,
  };
}
