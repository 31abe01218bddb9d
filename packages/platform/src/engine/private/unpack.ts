/** Packages become programs: one folder per component, whole or not there, and links to what is used of it. */
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { readJson, writeAtomic } from "../../state.ts";
import { text } from "../../text.ts";
import { diskFullError } from "../disk.ts";
import { engineError } from "../errors.ts";
import { lastLines, run } from "../run.ts";
import type { Deb } from "./debs.ts";
import type { Layout } from "./layout.ts";
import type { Component } from "./recipe.ts";

/** Raised when what is unpacked, or the links to it, change: the next start then unpacks again. */
const format = 1;

/** Where a program is in the packages of one distribution or another, and where the engine looks for it. */
interface Link {
  readonly component: Component;
  readonly folder: "bin" | "sbin" | "plugins";
  readonly name: string;
  readonly found: readonly string[];
}

const program = (component: Component, folder: Link["folder"], name: string, ...found: string[]): Link => ({
  component,
  folder,
  name,
  found: [...found, `usr/bin/${name}`, `usr/sbin/${name}`],
});
const plugin = (name: string): Link => ({
  component: "client",
  folder: "plugins",
  name,
  found: [`usr/libexec/docker/cli-plugins/${name}`, `usr/lib/docker/cli-plugins/${name}`],
});

const links: readonly Link[] = [
  program("client", "bin", "docker"),
  plugin("docker-compose"),
  plugin("docker-buildx"),
  program("daemon", "sbin", "dockerd"),
  program("daemon", "sbin", "containerd"),
  program("daemon", "sbin", "containerd-shim-runc-v2"),
  program("daemon", "sbin", "ctr"),
  program("daemon", "sbin", "runc"),
  program("daemon", "sbin", "docker-proxy", "usr/libexec/docker/docker-proxy"),
  program("daemon", "sbin", "docker-init", "usr/bin/tini-static", "usr/libexec/docker/docker-init"),
  program("daemon", "sbin", "xtables-nft-multi"),
  program("daemon", "sbin", "xtables-legacy-multi"),
  program("daemon", "sbin", "nft"),
  program("daemon", "sbin", "busybox", "bin/busybox"),
];

/** Parts of the packages that nothing here runs; documentation and other container stacks. */
const unused = [
  "usr/share/doc",
  "usr/share/man",
  "usr/share/bash-completion",
  "usr/share/zsh",
  "usr/share/fish",
  "usr/share/lintian",
  "usr/lib/cni",
  "usr/lib/containerd",
];

interface Stamp {
  readonly format: number;
  readonly packages: readonly { readonly name: string; readonly version: string; readonly sha256: string }[];
}

const componentFolder = (layout: Layout, component: Component) => join(layout.tools, component);
const stampOf = (folder: string) => join(folder, "packages.json");

/** The packages a component was unpacked from, or `undefined` when it is not there as this version wants it. */
export async function packagesIn(
  layout: Layout,
  component: Component,
): Promise<Stamp["packages"] | undefined> {
  const stamp = (await readJson(stampOf(componentFolder(layout, component)))) as Partial<Stamp> | undefined;
  return stamp?.format === format ? stamp.packages : undefined;
}

export async function unpacked(layout: Layout, component: Component): Promise<boolean> {
  return (await packagesIn(layout, component)) !== undefined;
}

export interface Draft {
  readonly path: string;
  readonly publish: () => Promise<void>;
  readonly discard: () => Promise<void>;
}

