/** What is signed in its path, at a live edge in front of stand-ins: nginx itself judges it, counts it and forgets it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  byPath,
  md5,
  type PathSignRequest,
  sign,
  signPath,
} from "../../../packages/live/src/signature/index.ts";
import { askedOf, Client, key, ports, startBehind, startEdge } from "../../support/live-edge.ts";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container } from "../../support/standalone.ts";

let bench: Bench;
let edge: Container;
let origin: Container;
let other: Container;
let client: Client;

const now = (): number => Math.floor(Date.now() / 1000);
const viewer = "0123456789abcdef";
const token = (over: Partial<PathSignRequest> = {}): string =>
  signPath({ stream: "room", key, expires: now() + 300, viewer, ...over }, md5);
const master = "/live/room.m3u8";
const media = "/live/room/source.m3u8";
let sequence = 100;
const segment = (): string => `/live/room/source/b12345-${++sequence}.ts`;

beforeAll(async () => {
  bench = await Bench.open();
  const images = await readyImages(bench.engine, ["live-edge", "agent"]);
  const node = images.get("agent")?.tag ?? "";
  [origin, other] = await Promise.all([
    startBehind(bench, node, "origin-1", "room other"),
    startBehind(bench, node, "origin-2", "nothing-of-ours"),
    startBehind(bench, node, "app"),
  ]);
  edge = await startEdge(bench, images.get("live-edge")?.tag ?? "");
  await edge.untilHealthy();
  client = new Client(await edge.address(), bench.authority);
}, 600_000);
afterAll(() => bench.close(), 60_000);

test("finds its origins by name, and serves", async () => {
  const served = async () => (await client.get(byPath(master, token()))).status;
  await expect.poll(served, { timeout: 30_000 }).toBe(200);
});

describe("who is let in", () => {
  test("one signature opens playlists and segments; what a playlist names by a relative address inherits it", async () => {
    const at = byPath(master, token());
    const list = await client.get(at);
    expect(list).toMatchObject({
      status: 200,
      body: "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=600000\nroom/source.m3u8\n",
      headers: { "cache-control": "no-cache", "content-type": "application/vnd.apple.mpegurl" },
    });
    const inherited = new URL("room/source.m3u8", `https://edge${at}`).pathname;
    expect(await client.get(inherited)).toMatchObject({ status: 200 });
    const first = new URL("source/b12345-2.ts", `https://edge${inherited}`).pathname;
    const got = await client.get(first);
    expect(got).toMatchObject({ status: 200, headers: { "content-length": "300000" } });
    expect(got.headers["cache-control"]).toContain("immutable");
    expect(await client.get(first, { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
    const part = await client.get(first, { headers: { range: "bytes=10-19" } });
    expect(part).toMatchObject({ status: 206, headers: { "content-range": "bytes 10-19/300000" } });
  });

  const changed = (part: number, to: (text: string) => string): string =>
    token()
      .split(".")
      .map((each, i) => (i === part ? to(each) : each))
      .join(".");
  const turned = (text: string): string => (text.startsWith("0") ? "1" : "0") + text.slice(1);
  /** Made as ours are, with a key that is none. */
  const forged = (made: string): string => {
    const time = `${now() + 300}`;
    return `~${md5(`play-key ${made}`).slice(0, 8)}.${time}.${viewer}.${md5(`path ${time} ${viewer} room ${made}`, "base64url")}`;
  };
  test.each<readonly [string, string, () => string]>([
    ["expired", "expired", () => token({ expires: now() - 5 })],
    ["of another stream", "altered", () => token({ stream: "other" })],
    ["by another key", "altered", () => token({ key: `${key}x` })],
    ["by no key at all", "altered", () => forged("")],
    ["another key's name", "altered", () => `~${turned(changed(0, (id) => id).slice(1))}`],
    ["a later time", "altered", () => changed(1, (time) => `${Number(time) + 9_000}`)],
    ["another viewer", "altered", () => changed(2, turned)],
    ["an altered digest", "altered", () => changed(3, (digest) => turned(digest))],
    ["a digest too short", "malformed", () => token().slice(0, -1)],
    ["a digest too long", "malformed", () => `${token()}A`],
    ["a time of another form", "malformed", () => changed(1, (time) => `0${time.slice(1)}`)],
    ["a viewer in capitals", "malformed", () => token({ viewer: "abcdefabcdefabcd" }).toUpperCase()],
    ["nothing", "malformed", () => "~"],
    ["two of them", "malformed", () => `${token()}/${token()}`],
  ])("%s: %s, and no ingest is asked", async (_, code, made) => {
    const path = "/live/room/source/b12345-7777.ts";
    for (const each of [master, media, path]) {
      const { status, headers, body } = await client.get(byPath(each, made()));
      expect({ each, status, code: headers["x-refused"], body }).toEqual({
        ...{ each, status: 403, code, body: `${code}\n` },
      });
    }
    expect((await askedOf(origin)).filter(({ url }) => url === path)).toEqual([]);
  });

  test.each(["/live/Room.m3u8", "/live/room/source/b12345-01.ts", "/live/room", "/live/room/../room.m3u8x"])(
    "%s names nothing",
    async (path) => {
      expect(await client.get(byPath(path, token()))).toMatchObject({
        status: 403,
        headers: { "x-refused": "malformed" },
      });
    },
  );

  test("pages of others are refused, named ones, our own and players without a page are not", async () => {
    const from = async (referer: string) => {
      const { status, headers } = await client.get(byPath(media, token()), { headers: { referer } });
      return headers["x-refused"] ?? status;
    };
    for (const foreign of ["https://evil.example/", "https://shop.example.evil.example/", "nonsense"])
      expect([foreign, await from(foreign)]).toEqual([foreign, "referer"]);
    for (const own of [
      "https://shop.example/room?x=1",
      "https://a.partner.example/",
      "https://EDGE:8443/watch",
    ])
      expect([own, await from(own)]).toEqual([own, 200]);
  });

  test("a request to write is 405, and a page may ask from anywhere", async () => {
    expect((await client.get(byPath(media, token()), { method: "POST" })).status).toBe(405);
    const asked = await client.get(byPath(media, token()), { method: "OPTIONS" });
    expect(asked).toMatchObject({ status: 204, headers: { "access-control-allow-origin": "*" } });
  });
});

