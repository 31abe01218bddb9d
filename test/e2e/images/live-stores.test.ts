/** The live application with a real Redis Cluster, Elasticsearch and edge: who watches, hot reads, search, and each away. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { md5, sign } from "../../../packages/live/src/signature/index.ts";
import { type Ask, LiveBench, until } from "../../support/live-app.ts";
import { Client, key as playKey, ports, startBehind, startEdge } from "../../support/live-edge.ts";
import { loneElasticsearch, loneRedis } from "../../support/lone-stores.ts";
import { readyImages } from "../../support/ready-images.ts";
import type { Container } from "../../support/standalone.ts";

let live: LiveBench;
let mysql: Container;
let redis: Container;
let search: Container;
let edge: Container;
let apps: readonly [Container, Container];
let anyones: readonly [Ask, Ask];
let operator: Ask;
let viewer: Client;

beforeAll(async () => {
  live = await LiveBench.open((bench) =>
    readyImages(bench.engine, ["mysql", "live-app", "live-edge", "agent", "redis", "elasticsearch"]),
  );
  const { bench, images } = live;
  const tag = (name: string) => images.get(name)?.tag ?? "";
  [mysql, redis, search, edge] = await Promise.all([
    live.mysql(),
    loneRedis(bench, tag("redis")),
    loneElasticsearch(bench, tag("elasticsearch")),
    Promise.all(
      ["origin-1", "origin-2"].map((name) => startBehind(bench, tag("agent"), name, "tea silk")),
    ).then(async () => {
      const started = await startEdge(bench, tag("live-edge"));
      await started.untilHealthy();
      return started;
    }),
  ]);
  const at = (host: string, port: number) => ({ host, port, serverName: host });
  const parts = {
    redis: { nodes: [at("redis", 6379)], user: "live", prefix: "live:" },
    elasticsearch: { nodes: [at("elasticsearch", 9200)], user: "live", index: "live-" },
    edges: [at("edge", ports.status)],
    // Never there: replays are listed without it.
    minio: { ...at("minio", 9000), bucket: "replays", user: "live" },
  };
  const password = { "minio.password": "ObjectsSecret1ObjectsSecret1" };
  apps = await Promise.all([
    live.app(parts, "live-app-1", password),
    live.app(parts, "live-app-2", password),
  ]);
  await Promise.all(apps.map((app) => until(() => app.healthy("ready"), 60_000)));
  anyones = await Promise.all([live.client(apps[0]), live.client(apps[1])]);
  operator = await live.client(apps[0], "operator");
  viewer = new Client(await edge.address(), bench.authority);
  for (const [name, title, merchant] of [
    ["tea", "西湖龙井春茶专场", "hangzhou"],
    ["silk", "Silk scarves from Suzhou", "suzhou"],
    ["jade", "和田玉手镯直播", "hetian"],
  ])
    await operator("POST", "/v1/rooms", { body: { name, title, merchant } });
}, 600_000);
afterAll(() => live?.bench.close(), 60_000);

const now = () => Math.floor(Date.now() / 1_000);
/** Watches once, as who has an address of its own. */
const watch = async (stream: string, i: number) => {
  const query = sign({ use: "play", dialect: "nginx", stream, key: playKey, expires: now() + 300 + i }, md5);
  expect((await viewer.get(`/live/${stream}/source.m3u8?${query}`)).status).toBe(200);
};
const viewersBy = async (app: 0 | 1, room: string): Promise<number | undefined> =>
  (await anyones[app]("GET", `/v1/rooms/${room}`)).json.viewers;
