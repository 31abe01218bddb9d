/** The live application's image with a real MySQL: one authority for who publishes and who plays. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { checkRoomName } from "../../../packages/live/src/check-rooms.ts";
import {
  byPath,
  type Dialect,
  md5,
  sign,
  signatureIn,
  signPath,
  verify,
} from "../../../packages/live/src/signature/index.ts";
import { type Ask, LiveBench, secrets, until } from "../../support/live-app.ts";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container } from "../../support/standalone.ts";

/** Where MySQL comes back, or half a minute has to be over. */
vi.setConfig({ testTimeout: 180_000 });

let live: LiveBench;
let app: Container;
let mysql: Container;
let operator: Ask;
let ingest: Ask;
let second: Ask;
let anyone: Ask;

beforeAll(async () => {
  live = await LiveBench.open((bench) => readyImages(bench.engine, ["mysql", "live-app"]));
  app = await live.app();
  [operator, ingest, second, anyone] = await Promise.all([
    live.client(app, "operator"),
    live.client(app, "live-ingest"),
    live.client(app, "live-ingest-2"),
    live.client(app),
  ]);
}, 600_000);
afterAll(() => live?.bench.close(), 60_000);

const seconds = () => Math.floor(Date.now() / 1_000);
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let clients = 0;

/** Each a connection of its own. */
const publisher = (stream: string, query: string, instance = "live-ingest-1") => {
  clients += 1;
  return { stream, query, instance, address: "192.0.2.7", clientId: String(clients) };
};
const publish = (stream: string, query: string, instance?: string) =>
  (instance === undefined ? ingest : second)("POST", "/internal/publish", {
    body: publisher(stream, query, instance),
  });
const update = async (stream: string, broadcast: string, instance = "live-ingest-1") => {
  const { status, json } = await ingest("POST", "/internal/update", {
    body: { stream, broadcast, instance },
  });
  return status === 200 ? "goes on" : json.code;
};
const done = (stream: string, broadcast: string, instance = "live-ingest-1", reason = "closed") =>
  ingest("POST", "/internal/done", { body: { stream, broadcast, instance, reason } });
const room = async (name: string, more: object = {}) => {
  const body = { name, title: `茶 ${name}`, merchant: "m1", ...more };
  expect((await operator("POST", "/v1/rooms", { body })).status).toBe(201);
};
const newKey = async (
  name: string,
  body: object = {},
): Promise<{ readonly id: string; readonly key: string }> => {
  const { status, json } = await operator("POST", `/v1/rooms/${name}/keys`, { body });
  expect(status).toBe(201);
  return json;
};
/** A room with a key, and a broadcast of it. */
const onAir = async (name: string) => {
  await room(name);
  const key = await newKey(name);
  const { status, json } = await publish(name, `key=${key.key}`);
  expect(status).toBe(200);
  return { key, broadcast: json.broadcast as string };
};
const stateOf = async (name: string) => (await anyone("GET", `/v1/rooms/${name}`)).json.state;

/** What is announced of a room: its number, its type, and what it says of which broadcast. */
const eventsOf = async (name: string): Promise<readonly (readonly string[])[]> => {
  const rows = await live.sql(
    mysql,
    `SELECT CONCAT_WS(' ', sequence, type, data->>'$.broadcast', COALESCE(data->>'$.reason', data->>'$.resumed'))
     FROM live.outbox WHERE room = '${name}' ORDER BY id`,
  );
  return rows.split("\n").map((row) => row.split(" "));
};

describe("a start without MySQL", () => {
  test("it is alive, not ready, and says what is missing in the language that is asked for", async () => {
    await app.untilHealthy();
    expect(await app.exec("healthcheck", "ready")).toMatchObject({ exitCode: 1, stdout: "503" });
    expect(await app.exec("node", "/app/probe.mjs")).toMatchObject({ exitCode: 0, stdout: "200" });
    expect(await app.exec("node", "/app/probe.mjs", "/ready")).toMatchObject({ exitCode: 1, stdout: "503" });
    const refused = await anyone("GET", "/v1/rooms", { headers: { "accept-language": "zh-CN" } });
    expect(refused).toMatchObject({ status: 503, json: { code: "DATABASE_AWAY" } });
    expect(refused.json.reason).toMatch(/数据库/);
    expect(refused.headers["retry-after"]).toBe("2");
    expect((await publish("tea", "key=x")).status).toBe(503);
    expect((await anyone("GET", "/")).status).toBe(200);
  });

  test("once MySQL is there, it makes its schema and is ready by itself", async () => {
    mysql = await live.mysql();
    await until(async () => (await anyone("GET", "/ready")).status === 200);
    expect(await app.exec("healthcheck", "ready")).toMatchObject({ exitCode: 0, stdout: "200" });
    expect((await anyone("GET", "/v1/rooms")).json).toEqual({ rooms: [], next: null });
  });
});

