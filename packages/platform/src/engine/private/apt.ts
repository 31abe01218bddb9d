/**
 * A private apt: own lists, own cache, an empty package database, own source lines. The host's apt is only the
 * program; its sources, hooks and cache are neither used nor changed. Signatures are checked by apt as always.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomic } from "../../state.ts";
import { text } from "../../text.ts";
import { diskFullError, requireSpace } from "../disk.ts";
import { engineError } from "../errors.ts";
import { lastLines, run } from "../run.ts";
import { type Deb, parseUris, verified } from "./debs.ts";
import type { Layout } from "./layout.ts";
import type { Distribution, Source } from "./recipe.ts";

export interface Apt {
  readonly configPath: string;
  readonly mirror: string;
  readonly signal: AbortSignal | undefined;
}

/** Lines of the host's own configuration that say how to reach the network: `apt-config dump` prints one a line. */
export function networkSettings(dump: string): string {
  return dump
    .split("\n")
    .filter((line) => /^Acquire::(https?::|Retries\b)/i.test(line))
    .filter((line) => !/^Acquire::https?::User-Agent/i.test(line))
    .join("\n");
}

/** apt.conf of the private apt; every path in it is below `apt`. */
export function aptConfig(apt: string, architecture: string, network: string): string {
  return [
    `Dir "${apt}/";`,
    `Dir::State::status "${apt}/var/lib/dpkg/status";`,
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    // A mirror that lags behind serves sid with a Release file that has run out; its signature is still checked.
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    // Below a 0700 folder apt's own user could not write.
    'APT::Sandbox::User "";',
    network,
    "",
  ].join("\n");
}

export function sourcesList(mirror: string, keyring: string, sources: readonly Source[]): string {
  const lines = sources.map((s) => `deb [signed-by=${keyring}] ${mirror} ${s.suite} ${s.components}`);
  return `${[...new Set(lines)].join("\n")}\n`;
}

/**
 * The mirror for a host's own packages: the host's own, unless `wanted` names one of Debian; Ubuntu's is beside
 * that, by the convention of all public mirrors (`…/ubuntu` for `…/debian`).
 * @throws ENGINE_NO_MIRROR when neither is known
 */
export function mirrorFor(
  distribution: Distribution,
  wanted: string | undefined,
  own: string | undefined,
): string {
  const base = wanted?.replace(/\/$/, "");
  if (base !== undefined && distribution.name === "debian") return base;
  const beside = base?.endsWith("/debian") ? base.replace(/debian$/, distribution.name) : undefined;
  const mirror = beside ?? own;
  if (mirror === undefined) throw engineError.ENGINE_NO_MIRROR({ distribution: distribution.name });
  return mirror;
}

