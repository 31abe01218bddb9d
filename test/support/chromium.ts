/**
 * A real Chromium without a screen, for suites that look at pages. Its packages are fetched by the project itself at
 * the first use; nothing is installed on the host.
 */
import { type Browser, chromium } from "playwright-core";
import { ensureBrowser } from "../../packages/platform/src/engine/private/browser.ts";
import { layoutOf } from "../../packages/platform/src/engine/private/layout.ts";
import { silent } from "../../packages/platform/src/progress.ts";

/** Alone in its container or machine it has no sandbox to use, and no network to ask for news. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The caller closes it. */
export async function startChromium(): Promise<Browser> {
  const { executable, env } = await ensureBrowser(layoutOf(), { progress: silent });
  return chromium.launch({
    executablePath: executable,
    args: [...flags],
    env: { ...process.env, ...env, LANG: "C.UTF-8" },
    // A first start reads 250 MB from a cold disk.
    timeout: 60_000,
  });
}