describe("rooms and keys", () => {
  test("a room is made once, shown to all without its operators' part, and deleted", async () => {
    await room("tea");
    expect(
      (await operator("POST", "/v1/rooms", { body: { name: "tea", title: "x", merchant: "m1" } })).json.code,
    ).toBe("ROOM_EXISTS");
    const seen = await anyone("GET", "/v1/rooms/tea");
    expect(seen.json).toEqual({
      name: "tea",
      title: "茶 tea",
      merchant: "m1",
      visibility: "public",
      state: "idle",
      startedAt: null,
      endedAt: null,
      scheduledAt: null,
      ladder: null,
    });
    expect((await operator("GET", "/v1/rooms/tea")).json).toMatchObject({
      bannedUntil: null,
      broadcast: null,
    });
    expect((await operator("DELETE", "/v1/rooms/tea")).status).toBe(204);
    expect((await anyone("GET", "/v1/rooms/tea")).json.code).toBe("NO_SUCH_ROOM");
  });

  test.each([
    { name: "Tea" },
    { name: "../tea" },
    { name: "茶" },
    { name: "t".repeat(65) },
    { name: "tea", title: "" },
    { name: "tea", title: "a\u0000b" },
    { name: "tea", merchant: "a b" },
    { name: "tea", further: 1 },
  ])("what is wrong with a room is named: %j", async (wrong) => {
    const { status, json } = await operator("POST", "/v1/rooms", {
      body: { title: "x", merchant: "m1", ...wrong },
    });
    expect(status).toBe(400);
    expect(json.code).toBe("INPUT_WRONG");
  });

  test("names that no room can have are unknown, however long or written", async () => {
    for (const name of ["x".repeat(1_000), "%2e%2e%2fetc", "%E8%8C%B6", "a%00b"])
      expect((await anyone("GET", `/v1/rooms/${name}`)).status, name).toBe(404);
    expect((await anyone("GET", `/v1/rooms/${"x".repeat(10_000)}`)).status).toBe(404);
    expect((await publish("x".repeat(1_000), "key=a")).json.code).toBe("UNKNOWN_STREAM");
    expect((await publish("茶/../..", "key=a")).json.code).toBe("UNKNOWN_STREAM");
    for (const id of ["k0", "%E8%8C%B6", "k'%20OR%201=1"])
      expect((await operator("DELETE", `/v1/rooms/none/keys/${id}`)).json.code, id).toBe("NO_SUCH_ROOM");
    expect((await anyone("GET", "/v1/rooms?after=%E8%8C%B6")).json.code).toBe("INPUT_WRONG");
    const large = await operator("POST", "/v1/rooms", { body: { name: "x".repeat(20_000) } });
    expect(large.json.code).toBe("TOO_LARGE");
  });

  test("a key is shown once, and stored neither in plain nor in the log", async () => {
    await room("keys");
    const first = await newKey("keys", { expiresAt: inMs(3_600_000) });
    const other = await newKey("keys");
    expect(first.key).toMatch(/^[A-Za-z0-9]{32}$/);
    expect((await operator("DELETE", `/v1/rooms/keys/keys/${other.id}`)).status).toBe(204);
    expect((await operator("DELETE", `/v1/rooms/keys/keys/${other.id}`)).status).toBe(204);
    for (const id of ["k0", "k000000000000", "%E8%8C%B6"])
      expect((await operator("DELETE", `/v1/rooms/keys/keys/${id}`)).json.code, id).toBe("NO_SUCH_KEY");
    const listed = await operator("GET", "/v1/rooms/keys/keys");
    expect(listed.json.keys.map((key: { id: string; state: string }) => [key.id, key.state])).toEqual(
      expect.arrayContaining([
        [first.id, "valid"],
        [other.id, "revoked"],
      ]),
    );
    expect(listed.text).not.toContain(first.key);
    await publish("keys", `key=${first.key}`);
    const rows = await live.sql(mysql, "SELECT HEX(sealed), HEX(hash) FROM live.stream_keys");
    expect(rows.length).toBeGreaterThan(100);
    expect(Buffer.from(rows.replaceAll(/\s/g, ""), "hex").includes(first.key)).toBe(false);
    expect(await app.logs()).not.toContain(first.key);
    expect(
      (await operator("POST", "/v1/rooms/keys/keys", { body: { expiresAt: inMs(-1_000) } })).status,
    ).toBe(400);
  });
});

