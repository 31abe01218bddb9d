/** Recordings with real programs: what was broadcast can be watched afterwards, whatever went away meanwhile. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ReplayDetail, ReplayInfo } from "../../../packages/live/src/app/api.ts";
import { faultsOf, readPlaylist } from "../../../packages/live/src/hls/rules.ts";
import { byPath, mediaPath, replayPath, signatureIn } from "../../../packages/live/src/signature/index.ts";
import { startChromium } from "../../support/chromium.ts";
import { eventually } from "../../support/ingest-bench.ts";
import { type ReplayBench, replayBench } from "../../support/replay-bench.ts";

let bench: ReplayBench;
let tea: ReplayDetail;

beforeAll(async () => {
  bench = await replayBench();
}, 600_000);
afterAll(() => bench?.close(), 60_000);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const listed = async (room: string): Promise<ReplayInfo | undefined> =>
  (await bench.anyone("GET", `/v1/rooms/${room}/replays`)).json.replays[0];
const replayOf = async (room: string, withinMs: number): Promise<ReplayDetail> => {
  const { broadcast } = await eventually(`${room} has a replay`, () => listed(room), withinMs);
  const { status, json } = await bench.anyone("GET", `/v1/replays/${broadcast}`);
  expect(status).toBe(200);
  return json;
};
/** The part of an address that the edge is asked for. */
const pathOf = (url: string) => new URL(url).pathname + new URL(url).search;
const playlistOf = async ({ play }: ReplayDetail) => {
  const answer = await bench.viewer.get(pathOf(play.url));
  expect(answer.status).toBe(200);
  return readPlaylist(answer.body);
};
/** All of it as a viewer gets it, and how long ffprobe finds it to be. ffmpeg's HLS tells no CA to its segments' connections. */
const secondsOf = async (replay: ReplayDetail): Promise<number> => {
  const script = `NODE_EXTRA_CA_CERTS=/secrets/studio/current/ca.crt node -e "$1" "$2" "$3"
ffprobe -v error -show_entries format=duration -of csv=p=0 "$3/index.m3u8"`;
  const address = `https://live-edge-1:8443${pathOf(replay.play.url)}`;
  const { stdout, stderr } = await bench.studio.exec(
    ...["sh", "-c", script, "seconds", download, address, `/tmp/${replay.broadcast}`],
  );
  if (!/^\d/.test(stdout)) throw new Error(stderr);
  return Number(stdout);
};
const download = `const [address, folder] = process.argv.slice(1);
const { mkdirSync, writeFileSync } = require("node:fs");
const get = async (url) => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(url + ": " + answer.status);
  return Buffer.from(await answer.arrayBuffer());
};
(async () => {
  mkdirSync(folder, { recursive: true });
  const lines = String(await get(address)).split("\\n");
  for (const [i, line] of lines.entries()) {
    if (line === "" || line.startsWith("#")) continue;
    writeFileSync(folder + "/" + i + ".ts", await get(new URL(line, address)));
    lines[i] = i + ".ts";
  }
  writeFileSync(folder + "/index.m3u8", lines.join("\\n"));
})();`;
const sequencesOf = (objects: readonly string[]) =>
  objects
    .flatMap((name) => /^source-(\d+)-/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

test("a broadcast that has ended can be watched within a minute, whole, by the live stream's signature", async () => {
  const query = await bench.room("tea");
  const publishing = bench.publish("tea", query, 20);
  await sleep(10_000);
  const body = { product: "p-17", title: "龙井" };
  expect((await bench.operator("POST", "/v1/rooms/tea/pins", { body })).status).toBe(201);
  expect((await publishing).exitCode).toBe(0);
  const ended = Date.now();
  tea = await replayOf("tea", 60_000);
  console.log(`replay ${Math.round((Date.now() - ended) / 100) / 10} s after the end, ${tea.seconds} s long`);
  expect(tea).toMatchObject({ room: "tea", title: "茶 tea", dropped: 0, moments: [{ title: "龙井" }] });
  expect(Math.abs(tea.seconds - 20)).toBeLessThan(3);

  const playlist = await playlistOf(tea);
  expect(faultsOf(playlist)).toEqual([]);
  expect(playlist).toMatchObject({ ended: true, mediaSequence: 0 });
  expect(playlist.segments.filter(({ discontinuity }) => discontinuity)).toEqual([]);
  // Every second of it, and each segment comes: from the bucket, then from the edge's cache.
  for (const { uri } of playlist.segments) {
    const path = new URL(uri, tea.play.url).pathname;
    expect(await bench.viewer.get(path)).toMatchObject({ status: 200, headers: { "x-cache": "MISS" } });
    const again = await bench.viewer.get(path, { headers: { range: "bytes=0-187" } });
    expect(again).toMatchObject({ status: 206, headers: { "x-cache": "HIT" } });
    expect(again.headers["cache-control"]).toContain("immutable");
  }
  expect(Math.abs((await secondsOf(tea)) - 20)).toBeLessThan(3);
  const poster = await bench.viewer.get(pathOf(tea.poster ?? ""));
  expect(poster).toMatchObject({ status: 200, headers: { "content-type": "image/jpeg" } });
  const event = await bench.live.sql(bench.mysql, "SELECT data FROM live.outbox WHERE type = 'replay.ready'");
  expect(JSON.parse(event)).toEqual({ broadcast: tea.broadcast, seconds: tea.seconds });
}, 120_000);

test("nobody gets it without a signature of its own room, and no service but an edge fetches its objects", async () => {
  const path = replayPath("tea", tea.broadcast);
  const segment = (await playlistOf(tea)).segments[0]?.uri.split("?")[0];
  for (const each of [path, `/live/tea/replay/${segment}`])
    expect(await bench.viewer.get(each)).toMatchObject({ status: 403, body: "missing\n" });
  await bench.room("rival");
  const signatureOf = (url: string) => signatureIn(new URL(url).pathname) ?? "";
  const other = signatureOf((await bench.anyone("POST", "/v1/rooms/rival/play")).json.url);
  expect(await bench.viewer.get(byPath(path, other))).toMatchObject({ status: 403, body: "altered\n" });
  const own = signatureOf(tea.play.url);
  expect((await bench.viewer.get(byPath("/live/tea/replay/b0000000000.m3u8", own))).status).toBe(404);
  for (const ask of [bench.anyone, bench.operator])
    expect((await ask("GET", `/internal${path}`)).json).toMatchObject({ code: "FORBIDDEN" });
  expect((await bench.viewer.get(`/internal${path}`)).status).toBe(404);
});

test("in Chromium, in both languages and on a phone: found in the list, played, and sought in", async () => {
  const browser = await startChromium();
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const video = <T>(expression: string) =>
      page.evaluate<T>(`(() => { const v = document.querySelector("video"); return ${expression}; })()`);
    await page.goto(`https://${bench.viewer.host}:8443/replays?lang=zh`);
    const card = page.locator(`[data-replay="${tea.broadcast}"]`);
    await card.waitFor();
    expect(await page.locator("h1").textContent()).toBe("回放");
    await eventually("the poster is shown", () =>
      page.evaluate<boolean>(`document.querySelector(".card img")?.naturalWidth > 0`),
    );
    await page.setViewportSize({ width: 390, height: 800 });
    await card.locator("a").click();
    await page.locator('[data-phase="playing"]').waitFor();
    await eventually("the picture moves", () =>
      video<boolean>("v.currentTime > 1 && v.getVideoPlaybackQuality().totalVideoFrames > 5"),
    );
    expect(Math.abs((await video<number>("v.duration")) - tea.seconds)).toBeLessThan(1);
    const moment = Date.parse(tea.moments[0]?.at ?? "");
    const first = (await playlistOf(tea)).segments[0]?.programDateTime ?? 0;
    await page.locator(".moments button").click();
    await eventually("it goes to the product's moment", async () => {
      const at = await video<number>("v.currentTime");
      return Math.abs(at - (moment - first) / 1_000) < 3;
    });
    await video("(v.currentTime = v.duration - 5)");
    await eventually("it goes on from there", () =>
      video<boolean>("!v.seeking && v.currentTime > v.duration - 4.5 && v.readyState >= 3"),
    );
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    await page.locator("button.language").click();
    expect(await page.locator(".meta .badge").first().textContent()).toBe("Replay");
    // Below a room's player, and nothing where there is none.
    await page.goto(`https://${bench.viewer.host}:8443/watch/tea?lang=en`);
    await page.locator(".replays [data-replay]").waitFor();
    await page.goto(`https://${bench.viewer.host}:8443/watch/tea/replay/b0000000000?lang=en`);
    await page.locator('[data-phase="missing"]').waitFor();
  } finally {
    await browser.close();
  }
}, 90_000);

