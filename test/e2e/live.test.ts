/** Live streaming as a part of a mall: brought up by `./mall up`, pushed to, watched in a browser, and hurt. */
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { quicFlags, startChromium } from "../support/chromium.ts";
import { type LiveMall, liveMall } from "../support/live-mall.ts";
import { repositoryRoot } from "../support/ready-images.ts";

let live: LiveMall;
let browser: Browser | undefined;
const figures: string[] = [];
const publishers: { readonly stop: () => Promise<void> }[] = [];
const push = (url: string) => {
  const publisher = live.publish(url);
  publishers.push(publisher);
  return publisher;
};

interface Urls {
  readonly push: { readonly url: string; readonly urlTls: string };
}
const urlsOf = (room: string) => live.operate<Urls>("GET", `/v1/rooms/${room}/urls`);

/** The last segment of the stream's media playlist by the edges; undefined while there is none. */
async function lastSegment(playUrl: string): Promise<string | undefined> {
  const got = await live.get(playUrl.replace(".m3u8", "/source.m3u8"));
  return got.status === 200
    ? got.text
        .trim()
        .split("\n")
        .filter((line) => !line.startsWith("#"))
        .at(-1)
    : undefined;
}

const decoded = (page: Page) =>
  page.evaluate<number>("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames");
/** By which protocol each segment came, as the browser itself says. */
const segmentProtocols = (page: Page) =>
  page.evaluate<string[]>(`performance.getEntriesByType("resource")
    .filter(({ name }) => new URL(name).pathname.endsWith(".ts")).map((entry) => entry.nextHopProtocol)`);

const pictures = join(repositoryRoot, "test-results/live");

beforeAll(async () => {
  await mkdir(pictures, { recursive: true });
  live = await liveMall("live-e2e", 27_000);
}, 60_000);

afterAll(async () => {
  console.log(figures.join("\n"));
  await browser?.close();
  for (const publisher of publishers) await publisher.stop().catch(() => undefined);
  await live?.close();
}, 180_000);

test("comes up, and up again changes nothing", async () => {
  const first = await live.mall.run("up", "--json");
  expect(first.code, first.stderr).toBe(0);
  figures.push(`up with live streaming and MySQL, volumes empty: ${first.seconds.toFixed(1)} s`);
  expect(await live.mall.json("up")).toMatchObject({ unchanged: true });
  const verified = await live.mall.run("verify", "GE-4", "GE-8");
  expect(verified.stdout).toContain("0 fail");
  expect(verified.stdout).toContain("rtmp (1935) does not");
}, 600_000);

test("every check of live streaming holds, and leaves no room behind", async () => {
  const verified = await live.mall.run("verify", "live", "--json");
  const { groups } = JSON.parse(verified.stdout) as {
    readonly groups: readonly {
      readonly reports: readonly { readonly id: string; readonly verdict: string }[];
    }[];
  };
  const reports = groups.flatMap((group) => group.reports);
  const failed = reports.filter(({ verdict }) => verdict !== "pass" && verdict !== "deviates");
  expect(failed, JSON.stringify(failed)).toEqual([]);
  expect(reports.length).toBeGreaterThan(10);
  figures.push(`verify live: ${verified.seconds.toFixed(1)} s`);
  expect(await live.operate("GET", "/v1/rooms")).toMatchObject({ rooms: [] });
}, 300_000);

test("mall live demo plays from the edges while it runs, and takes its key away with it", async () => {
  const demo = live.mall.run("live", "demo", "--seconds", "15", "--json");
  await expect
    .poll(async () => (await live.get(await live.playUrl("demo"))).status, { timeout: 60_000, interval: 500 })
    .toBe(200);
  const ended = await demo;
  expect(ended.code, ended.stderr).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ room: "demo", page: `${live.edge}/watch/demo` });
  const { keys } = await live.operate<{ readonly keys: readonly { readonly state: string }[] }>(
    "GET",
    "/v1/rooms/demo/keys",
  );
  expect(keys.map(({ state }) => state)).toEqual(["revoked"]);
  const gone = async () => (await live.mall.run("live", "delete", "demo", "--yes")).code;
  await expect.poll(gone, { timeout: 60_000, interval: 1_000 }).toBe(0);
}, 120_000);