describe("publish", () => {
  const name = "shop";
  let key: { readonly id: string; readonly key: string };
  const signed = (dialect: Dialect, expires: number, of = key.key, stream = name) =>
    sign({ use: "push", dialect, stream, expires, key: of }, md5);
  const code = async (query: string, stream = name) => (await publish(stream, query)).json.code;

  beforeAll(async () => {
    await room(name);
    await room("other");
    key = await newKey(name);
  });

  test("each refusal has its code", async () => {
    const shortly = inMs(4_000);
    const [revoked, shortLived, foreign] = [
      await newKey(name),
      await newKey(name, { expiresAt: shortly }),
      await newKey("other"),
    ];
    await operator("DELETE", `/v1/rooms/${name}/keys/${revoked.id}`);
    expect(await code("key=x", "nowhere")).toBe("UNKNOWN_STREAM");
    expect(await code("")).toBe("KEY_MISSING");
    expect(await code(`key=${"x".repeat(32)}`)).toBe("KEY_WRONG");
    expect(await code(`key=${foreign.key}`)).toBe("KEY_WRONG");
    expect(await code(`key=${revoked.key}`)).toBe("KEY_REVOKED");
    expect(await code(`key=${key.key}&key=${key.key}`)).toBe("SIGNATURE_WRONG");
    for (const dialect of ["tencent", "aliyun"] as const) {
      expect(await code(signed(dialect, seconds() - 5))).toBe("SIGNATURE_EXPIRED");
      expect(await code(signed(dialect, seconds() + 60, "x".repeat(32)))).toBe("SIGNATURE_WRONG");
      expect(await code(signed(dialect, seconds() + 60, key.key, "other"))).toBe("SIGNATURE_WRONG");
      expect(await code(signed(dialect, seconds() + 60, revoked.key))).toBe("KEY_REVOKED");
    }
    expect(await code(signed("nginx", seconds() + 60))).toBe("SIGNATURE_WRONG");
    await sleep(Date.parse(shortly) + 100 - Date.now());
    expect(await code(`key=${shortLived.key}`)).toBe("KEY_EXPIRED");
    expect(await code(signed("tencent", seconds() + 60, shortLived.key))).toBe("KEY_EXPIRED");
    // What is missing reaches the publisher in words of both languages.
    const { json } = await publish(name, "");
    expect(json.reason).toMatch(/stream key/);
    expect(json.text.zh).toMatch(/密钥/);
  });

  test.each(["tencent", "aliyun"] as const)(
    "%s: a signed push address of the application is let in",
    async (dialect) => {
      const urls = await operator("GET", `/v1/rooms/${name}/urls?ttl=60&dialect=${dialect}`);
      const { push } = urls.json;
      expect(push.url).toMatch(/^rtmp:\/\/live\.test:1935\/live\/shop\?/);
      expect(push.urlTls).toMatch(/^rtmps:\/\/live\.test:1936\/live\/shop\?/);
      expect(`${push.obs.server}/${push.obs.streamKey}`).toBe(push.urlTls);
      const { json, status } = await publish(name, push.url.split("?")[1]);
      expect(status).toBe(200);
      expect(json.broadcast).toMatch(/^b[0-9a-z]{9,}$/);
      expect(await update(name, json.broadcast)).toBe("goes on");
      expect(await stateOf(name)).toBe("live");
      expect((await done(name, json.broadcast)).status).toBe(204);
      expect((await done(name, json.broadcast)).status).toBe(204);
      expect(await update(name, json.broadcast)).toBe("BROADCAST_ENDED");
      expect(await stateOf(name)).toBe("ended");
    },
  );

  test("of many at once, on both instances, one is live; its question repeated has the same answer", async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        publish(name, `key=${key.key}`, i % 2 === 0 ? undefined : "live-ingest-2"),
      ),
    );
    const said = all.map(({ status, json }) => (status === 200 ? "let in" : json.code));
    expect(new Set(said)).toEqual(new Set(["let in", "ALREADY_LIVE"]));
    const rows = await live.sql(mysql, `SELECT COUNT(*) FROM live.broadcasts WHERE live_room = '${name}'`);
    expect(rows).toBe("1");
    const again = publisher("other", `key=${(await newKey("other")).key}`);
    const first = await ingest("POST", "/internal/publish", { body: again });
    const repeated = await ingest("POST", "/internal/publish", { body: again });
    expect(first.status).toBe(200);
    expect(repeated.json.broadcast).toBe(first.json.broadcast);
  });

  test("an ingest instance that is gone keeps nobody away for longer than some seconds", async () => {
    const { key: of, broadcast } = await onAir("lost");
    expect((await publish("lost", `key=${of.key}`, "live-ingest-2")).json.code).toBe("ALREADY_LIVE");
    await sleep(4_000);
    expect(await update("lost", broadcast)).toBe("goes on");
    await sleep(1_500);
    // Silent for a second and a half: its last report counts, not its age, which is above the five that are allowed.
    expect((await publish("lost", `key=${of.key}`, "live-ingest-2")).json.code).toBe("ALREADY_LIVE");
    await sleep(4_000);
    const taken = await publish("lost", `key=${of.key}`, "live-ingest-2");
    expect(taken.status).toBe(200);
    expect(await update("lost", broadcast)).toBe("BROADCAST_ENDED");
    expect(await update("lost", taken.json.broadcast, "live-ingest-2")).toBe("goes on");
    // The end of the former is not the end of the present one.
    await done("lost", broadcast);
    expect(await stateOf("lost")).toBe("live");
    expect(await eventsOf("lost")).toEqual([
      ["1", "room.created"],
      ["2", "live.started", broadcast, "false"],
      ["3", "live.stopped", broadcast, "lost"],
      ["4", "live.started", taken.json.broadcast, "false"],
    ]);
  });
});