/** Unpacks into a draft folder; `publish` makes it the component, in one step for anyone who looks. */
export async function unpack(
  layout: Layout,
  component: Component,
  debs: readonly Deb[],
  signal: AbortSignal | undefined,
): Promise<Draft> {
  const target = componentFolder(layout, component);
  const draft = `${target}.draft`;
  const old = `${target}.old`;
  for (const left of [draft, old]) await rm(left, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  // Two at a time: dpkg-deb is a decompressor (one core) and a tar (mostly the disk).
  const queue = [...debs].sort((a, b) => b.sizeBytes - a.sizeBytes);
  const worker = async () => {
    for (let deb = queue.shift(); deb !== undefined; deb = queue.shift()) {
      await extract(join(layout.debs, deb.file), draft, layout, signal);
    }
  };
  await Promise.all([worker(), worker()]);
  for (const path of unused) await rm(join(draft, path), { recursive: true, force: true });
  const stamp: Stamp = {
    format,
    packages: debs.map(({ name, version, sha256 }) => ({ name, version, sha256 })),
  };
  await writeAtomic(stampOf(draft), `${JSON.stringify(stamp, undefined, 2)}\n`, 0o644);
  return {
    path: draft,
    publish: async () => {
      // The links first: they dangle until the folder is there, and a folder that is there has its links.
      await makeLinks(layout, component, draft);
      if (existsSync(target)) await rename(target, old);
      await rename(draft, target);
      await rm(old, { recursive: true, force: true });
    },
    discard: () => rm(draft, { recursive: true, force: true }),
  };
}

async function extract(
  path: string,
  folder: string,
  layout: Layout,
  signal: AbortSignal | undefined,
): Promise<void> {
  const result = await run("dpkg-deb", ["-x", path, folder], { signal, tied: true });
  if (result.exitCode === 0) return;
  const failure = engineError.ENGINE_START_FAILED({
    cause: `${path} could not be unpacked`,
    lastLines: lastLines(result.stderr),
    logPath: layout.log,
  });
  const place = {
    path: layout.home,
    neededBytes: 300 * 2 ** 20,
    purpose: text("the engine's programs", "引擎程序"),
  };
  throw (await diskFullError(failure, place)) ?? failure;
}

async function makeLinks(layout: Layout, component: Component, draft: string): Promise<void> {
  const folders = { bin: layout.bin, sbin: layout.sbin, plugins: join(layout.cli, "cli-plugins") };
  for (const link of links.filter((each) => each.component === component)) {
    const found = link.found.find((path) => existsSync(join(draft, path)));
    if (found === undefined) continue;
    const folder = folders[link.folder];
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, link.name);
    const target = relative(folder, join(componentFolder(layout, component), found));
    await rm(`${path}.new`, { force: true });
    await symlink(target, `${path}.new`);
    await rename(`${path}.new`, path);
  }
}

/** Environment in which the unpacked programs find the libraries that came with them. */
export async function libraryEnv(folder: string): Promise<Record<string, string>> {
  const triplet = (await readdir(join(folder, "usr/lib")).catch(() => [])).find((name) =>
    /^[a-z0-9_]+-linux-gnu/.test(name),
  );
  if (triplet === undefined) return {};
  const library = join(folder, "usr/lib", triplet);
  return { LD_LIBRARY_PATH: library, XTABLES_LIBDIR: join(library, "xtables") };
}

/** Environment and arguments in which the unpacked mmdebstrap runs, with or without its own perl modules. */
export async function bootstrapEnv(folder: string): Promise<Record<string, string>> {
  const perls = (await readdir(join(folder, "usr/share/perl")).catch(() => [])).filter((v) =>
    /^\d+\.\d+$/.test(v),
  );
  const [version] = perls;
  if (version === undefined) return {};
  const { LD_LIBRARY_PATH } = await libraryEnv(folder);
  const arch = LD_LIBRARY_PATH === undefined ? [] : [join(LD_LIBRARY_PATH, "perl", version)];
  return { PERL5LIB: [join(folder, "usr/share/perl", version), ...arch].join(":") };
}

const trials: Readonly<Record<Component, readonly (readonly [string, ...string[]])[]>> = {
  client: [
    ["docker", "--version"],
    ["docker-compose", "docker-cli-plugin-metadata"],
    ["docker-buildx", "docker-cli-plugin-metadata"],
  ],
  daemon: [
    ["dockerd", "--version"],
    ["containerd", "--version"],
    ["runc", "--version"],
    ["docker-init", "--version"],
    ["xtables-nft-multi", "iptables", "--version"],
    ["nft", "--version"],
    ["busybox", "true"],
  ],
  bootstrap: [],
  browser: [],
};

/** Runs each program once; `undefined` when all answer, else the first one's words. */
export async function selfCheck(
  draft: Draft,
  component: Component,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const env = await libraryEnv(draft.path);
  for (const [name, ...args] of trials[component]) {
    const link = links.find((each) => each.name === name);
    const found = link?.found.find((path) => existsSync(join(draft.path, path)));
    if (found === undefined) return `${name} is not in the packages`;
    const result = await run(join(draft.path, found), args, { env, signal, timeoutMs: 30_000 });
    if (result.exitCode !== 0) return `${name}: ${lastLines(result.stderr || result.stdout, 3)}`;
  }
  if (component === "bootstrap") {
    const result = await run("perl", [join(draft.path, "usr/bin/mmdebstrap"), "--version"], {
      env: await bootstrapEnv(draft.path),
      signal,
    });
    if (result.exitCode !== 0) return `mmdebstrap: ${lastLines(result.stderr, 3)}`;
  }
  return undefined;
}