const metric = async (app: 0 | 1, name: string): Promise<number> => {
  const ask = await live.client(apps[app], "operator");
  const { text } = await ask("GET", "/metrics");
  return Number(new RegExp(`^${name.replace(/[{}]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1] ?? 0);
};
const parts = async (app: 0 | 1) => (await anyones[app]("GET", "/ready")).json.parts;

describe("viewers", () => {
  test("both instances say how many watch, come and go are announced once, and one of them counts", async () => {
    await until(async () => (await viewersBy(0, "tea")) === 0);
    for (let i = 0; i < 3; i++) await watch("tea", i);
    await watch("silk", 9);
    for (const app of [0, 1] as const) {
      await until(async () => (await viewersBy(app, "tea")) === 3);
      expect(await viewersBy(app, "silk")).toBe(1);
      expect(await viewersBy(app, "jade")).toBe(0);
    }
    const listed = (await anyones[1]("GET", "/v1/rooms")).json.rooms;
    expect(listed.map(({ name, viewers }: { name: string; viewers: number }) => [name, viewers])).toEqual([
      ["jade", 0],
      ["silk", 1],
      ["tea", 3],
    ]);
    expect((await metric(0, "live_viewers")) + (await metric(1, "live_viewers"))).toBe(4);
    // Twenty seconds after their last request.
    await until(async () => (await viewersBy(0, "tea")) === 0, 60_000);
    const rows = await live.sql(
      mysql,
      `SELECT type, SUM(JSON_LENGTH(data->'$.sessions')) FROM live.outbox
       WHERE room = 'tea' AND type LIKE 'viewer.%' GROUP BY type ORDER BY type`,
    );
    expect(rows).toBe("viewer.joined\t3\nviewer.left\t3");
  }, 120_000);

  test("the instance that counts is lost: the other one goes on", async () => {
    await watch("tea", 20);
    await until(async () => (await viewersBy(1, "tea")) === 1);
    const counting = (await metric(0, "live_viewers")) > 0 ? apps[0] : apps[1];
    await live.bench.engine.docker(["kill", counting.name]);
    try {
      const other = counting === apps[0] ? 1 : 0;
      await watch("tea", 21);
      await watch("tea", 20);
      await until(async () => (await viewersBy(other, "tea")) === 2, 60_000);
    } finally {
      await live.bench.engine.docker(["start", counting.name]);
      await until(() => counting.healthy("ready"), 60_000);
    }
  }, 180_000);

  test("Redis away: no numbers, and nothing else suffers; back, they are there again", async () => {
    await live.bench.engine.docker(["pause", redis.name]);
    try {
      const started = Date.now();
      const { status, json } = await anyones[0]("GET", "/v1/rooms/tea");
      expect(status).toBe(200);
      expect(json.viewers).toBeUndefined();
      expect(Date.now() - started).toBeLessThan(5_000);
      expect((await anyones[0]("POST", "/v1/rooms/tea/play")).status).toBe(200);
      await until(async () => {
        await anyones[0]("GET", "/v1/rooms/tea");
        return (await parts(0)).redis === "away";
      }, 60_000);
      expect((await anyones[0]("GET", "/ready")).status).toBe(200);
    } finally {
      await live.bench.engine.docker(["unpause", redis.name]);
    }
    await until(async () => (await viewersBy(0, "tea")) !== undefined, 60_000);
    await until(async () => (await parts(0)).redis === "ok");
  }, 180_000);

  test("an edge that does not answer: its numbers are unknown after a while", async () => {
    await live.bench.engine.docker(["stop", "--time", "1", edge.name]);
    await until(async () => (await viewersBy(0, "tea")) === undefined, 90_000);
    await live.bench.engine.docker(["start", edge.name]);
    await until(async () => (await viewersBy(0, "tea")) === 0, 60_000);
  }, 180_000);
});

test("what everyone sees is in Redis for a second: most reads do not reach MySQL", async () => {
  const before = await metric(1, 'live_cache_total{outcome="hit"}');
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      for (let i = 0; i < 8; i++) await anyones[1]("GET", "/v1/rooms");
    }),
  );
  expect(await metric(1, 'live_cache_total{outcome="hit"}')).toBeGreaterThan(before);
}, 60_000);

describe("search", () => {
  const found = async (query: string, app: 0 | 1 = 0): Promise<readonly string[]> => {
    const { status, json } = await anyones[app]("GET", `/v1/search?q=${encodeURIComponent(query)}`);
    expect(status, JSON.stringify(json)).toBe(200);
    return json.rooms.map(({ name }: { name: string }) => name);
  };

  test("in Chinese and English, by title, name, merchant and what was shown", async () => {
    for (const each of ["龙井", "scarves", "玉手镯"])
      await until(async () => (await found(each).catch(() => [])).length > 0, 60_000);
    expect(await found("春茶")).toEqual(["tea"]);
    expect(await found("玉手镯", 1)).toEqual(["jade"]);
    expect(await found("SCARVES")).toEqual(["silk"]);
    expect(await found("suzhou")).toEqual(["silk"]);
    expect(await found("hetian")).toEqual(["jade"]);
    expect(await found("手机")).toEqual([]);
    const { json } = await operator("POST", "/v1/rooms/silk/keys", { body: {} });
    const ingest = await live.client(apps[0], "live-ingest");
    const publisher = { instance: "live-ingest-1", address: "192.0.2.7", clientId: "1" };
    const began = await ingest("POST", "/internal/publish", {
      body: { stream: "silk", query: `key=${json.key}`, ...publisher },
    });
    expect(began.status).toBe(200);
    await operator("POST", "/v1/rooms/silk/pins", { body: { product: "p1", title: "真丝龙井绿围巾" } });
    // Live, and by what it shows, before the room that is not.
    await until(async () => (await found("围巾")).length > 0);
    await until(async () => (await found("龙井"))[0] === "silk");
    expect([...(await found("龙井"))].sort()).toEqual(["silk", "tea"]);
    const live_ = await anyones[0]("GET", `/v1/search?q=${encodeURIComponent("龙井")}&live=1`);
    expect(live_.json).toMatchObject({ total: 1, rooms: [{ name: "silk", state: "live" }] });
  }, 120_000);

  test("a replay is found by what was shown in it, also when it is not the room's last, until it is deleted", async () => {
    const ingest = await live.client(apps[0], "live-ingest");
    const instance = "live-ingest-1";
    const { json } = await operator("POST", "/v1/rooms/silk/keys", { body: {} });
    const first = (await operator("GET", "/v1/rooms/silk")).json.broadcast.id as string;
    const end = (broadcast: string) =>
      ingest("POST", "/internal/done", { body: { stream: "silk", broadcast, instance, reason: "closed" } });
    await end(first);
    const publisher = { instance, address: "192.0.2.7", clientId: "2", query: `key=${json.key}` };
    const began = await ingest("POST", "/internal/publish", { body: { stream: "silk", ...publisher } });
    const last = began.json.broadcast as string;
    await end(last);
    await live.sql(
      mysql,
      "UPDATE live.replays SET state = 'ready', whole = 1, ready_at = NOW(3), seconds = 9, segments = 3 WHERE room = 'silk'",
    );
    // Any event of the room has it indexed.
    const startsAt = new Date(Date.now() + 3_600_000).toISOString();
    await operator("PUT", "/v1/rooms/silk/schedule", { body: { startsAt } });
    const replaysOf = async (query: string): Promise<readonly string[]> => {
      const answer = await anyones[1]("GET", `/v1/replays?q=${encodeURIComponent(query)}`);
      expect(answer.status, JSON.stringify(answer.json)).toBe(200);
      return answer.json.replays.map(({ broadcast }: { readonly broadcast: string }) => broadcast);
    };
    await until(async () => (await replaysOf("围巾")).length > 0);
    expect(await replaysOf("围巾")).toEqual([first]);
    expect(await replaysOf("scarves")).toEqual([last, first]);
    expect(await replaysOf("手机")).toEqual([]);
    const document = async () => (await search.exec("mall-shell", "GET", "/live-rooms-2/_doc/silk")).stdout;
    expect(await document()).toContain(first);
    expect((await operator("DELETE", `/v1/replays/${first}`)).status).toBe(204);
    expect(await replaysOf("围巾")).toEqual([]);
    await until(async () => !(await document()).includes(first));
    const told = await live.sql(mysql, "SELECT data FROM live.outbox WHERE type = 'replay.deleted'");
    expect(JSON.stringify(told)).toMatch(/deleted/);
  }, 120_000);

  test("a room that is deleted is found no more; one that is made while the cluster is away is found after", async () => {
    await operator("DELETE", "/v1/rooms/jade");
    await until(async () => (await found("玉手镯")).length === 0);
    await live.bench.engine.docker(["pause", search.name]);
    try {
      await operator("POST", "/v1/rooms", { body: { name: "rice", title: "五常大米", merchant: "m1" } });
      const { status, json } = await anyones[0]("GET", `/v1/search?q=${encodeURIComponent("大米")}`);
      expect([status, json.code]).toEqual([503, "SEARCH_AWAY"]);
      expect((await anyones[0]("GET", "/v1/rooms/rice")).status).toBe(200);
      expect(await parts(0)).toMatchObject({ elasticsearch: "away" });
    } finally {
      await live.bench.engine.docker(["unpause", search.name]);
    }
    await until(async () => {
      const answer = await anyones[0]("GET", `/v1/search?q=${encodeURIComponent("大米")}`);
      return answer.json.rooms?.length === 1;
    }, 60_000);
  }, 180_000);

  test("an index that is gone is made and filled again", async () => {
    await search.exec("mall-shell", "DELETE", "/live-rooms-2");
    await operator("PUT", "/v1/rooms/rice/schedule", {
      body: { startsAt: new Date(Date.now() + 3_600_000).toISOString() },
    });
    await until(async () => {
      const answer = await anyones[0]("GET", `/v1/search?q=${encodeURIComponent("龙井")}`);
      return answer.json.rooms?.length === 1;
    }, 90_000);
  }, 120_000);
});