describe("ending a broadcast", () => {
  test("by revoking its key, at the next report", async () => {
    const { key, broadcast } = await onAir("revoked");
    expect(await update("revoked", broadcast)).toBe("goes on");
    await operator("DELETE", `/v1/rooms/revoked/keys/${key.id}`);
    expect(await update("revoked", broadcast)).toBe("KEY_REVOKED");
  });

  test("by a kick; its publisher may come back", async () => {
    const { key, broadcast } = await onAir("kicked");
    expect((await operator("POST", "/v1/rooms/kicked/kick")).json).toEqual({ broadcast });
    expect(await update("kicked", broadcast)).toBe("KICKED");
    expect(await stateOf("kicked")).toBe("ended");
    // An ingest gives its reason in its own words.
    const why = `unsupported: hevc (茶) ${"x".repeat(300)}`;
    expect((await done("kicked", broadcast, "live-ingest-1", why)).status).toBe(204);
    expect(await live.sql(mysql, `SELECT end_reason FROM live.broadcasts WHERE id = '${broadcast}'`)).toBe(
      "kicked",
    );
    expect((await operator("POST", "/v1/rooms/kicked/kick")).json.code).toBe("NOT_LIVE");
    expect((await publish("kicked", `key=${key.key}`)).status).toBe(200);
  });

  test("by a ban, which keeps its publisher away until it is over or lifted", async () => {
    const { key, broadcast } = await onAir("banned");
    const until = inMs(3_600_000);
    expect((await operator("POST", "/v1/rooms/banned/ban", { body: { until } })).json.bannedUntil).toBe(
      until,
    );
    expect(await update("banned", broadcast)).toBe("BANNED");
    await done("banned", broadcast);
    expect((await publish("banned", `key=${key.key}`)).json.code).toBe("BANNED");
    // Who holds no key is not told.
    expect((await publish("banned", "key=x")).json.code).toBe("KEY_WRONG");
    expect((await operator("GET", "/v1/rooms/banned")).json.bannedUntil).toBe(until);
    expect((await operator("DELETE", "/v1/rooms/banned/ban")).status).toBe(204);
    expect((await publish("banned", `key=${key.key}`)).status).toBe(200);
    await operator("POST", "/v1/rooms/banned/ban", { body: { until: inMs(1_000) } });
    await sleep(1_200);
    expect((await publish("banned", `key=${key.key}`)).status).toBe(200);
  });

  test("a room that is live is not deleted", async () => {
    const { broadcast } = await onAir("kept");
    expect((await operator("DELETE", "/v1/rooms/kept")).json.code).toBe("ROOM_LIVE");
    await done("kept", broadcast);
    // Told twice that it is over, which is announced once.
    await done("kept", broadcast);
    expect((await operator("DELETE", "/v1/rooms/kept")).status).toBe(204);
    expect((await publish("kept", "key=x")).json.code).toBe("UNKNOWN_STREAM");
    expect(await eventsOf("kept")).toEqual([
      ["1", "room.created"],
      ["2", "live.started", broadcast, "false"],
      ["3", "live.stopped", broadcast, "closed"],
      ["4", "room.deleted"],
    ]);
  });
});

