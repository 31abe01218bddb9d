/** Brings the engine's programs to the disk: resolve, fetch, verify, unpack, try them, then make them visible. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../file-lock.ts";
import type { Progress } from "../../progress.ts";
import { exists } from "../../state.ts";
import { text } from "../../text.ts";
import { requireSpace } from "../disk.ts";
import { engineError } from "../errors.ts";
import { run } from "../run.ts";
import { fetchDebs, prepareApt, resolveDebs, updateLists } from "./apt.ts";
import { hostMirror } from "./host-mirror.ts";
import type { Layout } from "./layout.ts";
import {
  type Component,
  type HostSuite,
  hostSuite,
  packagesOf,
  parseRelease,
  type Source,
} from "./recipe.ts";
import { selfCheck, unpack, unpacked } from "./unpack.ts";

export interface ToolsOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Base URL of a Debian mirror; default: the distribution's own. */
  readonly mirror?: string | undefined;
}

/** Room in bytes, as measured (bookworm, amd64) and rounded up: apt's lists of two suites; then packages and what is unpacked. */
export const listsBytes = 350 * 2 ** 20;
export const neededBytes: Readonly<Record<Component, number>> = {
  client: 230 * 2 ** 20,
  daemon: 260 * 2 ** 20,
  bootstrap: 30 * 2 ** 20,
  browser: 700 * 2 ** 20,
};

export interface HostPackages extends HostSuite {
  /** dpkg's name: amd64, arm64. */
  readonly architecture: string;
  readonly keyring: string;
  /** The mirror that the host's own apt uses; undefined where it names none. */
  readonly ownMirror: string | undefined;
}

/** This host's source of packages; `undefined` when it is not Debian-like or lacks apt. */
export async function hostPackages(): Promise<HostPackages | undefined> {
  const read = (path: string) => readFile(path, "utf8").catch(() => "");
  const [osRelease, debianVersion, dpkg] = await Promise.all([
    read("/etc/os-release"),
    read("/etc/debian_version"),
    run("dpkg", ["--print-architecture"]),
  ]);
  if (dpkg.exitCode !== 0) return undefined;
  const architecture = dpkg.stdout.trim();
  const suite = hostSuite(parseRelease(osRelease, debianVersion, architecture));
  if (suite === undefined) return undefined;
  const ownMirror = await hostMirror(suite.distribution.name);
  for (const keyring of suite.distribution.keyrings) {
    if (await exists(keyring)) return { ...suite, architecture, keyring, ownMirror };
  }
  return undefined;
}

/**
 * Makes the components' programs usable; at once when they are. Killed at any moment, the next call continues:
 * each package is verified before use and each component's folder appears whole.
 * @throws ENGINE_DOWNLOAD_FAILED, DISK_FULL, ENGINE_START_FAILED (the programs do not run here), ENGINE_ABSENT
 */
export async function ensureTools(
  layout: Layout,
  components: readonly Component[],
  options: ToolsOptions,
): Promise<void> {
  if ((await missingOf(layout, components)).length === 0) return;
  const host = await hostPackages();
  if (host === undefined) throw engineError.ENGINE_ABSENT({ host: await hostName() });
  await withLock(
    `${layout.home}/tools.lock`,
    async () => {
      const missing = await missingOf(layout, components);
      if (missing.length === 0) return;
      const needed = missing.reduce((sum, component) => sum + neededBytes[component], listsBytes);
      await requireSpace(layout.home, needed, text("the engine's programs", "引擎程序"));
      await bring(layout, missing, host, options);
      // 430 MB that nothing reads any more.
      for (const path of [layout.debs, join(layout.apt, "var")])
        await rm(path, { recursive: true, force: true });
    },
    { purpose: "fetching the engine's programs", signal: options.signal },
  );
}

async function missingOf(layout: Layout, components: readonly Component[]): Promise<Component[]> {
  const states = await Promise.all(components.map((component) => unpacked(layout, component)));
  return components.filter((_, i) => states[i] !== true);
}

async function bring(
  layout: Layout,
  components: readonly Component[],
  host: HostPackages,
  options: ToolsOptions,
): Promise<void> {
  const { progress, signal } = options;
  const sources = [...host.docker, host.own];
  const apt = await prepareApt(layout, { ...host, sources, mirror: options.mirror, signal });
  await progress.task(text("list of Debian's packages", "获取 Debian 软件包列表"), (note) =>
    updateLists(apt, layout, note),
  );
  const perl = components.includes("bootstrap") ? await perlLacking(signal) : undefined;
  let refusal: unknown;
  for (const docker of host.docker) {
    try {
      const failure = await attempt(docker);
      if (failure === undefined) return;
      refusal ??= failure;
    } catch (error) {
      throw refusal ?? error; // the first source's own failure tells more than a second one's absence
    }
  }
  throw refusal;

  /** Gives the self-check's failure: another source may do better. What else fails is thrown. */
  async function attempt(docker: Source): Promise<unknown> {
    const wanted = new Map<Component, string[]>(
      components.map((component) => [component, packagesOf(host, component, docker, perl)]),
    );
    const debs = await resolveDebs(apt, layout, [...new Set([...wanted.values()].flat())]);
    await progress.task(text("downloading packages", "下载软件包"), (note) =>
      fetchDebs(apt, layout, debs, note),
    );
    return progress.task(text("unpacking packages", "解包"), async (note) => {
      for (const [component, names] of wanted) {
        note(component);
        const plain = new Set(names.map((name) => name.split("/")[0]));
        const files = debs.filter((deb) => plain.has(deb.name));
        const folder = await unpack(layout, component, files, signal);
        const refusal = await selfCheck(folder, component, signal);
        if (refusal === undefined) await folder.publish();
        else {
          await folder.discard();
          return engineError.ENGINE_START_FAILED({
            cause: `the programs of ${docker.suite} do not run on this host`,
            lastLines: refusal,
            logPath: layout.log,
          });
        }
      }
      return undefined;
    });
  }
}

/** "5.36" when this host's perl lacks what mmdebstrap loads, so that the modules are fetched as well. */
async function perlLacking(signal: AbortSignal | undefined): Promise<string | undefined> {
  const modules = [
    "English",
    "Pod::Usage",
    "File::Find",
    "Math::BigInt",
    "Term::ANSIColor",
    "Time::HiRes",
    "POSIX",
  ];
  const loads = await run("perl", [...modules.map((name) => `-M${name}`), "-e", "1"], { signal });
  if (loads.exitCode === 0) return undefined;
  const version = await run("perl", ["-e", 'printf "%vd", $^V'], { signal });
  return version.stdout.split(".").slice(0, 2).join(".");
}

export async function hostName(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const name = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release)?.[1] ?? process.platform;
  return process.getuid?.() === 0 ? name : `${name} without root`;
}