test("MinIO away for twenty seconds in the middle: the broadcast goes on, and nothing of it is lost", async () => {
  const query = await bench.room("steady");
  const publishing = bench.publish("steady", query, 45);
  await eventually("it is live", async () => (await sequence()) > 0);
  await sleep(8_000);
  const { docker } = bench.live.bench.engine;
  await docker(["pause", bench.minio.name]);
  const before = await sequence();
  await sleep(20_000);
  // Viewers do not wait for it.
  expect((await sequence()) - before).toBeGreaterThanOrEqual(4);
  await docker(["unpause", bench.minio.name]);
  expect((await publishing).exitCode).toBe(0);
  const replay = await replayOf("steady", 60_000);
  expect(replay.dropped).toBe(0);
  const numbers = sequencesOf(await bench.objects(`steady/${replay.broadcast}/`));
  expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
  expect(Math.abs(replay.seconds - 45)).toBeLessThan(3);
  const { segments } = await playlistOf(replay);
  expect(segments.filter(({ discontinuity }) => discontinuity)).toEqual([]);
  expect(Math.abs((await secondsOf(replay)) - 45)).toBeLessThan(3);

  async function sequence(): Promise<number> {
    const { json } = await bench.anyone("POST", "/v1/rooms/steady/play");
    const signature = signatureIn(new URL(json.url).pathname) ?? "";
    const { status, body } = await bench.viewer.get(byPath(mediaPath("steady", "source"), signature));
    return status === 200 ? (readPlaylist(body).segments.at(-1)?.sequence ?? 0) : 0;
  }
}, 160_000);