describe("pins and planned starts", () => {
  const pins = (name: string) => `/v1/rooms/${name}/pins`;
  const pin = (name: string, product: string) =>
    operator("POST", pins(name), { body: { product, title: `茶 ${product}` } });

  test("one product at a time is shown, from its moment on, while the room is live", async () => {
    await room("pinned");
    expect((await pin("pinned", "p1")).json.code).toBe("NOT_LIVE");
    expect((await anyone("GET", pins("pinned"))).json).toEqual({ pins: [] });
    const key = await newKey("pinned");
    const { broadcast } = (await publish("pinned", `key=${key.key}`)).json;
    const first = await pin("pinned", "p1");
    expect(first.status).toBe(201);
    expect(first.json).toMatchObject({ broadcast, product: "p1", title: "茶 p1", until: null });
    expect(first.json.offsetMs).toBeGreaterThan(0);
    expect(await pin("pinned", "p1")).toMatchObject({ status: 200, json: { id: first.json.id } });
    const second = await pin("pinned", "p2");
    const listed = (await anyone("GET", pins("pinned"))).json.pins;
    expect(listed).toEqual([{ ...first.json, until: second.json.at }, second.json]);
    for (let i = 0; i < 2; i++)
      expect((await operator("DELETE", `${pins("pinned")}/${second.json.id}`)).status).toBe(204);
    for (const id of ["p0000", "x", "%E8%8C%B6"])
      expect((await operator("DELETE", `${pins("pinned")}/${id}`)).json.code).toBe("NO_SUCH_PIN");
    for (const wrong of [{ product: "a b" }, { product: "x".repeat(65) }, { title: "" }, { further: 1 }])
      expect(
        (await operator("POST", pins("pinned"), { body: { product: "p3", title: "x", ...wrong } })).json.code,
      ).toBe("INPUT_WRONG");
    await done("pinned", broadcast);
    expect((await pin("pinned", "p3")).json.code).toBe("NOT_LIVE");
    expect((await anyone("GET", `${pins("pinned")}?broadcast=${broadcast}`)).json.pins).toHaveLength(2);
    expect((await eventsOf("pinned")).map(([number, type]) => `${number} ${type}`)).toEqual([
      "1 room.created",
      "2 live.started",
      "3 product.pinned",
      "4 product.pinned",
      "5 product.unpinned",
      "6 live.stopped",
    ]);
  });

  test("a planned start is told until it is taken back, and listed", async () => {
    await room("planned");
    const startsAt = inMs(3_600_000);
    const put = () => operator("PUT", "/v1/rooms/planned/schedule", { body: { startsAt } });
    for (let i = 0; i < 2; i++) expect((await put()).json).toEqual({ startsAt });
    expect((await anyone("GET", "/v1/rooms/planned")).json.scheduledAt).toBe(startsAt);
    const listed = (await anyone("GET", "/v1/rooms?planned=1")).json.rooms;
    expect(listed.map(({ name }: { name: string }) => name)).toEqual(["planned"]);
    await live.sql(mysql, "UPDATE live.planned_starts SET starts_at = NOW(3) - INTERVAL 59 MINUTE");
    expect((await anyone("GET", "/v1/rooms/planned")).json.scheduledAt).not.toBeNull();
    await live.sql(mysql, "UPDATE live.planned_starts SET starts_at = NOW(3) - INTERVAL 61 MINUTE");
    expect((await anyone("GET", "/v1/rooms/planned")).json.scheduledAt).toBeNull();
    expect((await anyone("GET", "/v1/rooms?planned=1")).json.rooms).toEqual([]);
    for (let i = 0; i < 2; i++)
      expect((await operator("DELETE", "/v1/rooms/planned/schedule")).status).toBe(204);
    expect((await eventsOf("planned")).map(([, type]) => type)).toEqual([
      "room.created",
      "room.scheduled",
      "room.scheduled",
    ]);
    const past = await operator("PUT", "/v1/rooms/planned/schedule", { body: { startsAt: inMs(-1_000) } });
    expect(past.json.code).toBe("INPUT_WRONG");
  });
});

