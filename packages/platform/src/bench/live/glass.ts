/** How far behind the camera a viewer's screen is, in a real browser, read from the picture itself. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { ensureBrowser } from "../../engine/private/browser.ts";
import { layoutOf } from "../../engine/private/layout.ts";
import { text } from "../../text.ts";
import { type Figure, percentile } from "../figure.ts";
import { ageOf, type Strip, stripOnPage } from "./clock.ts";
import { onAir, playUrls, type RoomedMall } from "./mall.ts";

/** Alone in its container or machine it has no sandbox to use, and no screen. */
const flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const kbits = 1_500;
/** Twenty pictures a bound: what a player catches up within this is seen as well. */
const looks = 40;
const lookEveryMs = 500;
const firstFrameMs = 30_000;
const segmentBounds = { 3: 13, 2: 10 } as const;

/** When the first picture was there, in ms since the page was asked for; before any program of the page. */
const noteFirstFrame = `document.addEventListener("playing", () => {
  window.mallFirstFrame ??= performance.now();
}, true);`;

export async function glassFigures(mall: RoomedMall): Promise<readonly Figure[]> {
  const { chromium } = await import("playwright-core");
  const { executable, env } = await ensureBrowser(layoutOf(), mall);
  const browser = await chromium.launch({
    executablePath: executable,
    args: flags,
    env: { ...process.env, ...env, LANG: "C.UTF-8" },
    timeout: 60_000,
  });
  try {
    return await onAir(mall, kbits, async () => {
      // Four segments: a player that begins has its three, and one more.
      await sleep(13_000, undefined, { signal: mall.signal });
      const three = await watched(mall, browser, 3);
      const two = await watched(mall, browser, 2);
      const first = [...three.firstFrames, ...two.firstFrames];
      return [glass(3, three.ages), glass(2, two.ages), firstFrame(first)];
    });
  } finally {
    await browser.close();
  }
}

interface Watched {
  /** s */
  readonly ages: readonly number[];
  readonly firstFrames: readonly number[];
}

const origin = async (mall: RoomedMall): Promise<string> => new URL((await playUrls(mall)).url).origin;

async function watched(mall: RoomedMall, browser: Browser, segments: 2 | 3): Promise<Watched> {
  const address = `${await origin(mall)}/watch/${mall.room}?lang=en&behind=${segments}`;
  // One that has seen the page before, as most have: what is measured is the stream.
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  await context.addInitScript(noteFirstFrame);
  try {
    const firstFrames: number[] = [];
    const page = await context.newPage();
    for (let visit = 0; visit < 3; visit += 1) firstFrames.push(await firstFrameOf(page, address));
    const ages: number[] = [];
    for (let i = 0; i < looks; i += 1) {
      const strip = await page.evaluate<Strip | null>(stripOnPage);
      if (strip !== null) ages.push(ageOf(strip) / 1_000);
      await sleep(lookEveryMs, undefined, { signal: mall.signal });
    }
    return { ages, firstFrames };
  } finally {
    await context.close();
  }
}

/** @returns s @throws when there is none in time */
async function firstFrameOf(page: Page, address: string): Promise<number> {
  await page.goto(address, { waitUntil: "commit" });
  for (const until = Date.now() + firstFrameMs; ; await sleep(50)) {
    const ms = await page.evaluate<number | null>("window.mallFirstFrame ?? null").catch(() => null);
    if (ms !== null) return ms / 1_000;
    if (Date.now() > until) throw new Error(`no picture within ${firstFrameMs / 1_000} s`);
  }
}

const spread = (values: readonly number[]) => {
  const [least, most] = [Math.min(...values).toFixed(2), Math.max(...values).toFixed(2)];
  return text(`${values.length} times: ${least} to ${most}`, `${values.length} 次：${least} 至 ${most}`);
};

const glass = (segments: 2 | 3, ages: readonly number[]): Figure => ({
  id: `glass-hls-${segments}`,
  title: text(
    `HLS, camera to screen, ${segments} segments behind`,
    `HLS 端到端延迟，落后 ${segments} 个分片`,
  ),
  value: percentile(ages, 0.95),
  bound: segmentBounds[segments],
  unit: "s",
  note: spread(ages),
});

const firstFrame = (seconds: readonly number[]): Figure => ({
  id: "first-frame",
  title: text("first picture after the page is asked for", "打开页面到首帧"),
  value: percentile(seconds, 0.5),
  bound: 1.5,
  unit: "s",
  note: spread(seconds),
});
