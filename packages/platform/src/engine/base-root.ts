/** A minimal Debian root as a tar file, made by mmdebstrap from packages; nothing is installed on the host. */
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../file-lock.ts";
import type { Progress } from "../progress.ts";
import { readJson, writeAtomic } from "../state.ts";
import { text } from "../text.ts";
import { diskFullError, requireSpace } from "./disk.ts";
import { engineError } from "./errors.ts";
import { type Apt, prepareApt, suiteAnswers } from "./private/apt.ts";
import { sha256Of } from "./private/debs.ts";
import { quote } from "./private/firewall.ts";
import type { Layout } from "./private/layout.ts";
import { ensureTools, type HostPackages, hostPackages } from "./private/tools.ts";
import { bootstrapEnv } from "./private/unpack.ts";
import { lastLines, run } from "./run.ts";

export type Suite = "sid" | "trixie" | "bookworm" | "bullseye";

/** Lists, packages and an unpacked root of 250 MB, then the tar of 85 MB. */
const neededBytes = 600 * 2 ** 20;

export interface BaseRoot {
  readonly path: string;
  readonly sha256: string;
  readonly suite: Suite;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Lines for /etc/apt/sources.list, which are in it. */
  readonly sources: readonly string[];
}

export interface BaseRootOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  readonly mirror?: string | undefined;
  /** Make it anew from today's packages. */
  readonly refresh?: boolean;
}

/**
 * The tar of a suite, made once (12 s, 85 MB) and kept. Different suites can be made at the same time.
 * @throws BASE_IMAGE_FAILED, ENGINE_NOT_ROOT, ENGINE_ABSENT (no Debian-like host), DISK_FULL, ENGINE_DOWNLOAD_FAILED
 */
export async function ensureBaseRoot(
  layout: Layout,
  suite: Suite,
  options: BaseRootOptions,
): Promise<BaseRoot> {
  const known = options.refresh ? undefined : await knownRoot(layout, suite);
  if (known) return known;
  if (process.getuid?.() !== 0) {
    throw engineError.ENGINE_NOT_ROOT({
      action: "making a base image from packages, which is needed since no image registry answers,",
    });
  }
  await ensureTools(layout, ["bootstrap"], options);
  return withLock(
    join(layout.bases, `${suite}.lock`),
    async () =>
      (options.refresh ? undefined : await knownRoot(layout, suite)) ?? (await make(layout, suite, options)),
    { purpose: `making the base image ${suite}`, signal: options.signal },
  );
}

const recordPath = (layout: Layout, suite: Suite) => join(layout.bases, `${suite}.json`);

/** The record is written after the tar; its size tells a tar that was replaced or cut short meanwhile. */
async function knownRoot(layout: Layout, suite: Suite): Promise<BaseRoot | undefined> {
  const record = (await readJson(recordPath(layout, suite))) as
    | (BaseRoot & { sizeBytes: number })
    | undefined;
  if (record === undefined) return undefined;
  const size = await stat(record.path).then(
    (info) => info.size,
    () => -1,
  );
  return size === record.sizeBytes ? record : undefined;
}

/**
 * Sources of a suite at a mirror. Security updates are beside it by Debian's convention: `…/debian-security`
 * for `…/debian`. sid has neither updates nor security: fixes go into it directly.
 */
export function sourceCandidates(
  suite: Suite,
  mirror: string,
): readonly { url: string; line: string; required: boolean }[] {
  const security = mirror.replace(/\/debian\/?$/, "/debian-security");
  const of = (base: string, name: string, required: boolean) => ({
    url: `${base}/dists/${name}`,
    line: `deb ${base} ${name} main`,
    required,
  });
  const main = of(mirror, suite, true);
  if (suite === "sid") return [main];
  const more = [of(mirror, `${suite}-updates`, false)];
  if (security !== mirror) more.push(of(security, `${suite}-security`, false));
  return [main, ...more];
}

/** Those that answer at the mirror. */
async function answeringSources(apt: Apt, layout: Layout, suite: Suite, mirror: string): Promise<string[]> {
  const lines: string[] = [];
  for (const { url, line, required } of sourceCandidates(suite, mirror)) {
    if (await suiteAnswers(apt, layout, url)) lines.push(line);
    else if (required) break;
  }
  if (lines.length > 0) return lines;
  throw engineError.ENGINE_DOWNLOAD_FAILED({
    what: `Debian ${suite}`,
    source: mirror,
    cause: "it does not answer, or has dropped the suite: an archive's mirror would have it",
  });
}

/** @throws ENGINE_NO_MIRROR: another distribution's mirror has no Debian. */
function debianMirror(wanted: string | undefined, host: HostPackages): string {
  const own = host.distribution.name === "debian" ? host.ownMirror : undefined;
  const mirror = wanted ?? own;
  if (mirror === undefined) throw engineError.ENGINE_NO_MIRROR({ distribution: "debian" });
  return mirror;
}