describe("play", () => {
  test("anyone gets a signed address of a public room, which is valid for that stream alone", async () => {
    await room("watch");
    const { json, status } = await anyone("POST", "/v1/rooms/watch/play");
    expect(status).toBe(200);
    const url = new URL(json.url);
    expect([url.origin, url.search]).toEqual(["https://live.test:8443", ""]);
    const left = Date.parse(json.expiresAt) / 1_000 - seconds();
    expect(left).toBeGreaterThan(590);
    expect(left).toBeLessThan(605);
    const [, , viewer = ""] = (signatureIn(url.pathname) ?? "").split(".");
    const request = { stream: "watch", key: secrets["play.key"], viewer };
    const expires = Date.parse(json.expiresAt) / 1_000;
    expect(url.pathname).toBe(byPath("/live/watch.m3u8", signPath({ ...request, expires }, md5)));
    // Each viewer is another one.
    expect((await anyone("POST", "/v1/rooms/watch/play")).json.url).not.toContain(viewer);
  });

  test.each(["nginx", "tencent", "aliyun"] as const)(
    "%s: an operator's play address verifies",
    async (dialect) => {
      const { json } = await operator("GET", `/v1/rooms/watch/urls?ttl=60&dialect=${dialect}`);
      const query = json.play.url.split("?")[1];
      const keys = { primary: secrets["play.key"] };
      expect(verify({ use: "play", stream: "watch", query, keys, now: seconds() }, md5)).toMatchObject({
        ok: true,
        dialect,
      });
      // It has no key yet to sign a push address with.
      expect(json.push).toBeNull();
    },
  );

  test("a members' room asks for a token; a streamer's token manages the merchant's own rooms only", async () => {
    await room("members", { visibility: "members" });
    await room("foreign", { merchant: "m2" });
    const token = async (body: object): Promise<string> =>
      (await operator("POST", "/v1/tokens", { body })).json.token;
    const viewer = await token({ subject: "u1", role: "viewer" });
    const streamer = await token({ subject: "u2", role: "streamer", merchant: "m1" });
    const play = (of?: string) =>
      anyone("POST", "/v1/rooms/members/play", of === undefined ? {} : { token: of });
    expect(await play()).toMatchObject({ status: 401, json: { code: "LOGIN_REQUIRED" } });
    expect(await play(`${viewer.slice(0, -2)}AA`)).toMatchObject({
      status: 401,
      json: { code: "TOKEN_WRONG" },
    });
    expect((await play(viewer)).status).toBe(200);
    const make = async (of: string, name: string) =>
      (await anyone("POST", `/v1/rooms/${name}/keys`, { token: of, body: {} })).status;
    expect(await make(streamer, "members")).toBe(201);
    expect(await make(streamer, "foreign")).toBe(403);
    expect(await make(viewer, "members")).toBe(403);
    expect((await anyone("POST", "/v1/rooms/members/kick", { token: streamer })).json.code).toBe("NOT_LIVE");
    expect((await anyone("POST", "/v1/rooms/foreign/kick", { token: streamer })).status).toBe(403);
    expect((await anyone("POST", "/v1/rooms", { token: streamer, body: {} })).status).toBe(403);
  });
});

describe("strangers", () => {
  const routes = [
    ["POST", "/internal/publish"],
    ["POST", "/internal/update"],
    ["POST", "/internal/done"],
    ["POST", "/v1/rooms"],
    ["DELETE", "/v1/rooms/watch"],
    ["POST", "/v1/rooms/watch/keys"],
    ["GET", "/v1/rooms/watch/keys"],
    ["DELETE", "/v1/rooms/watch/keys/k1"],
    ["POST", "/v1/rooms/watch/kick"],
    ["POST", "/v1/rooms/watch/ban"],
    ["DELETE", "/v1/rooms/watch/ban"],
    ["GET", "/v1/rooms/watch/urls"],
    ["POST", "/v1/rooms/watch/pins"],
    ["DELETE", "/v1/rooms/watch/pins/p1"],
    ["PUT", "/v1/rooms/watch/schedule"],
    ["DELETE", "/v1/rooms/watch/schedule"],
    ["POST", "/v1/tokens"],
    ["GET", "/metrics"],
  ] as const;

  test("without the right certificate no such route answers: none, an edge's, another server's, another CA's", async () => {
    const elsewhere = await Bench.open();
    try {
      const all = {
        anyone,
        edge: await live.client(app, "live-edge"),
        server: await live.client(app, "mysql-1"),
        stranger: await live.client(app, "operator", elsewhere),
        "stranger's ingest": await live.client(app, "live-ingest", elsewhere),
      };
      for (const [who, ask] of Object.entries(all))
        for (const [method, path] of routes) {
          const { status, json } = await ask(method, path, { headers: { "x-real-ip": "127.0.0.1" } });
          expect([status, json.code], `${who} ${method} ${path}`).toEqual([403, "FORBIDDEN"]);
        }
    } finally {
      await elsewhere.close();
    }
  });

  test("an ingest is no operator, and an operator no ingest", async () => {
    expect((await ingest("POST", "/v1/rooms", { body: {} })).status).toBe(403);
    expect((await operator("POST", "/internal/publish", { body: {} })).status).toBe(403);
    expect((await operator("GET", "/metrics")).text).toMatch(
      /live_publish_seconds_count\{outcome="accepted"\} \d+/,
    );
    expect((await ingest("GET", "/metrics")).status).toBe(403);
  });
});