test("who has no key, a wrong one or another room's does not get in, at once", async () => {
  for (const [name, title] of [
    ["market", "晚间茶市 Evening tea"],
    ["other", "手作陶器 Pottery"],
  ])
    await live.operate("POST", "/v1/rooms", { name, title, merchant: "m1" });
  const { key } = await live.operate<{ readonly key: string }>("POST", "/v1/rooms/other/keys", {});
  await live.operate("POST", "/v1/rooms/market/keys", {});
  const rtmp = (query: string) => `rtmp://127.0.0.1:27935/live/market${query}`;
  for (const query of ["", "?key=wrong", `?key=${key}`]) {
    // The quickest of three: most of it is the start of a container, on whatever else this machine does.
    const tries = [await live.tries(rtmp(query))];
    while (tries.length < 3 && tries.every(({ seconds }) => seconds >= 5))
      tries.push(await live.tries(rtmp(query)));
    expect(
      tries.map(({ code }) => code),
      query,
    ).not.toContain(0);
    expect(Math.min(...tries.map(({ seconds }) => seconds)), query).toBeLessThan(5);
  }
  expect((await live.get(await live.playUrl("market"))).status).toBe(404);
}, 180_000);

test("what is pushed by RTMP and by RTMPS is played from the edges, with a signature only", async () => {
  await live.operate("POST", "/v1/rooms/other/keys", {});
  push((await urlsOf("market")).push.url.replace("localhost", "127.0.0.1"));
  push((await urlsOf("other")).push.urlTls.replace("localhost", "127.0.0.1"));
  for (const room of ["market", "other"]) {
    const url = await live.playUrl(room);
    await expect.poll(() => lastSegment(url), { timeout: 60_000, interval: 500 }).toBeDefined();
    const segment = new URL(
      (await lastSegment(url)) ?? "",
      url.replace(`${room}.m3u8`, `${room}/source.m3u8`),
    ).href;
    const got = await live.get(segment);
    expect(got.status).toBe(200);
    expect(got.headers["content-type"]).toBe("video/mp2t");
    const bySignature = (address: string, signature: string) => address.replace(/\/~[^/]+/, signature);
    for (const address of [url, segment]) {
      expect(bySignature(address, "")).not.toBe(address);
      expect((await live.get(bySignature(address, ""))).status).toBe(403);
    }
    // Another room's signature opens nothing here.
    const [foreign = ""] = /\/~[^/]+/.exec(await live.playUrl(room === "market" ? "other" : "market")) ?? [];
    expect((await live.get(bySignature(url, foreign))).status).toBe(403);
  }
  await expect.poll(() => live.mall.answer("status"), { timeout: 60_000 }).toContain("2 broadcasts");
}, 240_000);

test("the page plays it by HTTP/2: pictures are decoded and move", async () => {
  browser = await startChromium();
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 900 },
  });
  const page = await context.newPage();
  await page.goto(`${live.edge}/watch/market?lang=en`);
  await page.locator('[data-phase="playing"]').waitFor({ timeout: 60_000 });
  const before = await decoded(page);
  await expect.poll(() => decoded(page), { timeout: 60_000 }).toBeGreaterThan(before + 30);
  expect(new Set(await segmentProtocols(page))).toEqual(new Set(["h2"]));
  const colours = await page.evaluate<number>(`(() => {
    const video = document.querySelector("video");
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [32, 18];
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 0, 32, 18);
    return new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size;
  })()`);
  expect(colours).toBeGreaterThan(20);
  await page.screenshot({ path: join(pictures, "watch-en.jpg"), quality: 80 });
  figures.push(
    `behind live, ${await page.locator("[data-behind]").getAttribute("data-behind")} s by the page`,
  );
  await expect.poll(() => live.mall.answer("status"), { timeout: 60_000 }).toMatch(/[1-9]\d* viewers/);
  // An edge is lost: the page goes on by the other one.
  await live.docker("kill", live.container("live-edge-1"));
  const atKill = await decoded(page);
  await expect.poll(() => decoded(page), { timeout: 60_000 }).toBeGreaterThan(atKill + 90);
  await page.locator('[data-phase="playing"]').waitFor();
  await live.docker("start", live.container("live-edge-1"));
  await context.close();
}, 300_000);

const overflow = (page: Page) =>
  page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

test("the list has who is live first, says of others what they are, and leads to the picture", async () => {
  await live.operate("POST", "/v1/rooms", {
    ...{ name: "club", title: "会员品鉴 Tasting", merchant: "m2", visibility: "members" },
  });
  browser ??= await startChromium();
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 620 },
  });
  const page = await context.newPage();
  await page.goto(`${live.edge}/?lang=en`);
  const listed = (heading: string) =>
    page
      .locator("section", { has: page.getByRole("heading", { name: heading, exact: true }) })
      .locator("li")
      .allTextContents();
  // Each card: its letter, title, state, who may watch, merchant.
  const shown = ["晚晚间茶市 Evening teaLIVEm1", "手手作陶器 PotteryLIVEm1"];
  await expect.poll(() => listed("On air now"), { timeout: 20_000 }).toEqual(shown);
  expect(await listed("All rooms")).toEqual(["会会员品鉴 TastingOfflineMembersm2"]);
  expect(await overflow(page)).toBe(0);
  await page.screenshot({ path: join(pictures, "rooms-en.jpg"), quality: 80 });
  await page.getByText("Evening tea").click();
  await page.locator('[data-phase="playing"]').waitFor({ timeout: 60_000 });
  await page.goBack();

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "中文" }).click();
  await expect.poll(async () => (await listed("正在直播")).length).toBe(2);
  expect(await listed("全部直播间")).toEqual(["会会员品鉴 Tasting未开播需登录m2"]);
  expect(await overflow(page)).toBe(0);
  await page.screenshot({ path: join(pictures, "rooms-zh-phone.jpg"), quality: 80 });
  await context.close();
}, 120_000);