test("an ingest that is killed in the middle: the replay has all that was uploaded", async () => {
  const query = await bench.room("killed");
  const publishing = bench.publish("killed", query, 60);
  const [{ broadcast }] = await eventually("it is live", async () => {
    const { json } = await bench.operator("GET", "/v1/rooms/killed");
    return json.broadcast !== null && ([{ broadcast: json.broadcast.id as string }] as const);
  });
  const folder = `killed/${broadcast}/`;
  await eventually("some of it is there", async () => sequencesOf(await bench.objects(folder)).length >= 4);
  await bench.live.bench.engine.docker(["kill", bench.ingest.name]);
  await publishing;
  const there = sequencesOf(await bench.objects(folder));
  const replay = await replayOf("killed", 120_000);
  expect(replay.segments).toBe(there.length);
  expect(replay.seconds).toBeGreaterThanOrEqual(there.length * 2);
  expect(replay.poster).not.toBeNull();
  expect(Math.abs((await secondsOf(replay)) - replay.seconds)).toBeLessThan(1);
}, 240_000);

test("deleted by its streamers, or when it is too old: it is gone for viewers, and from the bucket", async () => {
  const token = async (merchant: string) =>
    (await bench.operator("POST", "/v1/tokens", { body: { subject: "u", role: "streamer", merchant } })).json
      .token as string;
  const path = `/v1/replays/${tea.broadcast}`;
  expect((await bench.anyone("DELETE", path)).status).toBe(403);
  expect((await bench.anyone("DELETE", path, { token: await token("m2") })).status).toBe(403);
  expect((await bench.anyone("DELETE", path, { token: await token("m1") })).status).toBe(204);
  expect((await bench.anyone("GET", path)).json.code).toBe("NO_SUCH_REPLAY");
  await bench.live.sql(
    bench.mysql,
    "UPDATE live.replays SET started_at = NOW(3) - INTERVAL 91 DAY WHERE room = 'steady'",
  );
  const old = await listed("steady");
  for (const folder of [`tea/${tea.broadcast}/`, `steady/${old?.broadcast}/`])
    await eventually(`${folder} is empty`, async () => (await bench.objects(folder)).length === 0, 80_000);
  expect((await bench.viewer.get(pathOf(tea.play.url))).status).toBe(404);
  expect(await listed("steady")).toBeUndefined();
}, 120_000);
