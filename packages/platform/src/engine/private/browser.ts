/**
 * A browser for tests that look at pages: Chromium and fonts of the host's own suite, unpacked below the state folder
 * and never installed. It is fetched at the first use and kept.
 */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../file-lock.ts";
import { writeAtomic } from "../../state.ts";
import { text } from "../../text.ts";
import { requireSpace } from "../disk.ts";
import { engineError } from "../errors.ts";
import { lastLines, run } from "../run.ts";
import { fetchDebs, prepareApt, resolveClosure, updateLists } from "./apt.ts";
import type { Layout } from "./layout.ts";
import { belongsToBrowser, packagesOf } from "./recipe.ts";
import { hostName, hostPackages, listsBytes, neededBytes, type ToolsOptions } from "./tools.ts";
import { libraryEnv, unpack, unpacked } from "./unpack.ts";

export interface Browser {
  readonly executable: string;
  /** What it must find in its environment: its libraries and fonts. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Ready to be started: at once when it is there, else about 110 MB are fetched first.
 * @throws ENGINE_ABSENT on a host without Debian's packages; ENGINE_DOWNLOAD_FAILED, DISK_FULL, ENGINE_START_FAILED
 */
export async function ensureBrowser(engine: Layout, options: ToolsOptions): Promise<Browser> {
  // Lists and packages of its own: the engine's may be in use meanwhile.
  const layout = {
    ...engine,
    apt: join(engine.home, "browser.apt"),
    debs: join(engine.home, "browser.debs"),
  };
  const ready = () => unpacked(layout, "browser");
  if (await ready()) return browserIn(join(layout.tools, "browser"));
  await mkdir(layout.home, { recursive: true, mode: 0o700 });
  await withLock(
    join(layout.home, "browser.lock"),
    async () => {
      if (!(await ready())) await bring(layout, options);
    },
    { purpose: "fetching the browser", signal: options.signal },
  );
  return browserIn(join(layout.tools, "browser"));
}

async function bring(layout: Layout, { progress, signal, mirror }: ToolsOptions): Promise<void> {
  const host = await hostPackages();
  const [source] = host?.docker ?? [];
  if (host === undefined || source === undefined) throw engineError.ENGINE_ABSENT({ host: await hostName() });
  const purpose = text("the browser", "浏览器");
  await requireSpace(layout.home, listsBytes + neededBytes.browser, purpose);
  const apt = await prepareApt(layout, { ...host, sources: [host.own], mirror, signal });
  await progress.task(text("list of Debian's packages", "获取 Debian 软件包列表"), (note) =>
    updateLists(apt, layout, note),
  );
  const wanted = packagesOf(host, "browser", source, undefined);
  const debs = (await resolveClosure(apt, layout, wanted)).filter((deb) => belongsToBrowser(deb.name));
  await mkdir(layout.debs, { recursive: true, mode: 0o700 });
  await progress.task(text("downloading the browser", "下载浏览器"), (note) =>
    fetchDebs(apt, layout, debs, note),
  );
  await progress.task(text("unpacking the browser", "解包浏览器"), async () => {
    const draft = await unpack(layout, "browser", debs, signal);
    await writeAtomic(join(draft.path, "fonts.conf"), fontsConfig(join(layout.tools, "browser")), 0o644);
    const { executable, env } = await browserIn(draft.path);
    const tried = await run(executable, ["--version"], { env, signal, timeoutMs: 30_000 });
    if (tried.exitCode !== 0) {
      await draft.discard();
      throw engineError.ENGINE_START_FAILED({
        cause: "the browser's packages do not run on this host",
        lastLines: lastLines(tried.stderr || tried.stdout, 3),
        logPath: layout.log,
      });
    }
    await draft.publish();
  });
  for (const path of [layout.debs, layout.apt]) await rm(path, { recursive: true, force: true });
}

async function browserIn(folder: string): Promise<Browser> {
  const { LD_LIBRARY_PATH: own = "" } = await libraryEnv(folder);
  // Before Debian 13 some libraries are in /lib, not in /usr/lib; the last is where a library looks for its own part.
  const old = own.replace(`${folder}/usr/`, `${folder}/`);
  const folders = [own, old, join(own, "pulseaudio")].filter((path) => existsSync(path));
  return {
    executable: join(folder, "usr/lib/chromium/chromium"),
    env: {
      LD_LIBRARY_PATH: folders.join(":"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  };
}

/** No font of the host: a page looks the same on every machine. Pure. */
export const fontsConfig = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
  <match target="pattern">
    <edit name="family" mode="append_last"><string>Liberation Sans</string></edit>
  </match>
  ${["sans-serif", "system-ui", "serif", "monospace"].map(alias).join("\n  ")}
</fontconfig>
`;

const latin: Readonly<Record<string, string>> = { serif: "Liberation Serif", monospace: "Liberation Mono" };
const alias = (family: string): string =>
  `<alias><family>${family}</family><prefer><family>${latin[family] ?? "Liberation Sans"}</family><family>WenQuanYi Micro Hei</family></prefer></alias>`;