async function make(layout: Layout, suite: Suite, options: BaseRootOptions): Promise<BaseRoot> {
  const { progress, signal } = options;
  const host = await hostPackages();
  if (host === undefined) throw engineError.ENGINE_ABSENT({ host: process.platform });
  await requireSpace(layout.home, neededBytes, text(`the base image ${suite}`, `基础镜像 ${suite}`));
  await mkdir(layout.bases, { recursive: true, mode: 0o700 });
  const title = text(`base image of Debian ${suite}`, `Debian ${suite} 基础镜像`);
  return progress.task(title, async (note) => {
    const apt = await prepareApt(
      { ...layout, apt: join(layout.bases, `${suite}.apt`) },
      { ...host, sources: [host.own], mirror: undefined, signal },
    );
    const mirror = debianMirror(options.mirror, host).replace(/\/$/, "");
    const sources = await answeringSources(apt, layout, suite, mirror);
    const target = join(layout.bases, `${suite}.tar`);
    const draft = `${target}.draft`;
    await rm(draft, { force: true });
    const keyring =
      host.distribution.name === "debian"
        ? host.keyring
        : join(layout.tools, "bootstrap/usr/share/keyrings/debian-archive-keyring.gpg");
    await bootstrap(layout, { suite, sources, draft, keyring, note, signal });
    const sha256 = await sha256Of(draft);
    const { size } = await stat(draft);
    await rename(draft, target);
    const root: BaseRoot = { path: target, sha256, suite, madeAt: new Date().toISOString(), sources };
    await writeAtomic(
      recordPath(layout, suite),
      `${JSON.stringify({ ...root, sizeBytes: size }, undefined, 2)}\n`,
    );
    return root;
  });
}

/**
 * Of dpkg, inside the root: what is installed later leaves these out as well. Licences stay. A layer is whole or
 * discarded, so nothing is gained by flushing each file to the disk (Debian's official image does the same).
 */
const slim = [
  "force-unsafe-io",
  "path-exclude=/usr/share/doc/*",
  "path-include=/usr/share/doc/*/copyright",
  "path-exclude=/usr/share/man/*",
  "path-exclude=/usr/share/info/*",
  "path-exclude=/usr/share/locale/*",
  "path-exclude=/usr/share/lintian/*",
  "",
].join("\n");

async function bootstrap(
  layout: Layout,
  job: {
    readonly suite: Suite;
    readonly sources: readonly string[];
    readonly draft: string;
    readonly keyring: string;
    readonly note: (detail: string) => void;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const tools = join(layout.tools, "bootstrap");
  const slimPath = join(layout.bases, "slim.conf");
  await writeAtomic(slimPath, slim, 0o644);
  const work = join(layout.bases, `${job.suite}.work`);
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { mode: 0o755 });
  // The filter that mmdebstrap has for path-exclude is Python, which a minimal host lacks: the file is put in
  // place before the packages and what came with the first ones is removed after them.
  const setup = `mkdir -p "$1/etc/dpkg/dpkg.cfg.d" && cp ${quote(slimPath)} "$1/etc/dpkg/dpkg.cfg.d/slim"`;
  const customize = [
    'find "$1/usr/share/doc" -not -type d -not -name copyright -delete',
    'find "$1/usr/share/doc" -mindepth 1 -type d -empty -delete',
    'rm -rf "$1"/usr/share/man/* "$1"/usr/share/info/* "$1"/usr/share/locale/* "$1"/usr/share/lintian/*',
    'rm -f "$1"/var/log/*.log "$1"/var/log/apt/* "$1"/var/cache/ldconfig/aux-cache',
  ].join(" && ");
  const args = [
    join(tools, "usr/bin/mmdebstrap"),
    `--keyring=${job.keyring}`,
    "--mode=root",
    "--variant=minbase",
    "--format=tar",
    "--include=ca-certificates",
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    `--setup-hook=${setup}`,
    `--customize-hook=${customize}`,
    job.suite,
    job.draft,
    "-",
  ];
  // Namespaces of its own: killed at any moment, its mounts of /proc and /dev and all its children go with it.
  const namespaces = [
    "--mount",
    "--propagation",
    "private",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
  ];
  const isolated = [...namespaces, "--", "perl", ...args];
  const result = await run("unshare", isolated, {
    env: { ...(await bootstrapEnv(tools)), TMPDIR: work, APT_CONFIG: undefined, LC_ALL: "C.UTF-8" },
    input: `${job.sources.join("\n")}\n`,
    signal: job.signal,
    tied: true,
    killDelayMs: 500, // unshare waits for its child and passes no SIGTERM on
    onLine: (line) => {
      const step = /^I: (.*?)\.*$/.exec(line)?.[1];
      if (step && !step.startsWith("running --")) job.note(step);
    },
  });
  await rm(work, { recursive: true, force: true });
  if (result.exitCode === 0) return;
  await rm(job.draft, { force: true });
  const failure = engineError.BASE_IMAGE_FAILED({
    suite: job.suite,
    cause: `mmdebstrap ended with ${result.exitCode}`,
    lastLines: lastLines(result.stderr, 10),
  });
  const place = {
    path: layout.bases,
    neededBytes,
    purpose: text(`the base image ${job.suite}`, `基础镜像 ${job.suite}`),
  };
  throw (await diskFullError(failure, place)) ?? failure;
}
