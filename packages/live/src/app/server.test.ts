/** The server without TLS and MySQL: what strangers are answered, and how pages are served. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { takeBids } from "../auction/rules.ts";
import { addressesOf } from "./addresses.ts";
import type { ReplayInfo, RoomDetail } from "./api.ts";
import type { StoredAuction } from "./auctions/rows.ts";
import { parseConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { SearchAway } from "./elastic.ts";
import { LiveError } from "./errors.ts";
import { createMetrics } from "./metrics.ts";
import type { ReplayRow } from "./replays/store.ts";
import { publicFace } from "./rooms.ts";
import type { RoomIndex } from "./search-index.ts";
import { createServer } from "./server.ts";
import { LiveKitAway } from "./stage/livekit.ts";
import { issueToken } from "./tokens.ts";

const now = 1_800_000_000_000;
const values: Readonly<Record<string, string>> = {
  "play.key": "p".repeat(32),
  "jwt.key": "j".repeat(32),
  "livekit.key": "L".repeat(32),
};
const secrets: Context["secrets"] = { read: (name) => values[name] ?? "", optional: (name) => values[name] };
const config = parseConfig({
  mysql: { host: "m", port: 3306, serverName: "m", database: "live", user: "live" },
  publicUrl: "https://live.test",
  pushUrl: "rtmp://live.test/live",
  minio: { host: "minio", port: 9000, serverName: "minio", bucket: "replays", user: "live" },
});
const detail = (name: string, visibility: "public" | "members"): RoomDetail => ({
  name,
  title: name,
  merchant: "m1",
  visibility,
  state: "live",
  startedAt: null,
  endedAt: null,
  scheduledAt: null,
  ladder: null,
  createdAt: "2026-11-24T00:00:00.000Z",
  bannedUntil: null,
  broadcast: null,
});
const replay = (room: "tea" | "club"): ReplayRow => ({
  broadcast: `b1${room}`,
  ...{ room, title: room, merchant: "m1", visibility: room === "tea" ? "public" : "members" },
  ...{ startedAt: new Date(now - 900_000), readyAt: new Date(now), seconds: 600.5, segments: 200 },
  ...{ bytes: 9_000_000, dropped: 0, poster: true },
});
const removed: string[] = [];
const absent = () => Promise.reject(new LiveError("NO_SUCH_ROOM"));
const unused = () => Promise.reject(new Error("a stranger got this far"));

const auction: StoredAuction = {
  ...{ id: "aopen1", room: "tea", title: "茶", currency: "CNY", openedAt: now, readAt: now },
  auction: {
    terms: { openingPrice: 100, reserve: 500, increments: [{ from: 0, step: 10 }], extensionMs: 0 },
    ...{ endsAt: now + 60_000, closed: undefined, leading: undefined, bids: 0, bidders: 0 },
  },
};
const nobody = { bid: () => undefined, paddle: () => undefined };

let isReady = true;
let isStageAway = false;
const staged: string[] = [];
let found: RoomIndex["search"] = () => Promise.reject(new SearchAway("no node"));
const logged: string[] = [];
let app: FastifyInstance;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "live-page-"));
  const html =
    '<!doctype html>\n<html lang="en"><link href="/assets/app.css"><script src="/assets/app.js"></script>';
  for (const [name, content] of Object.entries({
    "index.html": html,
    "app.js": "1",
    "app.css": "",
    "icon.svg": "",
    "hls.worker.js": "",
    "livekit.js": "",
  }))
    await writeFile(join(folder, name), content);
  const parts: Parameters<typeof createServer>[0] = {
    config,
    secrets,
    rooms: {
      get: (name) =>
        name === "banned"
          ? Promise.resolve({ ...detail(name, "public"), bannedUntil: "2027-11-24T00:00:00.000Z" })
          : name === "tea" || name === "club"
            ? Promise.resolve(detail(name, name === "tea" ? "public" : "members"))
            : absent(),
      list: () => Promise.resolve([]),
      named: (names) => Promise.resolve(names.map((name) => publicFace(detail(name, "public")))),
      create: unused,
      remove: unused,
      kick: unused,
      ban: unused,
      plan: unused,
    },
    keys: {
      create: () => Promise.resolve({ id: "k1", key: "K".repeat(32), expiresAt: null }),
      list: unused,
      revoke: unused,
      newest: unused,
      reseal: unused,
    },
    broadcasts: { publish: unused, update: unused, done: unused, sweep: unused, live: unused },
    pins: { pin: unused, unpin: unused, list: () => Promise.resolve([]) },
    search: {
      search: (wish) => found(wish),
      searchReplays: async (text) => ({
        rooms: (await found({ text, liveOnly: false, page: 0 })).rooms,
        broadcasts: [],
      }),
    },
    auctions: {
      get: (id) =>
        id === auction.id ? Promise.resolve(auction) : Promise.reject(new LiveError("NO_SUCH_AUCTION")),
      ofRoom: () => Promise.resolve([auction]),
      take: (_id, bids) =>
        Promise.resolve({ stored: auction, ...takeBids(auction.auction, nobody, bids, now) }),
      paddle: () => Promise.resolve(7),
      bids: () => Promise.resolve([]),
      ...{ open: unused, cancel: unused, settleDue: unused, versions: unused, isOpenIn: unused },
    },
    feed: {
      ...{ follow: () => () => {}, tell: () => {}, followers: () => 0, watch: unused },
    },
    health: { note: unused, of: () => Promise.resolve({ stream: null, warnings: [] }) },
    addresses: addressesOf(config, secrets, () => now),
    cache: { through: (_key, load) => load() },
    presence: { viewers: (names) => Promise.resolve(names.map(() => 7)) },
    replays: {
      heard: unused,
      list: async (which) =>
        [replay("tea"), replay("club")].filter(({ room }) => which?.rooms.includes(room) ?? true),
      get: async (broadcast) => {
        const found = [replay("tea"), replay("club")].find((each) => each.broadcast === broadcast);
        return found ?? Promise.reject(new LiveError("NO_SUCH_REPLAY"));
      },
      remove: async (broadcast) => void removed.push(broadcast),
      expire: unused,
      claim: unused,
      made: unused,
      removed: unused,
      putBack: unused,
    },
    bucket: undefined,
    stage: {
      makeRoom: async (name) => {
        if (isStageAway) throw new LiveKitAway("no answer");
        staged.push(name);
      },
      ...{ send: unused, remove: unused, close: unused, end: unused },
    },
    readiness: {
      state: () =>
        Promise.resolve({ ready: isReady, mysql: isReady ? "ok" : "away", stopping: false, parts: {} }),
      demandSchema: () => {
        if (!isReady) throw new LiveError("DATABASE_AWAY");
      },
      schemaIsThere: () => {},
      stop: () => {},
      readyForMs: () => 0,
    },
    metrics: createMetrics(),
    log: (event, fields) => logged.push(JSON.stringify({ event, ...fields })),
    now: () => now,
  };
  app = (await createServer(parts, { ca: "", cert: "", key: "" }, folder)) as unknown as FastifyInstance;
});
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

const ask = async (
  method: "GET" | "POST" | "PUT" | "DELETE",
  url: string,
  more: Omit<InjectOptions, "method" | "url"> = {},
) => {
  const answer = await app.inject({ method, url, ...more });
  const isJson = String(answer.headers["content-type"]).startsWith("application/json");
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    json: isJson ? answer.json() : undefined,
  };
};
const bearer = (user: Parameters<typeof issueToken>[0], until = now + 1_000) => ({
  headers: { authorization: `Bearer ${issueToken(user, until, config.tokens, values["jwt.key"] ?? "")}` },
});
const streamer = bearer({ subject: "u", role: "streamer", merchant: "m1" });
const rival = bearer({ subject: "u", role: "streamer", merchant: "m2" });
const viewer = bearer({ subject: "u", role: "viewer" });

test.each([
  ["POST", "/internal/publish"],
  ["POST", "/internal/update"],
  ["POST", "/internal/done"],
  ["POST", "/v1/rooms"],
  ["DELETE", "/v1/rooms/tea"],
  ["POST", "/v1/rooms/tea/keys"],
  ["POST", "/v1/rooms/nowhere/keys"],
  ["POST", "/v1/rooms/tea/kick"],
  ["POST", "/v1/rooms/tea/auctions"],
  ["POST", "/v1/auctions/aopen1/cancel"],
  ["POST", "/v1/rooms/tea/ban"],
  ["GET", "/v1/rooms/tea/urls"],
  ["POST", "/v1/rooms/tea/pins"],
  ["DELETE", "/v1/rooms/tea/pins/p1"],
  ["PUT", "/v1/rooms/tea/schedule"],
  ["DELETE", "/v1/rooms/tea/schedule"],
  ["DELETE", "/v1/replays/b1tea"],
  ["POST", "/internal/recorded"],
  ["GET", "/internal/live/tea/replay/b1tea.m3u8"],
  ["GET", "/v1/rooms/tea/health"],
  ["POST", "/v1/tokens"],
  ["GET", "/metrics"],
] as const)("%s %s is not for strangers, viewers or another merchant's streamers", async (method, url) => {
  for (const who of [{}, viewer, ...(url.includes("nowhere") ? [] : [rival])])
    expect(await ask(method, url, who)).toMatchObject({ status: 403, json: { code: "FORBIDDEN" } });
});

test("a streamer of the room's merchant manages its keys, and learns of a room that is not there", async () => {
  expect(await ask("POST", "/v1/rooms/tea/keys", streamer)).toMatchObject({
    status: 201,
    json: { id: "k1" },
  });
  expect((await ask("POST", "/v1/rooms/nowhere/keys", streamer)).json.code).toBe("NO_SUCH_ROOM");
  expect((await ask("GET", "/v1/rooms/tea/health", streamer)).json).toEqual({ stream: null, warnings: [] });
  expect((await ask("GET", "/v1/rooms/tea", streamer)).json).toHaveProperty("bannedUntil");
  expect((await ask("GET", "/v1/rooms/tea", rival)).json).not.toHaveProperty("bannedUntil");
  expect(logged.join("\n")).not.toContain("K".repeat(32));
});

test("members' rooms play for users only, and a wrong token is said wherever it is shown", async () => {
  expect((await ask("POST", "/v1/rooms/tea/play")).json.url).toMatch(
    /^https:\/\/live\.test\/live\/~[^/]{59}\/tea\.m3u8$/,
  );
  const refused = await ask("POST", "/v1/rooms/club/play");
  expect(refused).toMatchObject({ status: 401, json: { code: "LOGIN_REQUIRED" } });
  expect(refused.headers["www-authenticate"]).toBe("Bearer");
  expect((await ask("POST", "/v1/rooms/club/play", viewer)).status).toBe(200);
  const old = bearer({ subject: "u", role: "viewer" }, now - 60_000);
  expect((await ask("GET", "/v1/rooms", old)).json.code).toBe("TOKEN_WRONG");
});

test("a room's sound and picture: who may play it watches, who manages it is host, made and let in by the application alone", async () => {
  const join = (room: string, role: string, who = {}) =>
    ask("POST", `/v1/rooms/${room}/stage`, { ...who, payload: { role } });
  const watched = await join("tea", "viewer");
  expect(watched).toMatchObject({ status: 200, json: { url: "wss://live.test", role: "viewer" } });
  const claims = ({ json }: typeof watched) =>
    JSON.parse(Buffer.from(json.token.split(".")[1], "base64url").toString());
  expect(claims(watched)).toMatchObject({
    sub: expect.stringMatching(/^viewer-[0-9a-f]{16}$/),
    video: { room: "tea", canPublish: false },
  });
  const hosted = await join("tea", "host", streamer);
  expect(claims(hosted)).toMatchObject({ sub: "host", video: { room: "tea", canPublish: true } });
  expect((await join("club", "viewer", viewer)).status).toBe(200);
  expect(staged.splice(0)).toEqual(["tea", "tea", "club"]);
  const refusals: readonly (readonly [string, string, object, string])[] = [
    ["club", "viewer", {}, "LOGIN_REQUIRED"],
    ["tea", "host", {}, "FORBIDDEN"],
    ["tea", "host", viewer, "FORBIDDEN"],
    ["tea", "host", rival, "FORBIDDEN"],
    ["tea", "director", streamer, "INPUT_WRONG"],
    ["nowhere", "viewer", {}, "NO_SUCH_ROOM"],
    ["banned", "host", streamer, "BANNED"],
    ["banned", "viewer", {}, "BANNED"],
  ];
  for (const [room, role, who, code] of refusals)
    expect((await join(room, role, who)).json.code, `${room} ${role}`).toBe(code);
  expect(staged).toEqual([]);
  isStageAway = true;
  expect(await join("tea", "viewer")).toMatchObject({ status: 503, json: { code: "STAGE_AWAY" } });
  isStageAway = false;
  expect(logged.join("\n")).not.toContain(hosted.json.token);
});

test("replays: listed for all, played and pictured for who may play, deleted by the room's own", async () => {
  const { json } = await ask("GET", "/v1/replays");
  expect(json.replays.map((each: ReplayInfo) => [each.room, each.poster === null])).toEqual([
    ["tea", false],
    ["club", true],
  ]);
  expect((await ask("GET", "/v1/replays", viewer)).json.replays[1].poster).toMatch(
    /^https:\/\/live\.test\/live\/~[^/]{59}\/club\/replay\/b1club\.jpg$/,
  );
  expect((await ask("GET", "/v1/rooms/tea/replays")).status).toBe(200);
  expect((await ask("GET", "/v1/rooms/nowhere/replays")).json.code).toBe("NO_SUCH_ROOM");
  expect((await ask("GET", "/v1/replays/b1tea")).json).toMatchObject({
    seconds: 600.5,
    play: { url: expect.stringMatching(/^https:\/\/live\.test\/live\/~[^/]{59}\/tea\/replay\/b1tea\.m3u8$/) },
  });
  expect((await ask("GET", "/v1/replays/b1club")).json.code).toBe("LOGIN_REQUIRED");
  expect((await ask("GET", "/v1/replays/b1club", viewer)).status).toBe(200);
  found = async () => ({ rooms: ["club"], total: 1 });
  expect((await ask("GET", "/v1/replays?q=club")).json.replays.map((each: ReplayInfo) => each.room)).toEqual([
    "club",
  ]);
  found = () => Promise.reject(new SearchAway("no node"));
  expect((await ask("GET", "/v1/replays?q=club")).json.code).toBe("SEARCH_AWAY");
  for (const id of ["b1none", "..", "B1TEA"])
    expect((await ask("GET", `/v1/replays/${id}`)).json.code, id).toMatch(/^NO_SUCH_(REPLAY|ADDRESS)$/);
  expect((await ask("DELETE", "/v1/replays/b1tea", streamer)).status).toBe(204);
  expect(removed).toEqual(["b1tea"]);
});

test("without MySQL: 503 with the way out, in the language asked for, and the pages all the same", async () => {
  isReady = false;
  try {
    const refused = await ask("GET", "/v1/rooms?lang=zh");
    expect(refused).toMatchObject({
      status: 503,
      json: { code: "DATABASE_AWAY" },
      headers: { "retry-after": "2" },
    });
    expect(refused.json.reason).toMatch(/数据库/);
    expect((await ask("GET", "/ready")).status).toBe(503);
    expect((await ask("GET", "/healthz")).status).toBe(200);
    expect((await ask("GET", "/")).status).toBe(200);
  } finally {
    isReady = true;
  }
});

test("pages: language, versions, policy", async () => {
  const page = await ask("GET", "/watch/tea", { headers: { "accept-language": "zh-CN" } });
  expect(page.text).toContain('<html lang="zh">');
  expect(page.headers["content-security-policy"]).toContain("script-src 'self'");
  const script = /\/assets\/app\.js\?v=[0-9a-f]{12}/.exec(page.text)?.[0] ?? "";
  const file = await ask("GET", script);
  expect(file).toMatchObject({ status: 200, text: "1" });
  expect(file.headers["cache-control"]).toContain("immutable");
  expect((await ask("GET", script, { headers: { "if-none-match": String(file.headers.etag) } })).status).toBe(
    304,
  );
  expect((await ask("GET", "/assets/app.js")).headers["cache-control"]).toBe("no-cache");
  expect((await ask("GET", "/watch/Tea")).status).toBe(404);
  expect((await ask("GET", "/studio/tea")).status).toBe(200);
  expect((await ask("GET", "/studio/Tea")).status).toBe(404);
  expect((await ask("GET", "/watch/tea?lang=zh&lang=en")).status).toBe(200);
  expect((await ask("GET", "/assets/index.html")).json.code).toBe("NO_SUCH_ADDRESS");
});

test("what is no JSON, too large or unknown is the asker's mistake", async () => {
  const json = { "content-type": "application/json", ...streamer.headers };
  expect((await ask("POST", "/v1/rooms/tea/keys", { headers: json, payload: "{" })).json.code).toBe(
    "INPUT_WRONG",
  );
  const large = JSON.stringify({ expiresAt: "x".repeat(20_000) });
  expect((await ask("POST", "/v1/rooms/tea/keys", { headers: json, payload: large })).json.code).toBe(
    "TOO_LARGE",
  );
  expect(
    (await ask("POST", "/v1/rooms/tea/keys", { headers: json, payload: '{"further":1}' })).json,
  ).toMatchObject({
    code: "INPUT_WRONG",
    detail: expect.stringContaining("further"),
  });
  expect((await ask("GET", "/nowhere")).json.code).toBe("NO_SUCH_ADDRESS");
  for (const path of [`/v1/rooms/${"x".repeat(3_000)}`, "/v1/rooms/%E0%A4%A"])
    expect((await ask("GET", path)).json.code, path).toBe("NO_SUCH_ADDRESS");
});

test("search: what the index names, as it is now and with its viewers; away it is a 503 of its own", async () => {
  expect(await ask("GET", "/v1/search?q=tea")).toMatchObject({
    status: 503,
    json: { code: "SEARCH_AWAY" },
    headers: { "retry-after": "2" },
  });
  found = async ({ text, page, liveOnly }) => {
    expect({ text, page, liveOnly }).toEqual({ text: "绿茶", page: 2, liveOnly: true });
    return { rooms: ["tea"], total: 41 };
  };
  expect((await ask("GET", `/v1/search?q=${encodeURIComponent(" 绿茶 ")}&page=2&live=1`)).json).toMatchObject(
    {
      rooms: [{ name: "tea", viewers: 7 }],
      total: 41,
    },
  );
  for (const query of ["", "?q=", "?q=%20", `?q=${"x".repeat(101)}`, "?q=x&page=500", "?q=x&page=-1"])
    expect((await ask("GET", `/v1/search${query}`)).json.code, query).toBe("INPUT_WRONG");
});

describe("auctions", () => {
  const path = "/v1/auctions/aopen1";
  const bid = (amount: unknown, key: string, who = viewer) =>
    ask("POST", `${path}/bids`, {
      headers: { ...who.headers, "idempotency-key": key },
      payload: { amount },
    });

  test("everyone sees the price, and its managers alone the reserve", async () => {
    for (const who of [{}, viewer, rival]) {
      const { json } = await ask("GET", path, who);
      expect(json).toMatchObject({ minimum: 100, price: null, hasReserve: true, reserveMet: false });
      expect(json).not.toHaveProperty("reserve");
    }
    expect((await ask("GET", path, streamer)).json).toMatchObject({ reserve: 500, leaderSubject: null });
    expect((await ask("GET", "/v1/rooms/tea/auctions")).json.auctions).toHaveLength(1);
    for (const id of ["anone1", "x", "a%27", "%E8%8C%B6"])
      expect((await ask("GET", `/v1/auctions/${id}`)).json.code, id).toBe("NO_SUCH_AUCTION");
  });

  test("the OpenAPI document says what a bid is and who may", async () => {
    const { paths, components } = (await ask("GET", "/v1/openapi.json")).json;
    const { post } = paths["/v1/auctions/{id}/bids"];
    expect(post.security).toEqual([{ token: [] }]);
    expect(post.requestBody.content["application/json"].schema.required).toEqual(["amount"]);
    for (const status of ["200", "201"])
      expect(post.responses[status].content["application/json"].schema.$ref).toMatch(/\/BidAnswer$/);
    expect(components.schemas.BidAnswer.properties).toHaveProperty("auction");
  });

  test("who bids is a viewer, with an id for the bid", async () => {
    expect((await ask("POST", `${path}/bids`, { payload: { amount: 100 } })).json.code).toBe(
      "LOGIN_REQUIRED",
    );
    expect((await bid(100, "bid-0001", streamer)).json.code).toBe("FORBIDDEN");
    expect((await ask("POST", `${path}/bids`, { ...viewer, payload: { amount: 100 } })).json).toMatchObject({
      code: "INPUT_WRONG",
      detail: expect.stringContaining("idempotency-key"),
    });
    for (const key of ["short", "x".repeat(65), "with space"])
      expect((await bid(100, key)).json.code, key).toBe("INPUT_WRONG");
    expect(await ask("GET", `${path}/paddle`, viewer)).toMatchObject({ json: { paddle: 7 } });
    expect((await ask("GET", `${path}/paddle`)).json.code).toBe("LOGIN_REQUIRED");
  });

  test("a bid is a whole number that is high enough", async () => {
    for (const amount of [0, -1, 1.5, "100", null, 1e13, Number.MAX_VALUE])
      expect((await bid(amount, "bid-0001")).json.code, `${amount}`).toBe("INPUT_WRONG");
    expect((await bid(99, "bid-0001")).json).toMatchObject({ code: "BID_TOO_LOW", detail: "minimum: 100" });
    expect(await bid(100, "bid-0001")).toMatchObject({
      status: 201,
      json: { bid: { sequence: 1, paddle: 1, amount: 100 } },
    });
  });
});

test("the OpenAPI document describes what is below /v1", async () => {
  const { status, json } = await ask("GET", "/v1/openapi.json");
  expect(status).toBe(200);
  const operations = Object.entries(json.paths).flatMap(([path, of]) =>
    Object.keys(of as object).map((method) => `${method} ${path}`),
  );
  expect(operations).toContain("post /v1/rooms/{name}/pins");
  expect(operations).toContain("get /v1/search");
  expect(operations.filter((one) => one.includes("/internal") || one.includes("/watch"))).toEqual([]);
});