/** Writes the private apt's configuration. Cheap; done before each use, so that a changed mirror counts at once. */
export async function prepareApt(
  layout: Layout,
  from: {
    readonly distribution: Distribution;
    /** The mirror that the host's own apt uses. */
    readonly ownMirror: string | undefined;
    readonly sources: readonly Source[];
    /** Base URL of a Debian mirror. */
    readonly mirror: string | undefined;
    readonly keyring: string;
    readonly architecture: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Apt> {
  const { apt } = layout;
  const folders = ["etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/trusted.gpg.d", "var/lib/dpkg"];
  folders.push("etc/apt/sources.list.d", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial");
  for (const folder of folders) await mkdir(join(apt, folder), { recursive: true, mode: 0o700 });
  const mirror = mirrorFor(from.distribution, from.mirror, from.ownMirror);
  const host = await run("apt-config", ["dump"], { env: { APT_CONFIG: undefined } });
  const configPath = join(apt, "etc/apt/apt.conf");
  await writeAtomic(join(apt, "var/lib/dpkg/status"), "");
  await writeAtomic(join(apt, "etc/apt/sources.list"), sourcesList(mirror, from.keyring, from.sources));
  await writeAtomic(configPath, aptConfig(apt, from.architecture, networkSettings(host.stdout)));
  return { configPath, mirror, signal: from.signal };
}

/** Fetches the lists of packages: 20 MB for two suites. */
export async function updateLists(apt: Apt, layout: Layout, note: (detail: string) => void): Promise<void> {
  await aptGet(apt, layout, ["update", "-o", "APT::Update::Error-Mode=any"], "the lists of packages", {
    note,
    cwd: layout.apt,
  });
}

/** What the lists say of packages given as `name/suite`: file, size, SHA-256 under the archive's signature. */
export async function resolveDebs(apt: Apt, layout: Layout, packages: readonly string[]): Promise<Deb[]> {
  const output = await aptGet(
    apt,
    layout,
    ["--print-uris", "-o", "Acquire::ForceHash=SHA256", "download", ...packages],
    "the packages' addresses",
    // An empty folder: of files that are in the current one apt-get prints nothing.
    { cwd: join(layout.apt, "empty") },
  );
  return parseUris(output);
}

/** The same of the packages and of everything that they lean on, as on a machine that has nothing. */
export async function resolveClosure(apt: Apt, layout: Layout, packages: readonly string[]): Promise<Deb[]> {
  const output = await aptGet(
    apt,
    layout,
    [
      ...["--print-uris", "-o", "Acquire::ForceHash=SHA256", "-o", "APT::Install-Recommends=false"],
      ...["--yes", "install", ...packages],
    ],
    "the packages' addresses",
    { cwd: join(layout.apt, "empty") },
  );
  return parseUris(output);
}

/**
 * Fetches what is missing into the folder of packages and verifies every file against the lists: apt does not
 * hash a file again that it finds there.
 */
export async function fetchDebs(
  apt: Apt,
  layout: Layout,
  debs: readonly Deb[],
  note: (detail: string) => void,
): Promise<void> {
  const missing: Deb[] = [];
  for (const deb of debs) {
    const path = join(layout.debs, deb.file);
    if (await verified(path, deb)) continue;
    await rm(path, { force: true });
    missing.push(deb);
  }
  if (missing.length === 0) return;
  const total = missing.reduce((sum, deb) => sum + deb.sizeBytes, 0);
  await requireSpace(layout.debs, total, text("Docker's packages", "Docker 软件包"));
  const names = missing.map((deb) => `${deb.name}=${deb.version}`);
  await aptGet(apt, layout, ["download", ...names], `${missing.length} packages`, {
    cwd: layout.debs,
    note,
    totalBytes: total,
  });
  for (const deb of missing) {
    const path = join(layout.debs, deb.file);
    if (await verified(path, deb)) continue;
    await rm(path, { force: true });
    throw engineError.ENGINE_DOWNLOAD_FAILED({
      what: deb.file,
      source: apt.mirror,
      cause: "its SHA-256 or size is not the one that the signed list gives",
    });
  }
}

async function aptGet(
  apt: Apt,
  layout: Layout,
  args: readonly string[],
  what: string,
  options: {
    readonly cwd: string;
    readonly note?: (detail: string) => void;
    readonly totalBytes?: number;
  },
): Promise<string> {
  await mkdir(options.cwd, { recursive: true, mode: 0o700 });
  const { note, totalBytes } = options;
  const result = await run("apt-get", ["-q", ...(note ? ["-o", "APT::Status-Fd=1"] : []), ...args], {
    cwd: options.cwd,
    env: { APT_CONFIG: apt.configPath, LC_ALL: "C.UTF-8", DEBIAN_FRONTEND: "noninteractive" },
    signal: apt.signal,
    tied: true, // an apt-get left behind would hold the lists' lock
    ...(note ? { onLine: (line) => noteStatus(line, totalBytes, note) } : {}),
  });
  if (result.exitCode === 0) return result.stdout;
  const words = aptErrors(result.stderr || result.stdout);
  const failure = engineError.ENGINE_DOWNLOAD_FAILED({ what, source: apt.mirror, cause: words });
  throw (
    (await diskFullError(failure, {
      path: layout.home,
      neededBytes: totalBytes ?? 0,
      purpose: text(what, what),
    })) ?? failure
  );
}

/** `dlstatus:1:42.7:Retrieving file 3 of 18 (2s remaining)`, of APT::Status-Fd. */
function noteStatus(line: string, totalBytes: number | undefined, note: (detail: string) => void): void {
  const match = /^dlstatus:\d+:([\d.]+):(.*)$/.exec(line);
  if (!match) return;
  const percent = Number(match[1]);
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  note(
    totalBytes === undefined
      ? `${Math.round(percent)} %`
      : `${mib((totalBytes * percent) / 100)} / ${mib(totalBytes)} MiB`,
  );
}

/** The `E:` lines of apt, else its last ones. */
function aptErrors(words: string): string {
  const errors = words.split("\n").filter((line) => /^(E|Err):?/.test(line));
  return (
    (errors.length > 0 ? [...new Set(errors)].slice(0, 4).join("; ") : lastLines(words, 4)) ||
    "apt-get failed"
  );
}

/** Whether the mirror has a suite at all: asked through apt's own fetcher, which knows the host's proxies. */
export async function suiteAnswers(apt: Apt, layout: Layout, url: string): Promise<boolean> {
  const target = join(layout.apt, "probe");
  await mkdir(layout.apt, { recursive: true, mode: 0o700 });
  const result = await run("/usr/lib/apt/apt-helper", ["download-file", `${url}/InRelease`, target], {
    env: { APT_CONFIG: apt.configPath },
    signal: apt.signal,
    timeoutMs: 20_000,
  });
  await rm(target, { force: true });
  return result.exitCode === 0;
}