describe("the page", () => {
  test("is served in the visitor's language, runs only its own files, and keeps them for good", async () => {
    const page = await anyone("GET", "/watch/watch", { headers: { "accept-language": "zh-CN,en;q=0.5" } });
    expect(page.status).toBe(200);
    expect(page.text).toContain('<html lang="zh">');
    expect(page.headers.vary).toBe("accept-language");
    expect((await anyone("GET", "/?lang=en", { headers: { "accept-language": "zh" } })).text).toContain(
      'lang="en"',
    );
    const policy = String(page.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(page.text).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=/);
    const files = [...page.text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const path of files) {
      const file = await anyone("GET", path);
      expect(file.status, path).toBe(200);
      expect(file.headers["cache-control"], path).toContain("immutable");
      expect(file.headers["x-content-type-options"]).toBe("nosniff");
    }
    expect((await anyone("GET", "/assets/app.js?v=other")).headers["cache-control"]).toBe("no-cache");
    for (const path of [
      "/assets/..%2fapp.mjs",
      "/assets/index.html",
      "/app.mjs",
      "/watch/..%2f..",
      "/nowhere",
    ])
      expect((await anyone("GET", path)).status, path).toBe(404);
  });
});

describe("what is kept, and what comes and goes", () => {
  test("a broadcast that nobody reports ends by itself, and lives again when it is heard of", async () => {
    const { broadcast } = await onAir("silent");
    const aged = `UPDATE live.broadcasts SET seen_at = NOW(3) - INTERVAL 2 MINUTE WHERE id = '${broadcast}'`;
    await live.sql(mysql, aged);
    // Not before the application has been whole for half a minute: the silence could be its own.
    await until(async () => (await stateOf("silent")) === "ended", 100_000);
    const why = `SELECT end_reason FROM live.broadcasts WHERE id = '${broadcast}'`;
    expect(await live.sql(mysql, why)).toBe("lost");
    // Of two reports at once one brings it back.
    expect(await Promise.all([update("silent", broadcast), update("silent", broadcast)])).toEqual([
      "goes on",
      "goes on",
    ]);
    expect(await stateOf("silent")).toBe("live");
    expect(await eventsOf("silent")).toEqual([
      ["1", "room.created"],
      ["2", "live.started", broadcast, "false"],
      ["3", "live.stopped", broadcast, "lost"],
      ["4", "live.started", broadcast, "true"],
    ]);
  });

  test("what rooms of checks leave is deleted after a day, and of no other room", async () => {
    const madeAt = (hours: number) => checkRoomName(Date.now() - hours * 3_600_000, "0123abcd");
    const [old, fresh] = [madeAt(25), madeAt(23)];
    for (const name of [old, fresh, "mall-checked"]) {
      const { broadcast } = await onAir(name);
      await operator("POST", `/v1/rooms/${name}/pins`, { body: { product: "p1", title: "tea" } });
      await done(name, broadcast);
      expect((await operator("DELETE", `/v1/rooms/${name}`)).status).toBe(204);
    }
    const left = (table: string) =>
      live.sql(mysql, `SELECT DISTINCT room FROM live.${table} WHERE room LIKE 'mall-check%' ORDER BY room`);
    await until(async () => !(await left("room_sequences")).includes(old), 90_000);
    for (const table of ["room_sequences", "broadcasts", "pins"])
      expect((await left(table)).split("\n"), table).toEqual([fresh, "mall-checked"]);
  }, 120_000);

  test("a restart keeps everything; told to stop, it answers what is under way and ends in order", async () => {
    const { key, broadcast } = await onAir("kept-over");
    const under = Array.from({ length: 20 }, () => anyone("GET", "/v1/rooms"));
    await Promise.all(under.slice(0, 10));
    const stopped = live.bench.engine.docker(["stop", "--time", "20", app.name]);
    const late = await Promise.allSettled(under.slice(10));
    await stopped;
    const answered = late.flatMap((one) => (one.status === "rejected" ? [] : [one.value.status]));
    expect(answered.filter((status) => ![200, 503].includes(status))).toEqual([]);
    expect((await app.state()).exitCode).toBe(0);
    expect(await app.logs()).toContain('"event":"stopped"');
    await live.bench.engine.docker(["start", app.name]);
    await until(() => app.healthy("ready"));
    expect(await update("kept-over", broadcast)).toBe("goes on");
    await done("kept-over", broadcast);
    expect((await publish("kept-over", `key=${key.key}`)).status).toBe(200);
    const { json } = await operator("GET", "/v1/rooms/kept-over/urls?dialect=aliyun");
    expect((await publish("kept-over", json.push.url.split("?")[1])).status).toBe(200);
  });

  test("seal.key replaced: keys are sealed anew, and the old one is needed no more", async () => {
    await app.putSecret("seal.key.previous", secrets["seal.key"]);
    await app.putSecret("seal.key", "n".repeat(48));
    const pushes = async () => {
      await live.bench.engine.docker(["restart", app.name]);
      await until(() => app.healthy("ready"));
      const { json } = await operator("GET", "/v1/rooms/kept-over/urls?dialect=tencent");
      return (await publish("kept-over", json.push.url.split("?")[1])).status;
    };
    expect(await pushes()).toBe(200);
    await app.putSecret("seal.key.previous", undefined);
    expect(await pushes()).toBe(200);
  });

  test("a renewed certificate is served without a restart", async () => {
    const before = (await anyone("GET", "/healthz")).certificate;
    const files = await live.bench.identity("live-app-1");
    await app.putSecret("tls.key", files["tls.key"] ?? "");
    await app.putSecret("tls.crt", files["tls.crt"] ?? "");
    await until(async () => (await anyone("GET", "/healthz")).certificate !== before, 30_000);
    expect((await app.state()).restarts).toBe(0);
  });

  test("MySQL frozen: not ready, a clear 503 within the time that an ingest waits; then everything goes on", async () => {
    const { broadcast } = await onAir("frozen");
    await live.bench.engine.docker(["pause", mysql.name]);
    try {
      await until(async () => (await anyone("GET", "/ready")).status === 503);
      const took: number[] = [];
      for (let i = 0; i < 3; i++) {
        const started = Date.now();
        const { status, json } = await publish("frozen", "key=x");
        expect([status, json.code]).toEqual([503, "DATABASE_AWAY"]);
        took.push(Date.now() - started);
      }
      // The quickest: what else this machine does is no part of it.
      expect(Math.min(...took)).toBeLessThan(2_000);
      expect((await anyone("GET", "/watch/frozen")).status).toBe(200);
      expect((await anyone("GET", "/ready")).json).toMatchObject({ ready: false, mysql: "away" });
      expect(await app.healthy()).toBe(true);
    } finally {
      await live.bench.engine.docker(["unpause", mysql.name]);
    }
    await until(async () => (await anyone("GET", "/ready")).status === 200);
    expect(await update("frozen", broadcast)).toBe("goes on");
  });

  test("MySQL stopped and started: the same", async () => {
    const { key, broadcast } = await onAir("stopped");
    await live.bench.engine.docker(["stop", mysql.name]);
    const { status, json } = await ingest("POST", "/internal/update", {
      body: { stream: "stopped", broadcast, instance: "live-ingest-1" },
    });
    expect([status, json.code]).toEqual([503, "DATABASE_AWAY"]);
    expect((await anyone("GET", "/ready")).status).toBe(503);
    await live.bench.engine.docker(["start", mysql.name]);
    await until(async () => (await anyone("GET", "/ready")).status === 200, 90_000);
    expect(await update("stopped", broadcast)).toBe("goes on");
    await done("stopped", broadcast);
    expect((await publish("stopped", `key=${key.key}`)).status).toBe(200);
    expect(await app.logs()).not.toMatch(/unhandled|INTERNAL/);
  });
});