test("a segment is fetched once, in whichever way its requests are signed, and by its own path", async () => {
  const path = segment();
  const query = sign({ dialect: "nginx", use: "play", stream: "room", key, expires: now() + 300 }, md5);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      client.get(i % 2 === 0 ? byPath(path, token({ expires: now() + 300 + i })) : `${path}?${query}`),
    ),
  );
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.length}`))).toEqual(
    new Set(["200 300000"]),
  );
  const asked = (await askedOf(origin)).filter(({ url }) => url.startsWith(path));
  expect(asked).toMatchObject([{ url: path, by: "edge" }]);
  expect(Object.keys(asked[0]?.headers ?? {})).toEqual(["host"]);
});

test("who asks for media playlists is counted once", async () => {
  const identity = await bench.identity("operator");
  const operator = {
    port: ports.status,
    identity: { cert: identity["tls.crt"] ?? "", key: identity["tls.key"] ?? "" },
  };
  const watching = async () =>
    JSON.parse((await client.get("/v1/viewers?sessions=1", operator)).body).sessions.other;
  const ask = (path: string, of: string) => client.get(byPath(path, token({ stream: "other", viewer: of })));
  const viewers = ["a".repeat(16), "b".repeat(16)];
  await ask("/live/other.m3u8", "c".repeat(16));
  await ask("/live/other/source/b12345-1.ts", "d".repeat(16));
  for (const each of [...viewers, ...viewers]) await ask("/live/other/source.m3u8", each);
  await expect.poll(watching, { timeout: 5_000 }).toEqual(viewers);
});

test("a key is rotated while playlists are asked for: both hold, then the new one, and no request fails", async () => {
  const newer = "the-key-that-comes-next-0123456789";
  const status = async (by: string) => (await client.get(byPath(master, token({ key: by })))).status;
  const stop = new AbortController();
  const statuses = new Set<number>();
  const asking = (async () => {
    while (!stop.signal.aborted) statuses.add((await client.get(byPath(media, token()))).status);
  })();
  expect([await status(key), await status(newer)]).toEqual([200, 403]);
  await edge.putSecret("play.key.previous", key);
  await edge.putSecret("play.key", newer);
  await expect.poll(() => status(newer), { timeout: 30_000 }).toBe(200);
  expect(await status(key)).toBe(200);
  stop.abort();
  await asking;
  expect(statuses).toEqual(new Set([200]));
  // A file that is empty for a moment is no key, and takes none away.
  await edge.putSecret("play.key", "");
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect([await status(newer), await status(key)]).toEqual([200, 200]);
  await edge.putSecret("play.key", newer);
  await edge.putSecret("play.key.previous", undefined);
  await expect.poll(() => status(key), { timeout: 30_000 }).toBe(403);
  expect(await status(newer)).toBe(200);
  await edge.putSecret("play.key", key);
  await expect.poll(() => status(key), { timeout: 30_000 }).toBe(200);
});

test("neither its logs nor its configuration hold a signature or a key, however an address was written", async () => {
  const path = segment();
  const signature = token({ viewer: "f".repeat(16) });
  await client.get(byPath(path, signature));
  await bench.engine.docker(["pause", origin.name, other.name]);
  const hung = segment();
  for (const each of [byPath(hung, signature), byPath(hung, signature.replace("~", "%7e"))])
    expect((await client.get(each)).status).toBeGreaterThanOrEqual(500);
  await bench.engine.docker(["unpause", origin.name, other.name]);
  // What hung leaves its lines, which name the request; they come by another way than what was answered.
  const wanted = [
    `"uri":"${path}"`,
    ...["~", "%7"].map((mark) => `request: "GET /live/${mark}…/room/source/${hung.split("/").at(-1)} HTTP`),
  ];
  let logs = "";
  const missing = async () => {
    logs = await edge.logs();
    return wanted.filter((text) => !logs.includes(text));
  };
  await expect.poll(missing, { timeout: 30_000 }).toEqual([]);
  const line = logs.split("\n").find((one) => one.includes(`"uri":"${path}"`)) ?? "{}";
  expect(JSON.parse(line)).toMatchObject({
    status: 200,
    stream: "room",
    viewer: "f".repeat(16),
    refused: "",
  });
  const [id = "", time = "", , digest = ""] = signature.slice(1).split(".");
  for (const secret of [`${id}.${time}`, digest, key]) expect(logs).not.toContain(secret);
  expect((await edge.exec("cat", "/run/mall/nginx.conf")).stdout).not.toContain(key);
  expect((await edge.exec("stat", "-c", "%a %u", "/run/mall/play-keys.conf")).stdout.trim()).toBe(
    "600 10010",
  );
});