test("a shop's program asks by the typed client, as docs/live-application.md shows", async () => {
  const program = join(pictures, "on-air.mjs");
  await build({
    stdin: {
      contents: `import { liveClient } from "./client.ts";
        import { onAir } from "./example.ts";
        console.log(JSON.stringify(await onAir(liveClient({ baseUrl: ${JSON.stringify(live.edge)} }))));`,
      resolveDir: join(repositoryRoot, "packages/live/src/client"),
    },
    ...{ bundle: true, platform: "node", format: "esm", outfile: program },
  });
  const { caFile } = await live.mall.json<{ readonly caFile: string }>("live", "play", "market");
  const ran = await promisify(execFile)(process.execPath, [program], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile },
  });
  const watched = JSON.parse(ran.stdout) as readonly { readonly title: string; readonly url: string }[];
  expect(watched.map(({ title }) => title)).toEqual(["晚间茶市 Evening tea", "手作陶器 Pottery"]);
  for (const { url } of watched) expect((await live.get(url)).status).toBe(200);
}, 60_000);

test("by HTTP/3 it plays from each edge, and from their common address once they have announced it", async () => {
  const certificates = await Promise.all(["live-edge-1", "live-edge-2"].map(live.certificate));
  const each = ["localhost:27444", "localhost:27445"];
  const quic = await startChromium(quicFlags([...each, "localhost:1"], certificates));
  try {
    for (const origin of [...each, new URL(live.edge).host]) {
      const context = await quic.newContext({ ignoreHTTPSErrors: true });
      const page = await context.newPage();
      await page.goto(`https://${origin}/watch/market`);
      await page.locator('[data-phase="playing"]').waitFor({ timeout: 60_000 });
      const before = await decoded(page);
      await expect.poll(() => decoded(page), { timeout: 60_000 }).toBeGreaterThan(before + 30);
      const byQuic = async () => (await segmentProtocols(page)).filter((name) => name === "h3").length;
      await expect.poll(byQuic, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
      if (each.includes(origin)) expect(new Set(await segmentProtocols(page))).toEqual(new Set(["h3"]));
      await context.close();
    }
  } finally {
    await quic.close();
  }
}, 400_000);

test("a streamer makes a key on the own page, pushes by it, sees how it comes in, and takes the key back", async () => {
  await live.operate("POST", "/v1/rooms", {
    name: "stall",
    title: "周末市集 Weekend market",
    merchant: "m1",
  });
  const tokenOf = async (merchant: string) =>
    (
      await live.operate<{ readonly token: string }>("POST", "/v1/tokens", {
        ...{ subject: "anna", role: "streamer", merchant },
      })
    ).token;
  browser ??= await startChromium();
  const context = await browser.newContext({
    ...{ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } },
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  await page.goto(`${live.edge}/studio/stall?lang=en`);
  for (const [token, said] of [
    ["nonsense", "not valid"],
    [await tokenOf("m2"), "not one of your merchant's"],
  ] as const) {
    await page.locator('input[name="token"]').fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").filter({ hasText: said }).waitFor();
  }
  // As the mall's own pages would lead here: the token is out of the address at once.
  await page.goto("about:blank");
  await page.goto(`${live.edge}/studio/stall?lang=en#token=${await tokenOf("m1")}`);
  await page.getByText("There is no valid key yet").waitFor();
  expect(page.url()).toBe(`${live.edge}/studio/stall?lang=en`);
  expect(await page.locator("[data-health]").getAttribute("data-health")).toBe("none");

  await page.getByRole("button", { name: "New key" }).click();
  const key = page.locator('[data-value="newKey"]');
  await key.getByRole("button", { name: "Copy" }).click();
  await key.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate<string>("navigator.clipboard.readText()");
  expect(copied).toMatch(/^stall\?key=[A-Za-z0-9]{32}$/);
  expect(await page.locator("main").textContent()).not.toContain(copied);
  await key.getByRole("button", { name: "Show" }).click();
  expect(await key.locator("code").textContent()).toBe(copied);
  await key.getByRole("button", { name: "Hide" }).click();
  push(`rtmp://127.0.0.1:27935/live/${copied}`);
  // The test picture has 15 pictures a second, which is what the page warns of, and nothing else.
  await page.locator('[data-health="fewPictures"]').waitFor({ timeout: 60_000 });
  const figure = async (name: string) =>
    (await page.locator(`[data-figure="${name}"] dd`).textContent()) ?? "";
  // Of the last seconds, in which a busy machine may have made fewer.
  const frameRate = async () => Number.parseFloat(await figure("frameRate"));
  await expect.poll(frameRate, { timeout: 60_000 }).toBeCloseTo(15, 0);
  await expect.poll(() => figure("keyframes"), { timeout: 30_000 }).toBe("2 s");
  expect(await figure("picture")).toBe("320 × 180");
  expect(await figure("bitrate")).toMatch(/^\d+ kbit\/s$/);
  const shot = (name: string) =>
    page.screenshot({ path: join(pictures, `${name}.jpg`), quality: 80, fullPage: true });
  await shot("studio-en");
  expect(await overflow(page)).toBe(0);
  await page.getByRole("button", { name: "中文" }).click();
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await overflow(page)).toBe(0);
  await shot("studio-zh-phone");

  const revoke = page.locator('[data-key][data-state="valid"] button');
  await revoke.click();
  expect(await page.locator('[data-state="live"]').count()).toBe(1);
  await revoke.click();
  await page.locator('[data-key][data-state="revoked"]').waitFor();
  await page.locator('.studio[data-state="ended"]').waitFor({ timeout: 60_000 });
  await context.close();
}, 300_000);

test("an ingest is killed: its publishers come back by the other one, and the stream goes on", async () => {
  const url = await live.playUrl("market");
  const { broadcast } = await live.operate<{
    readonly broadcast: { readonly instance: string; readonly id: string };
  }>("GET", "/v1/rooms/market");
  const killed = performance.now();
  await live.docker("kill", live.container(broadcast.instance));
  const fresh = async () => {
    const last = await lastSegment(url);
    return last !== undefined && !last.includes(broadcast.id);
  };
  await expect.poll(fresh, { timeout: 90_000, interval: 500 }).toBe(true);
  figures.push(
    `${broadcast.instance} killed: new segments after ${((performance.now() - killed) / 1000).toFixed(1)} s`,
  );
  await live.docker("start", live.container(broadcast.instance));
}, 180_000);

test("a kick cuts the stream within seconds; a revoked key keeps its publisher away", async () => {
  const keys = await live.operate<{ readonly keys: readonly { readonly id: string }[] }>(
    "GET",
    "/v1/rooms/market/keys",
  );
  const url = await live.playUrl("market");
  const media = url.replace(".m3u8", "/source.m3u8");
  const ended = async () => {
    const got = await live.get(media);
    return got.status === 404 || got.text.includes("#EXT-X-ENDLIST");
  };
  // A stream that had ended before would prove nothing.
  const last = await lastSegment(url);
  await expect.poll(() => lastSegment(url), { timeout: 60_000, interval: 500 }).not.toBe(last);
  expect(await ended()).toBe(false);
  for (const { id } of keys.keys) await live.operate("DELETE", `/v1/rooms/market/keys/${id}`);
  const since = performance.now();
  await expect.poll(ended, { timeout: 30_000, interval: 250 }).toBe(true);
  const seconds = (performance.now() - since) / 1000;
  figures.push(`key revoked: the stream had ended after ${seconds.toFixed(1)} s`);
  expect(seconds).toBeLessThan(6);
}, 180_000);

test("certificates and the play key are replaced while it is watched, and down and up keep the rooms", async () => {
  const url = await live.playUrl("other");
  let failures = 0;
  let requests = 0;
  let watching = true;
  const watch = (async () => {
    while (watching) {
      const got = await live.get(url).catch(() => undefined);
      requests += 1;
      if (got?.status !== 200) failures += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const rotated = await live.mall.run("certs", "rotate", "live-edge-1", "live-edge-2");
  watching = false;
  await watch;
  expect(rotated.code, rotated.stderr).toBe(0);
  expect(failures, `${failures} of ${requests} failed`).toBe(0);
  await live.mall.json("down");
  const again = await live.mall.run("up", "--json");
  expect(again.code, again.stderr).toBe(0);
  figures.push(`up with data: ${again.seconds.toFixed(1)} s`);
  const rooms = await live.operate<{ readonly rooms: readonly { readonly name: string }[] }>(
    "GET",
    "/v1/rooms",
  );
  expect(rooms.rooms.map((room) => room.name).sort()).toEqual(["club", "market", "other", "stall"]);
}, 300_000);
