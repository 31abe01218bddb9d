/** Auctions with a real MySQL and both instances: many bidders at once, instances that die, and nothing lost. */
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuctionInfo, BidInfo } from "../../../packages/live/src/app/api.ts";
import {
  agentFor,
  bidder,
  follower,
  type Instance,
  type Ledger,
  type Seen,
  tokenOf,
} from "../../support/bidders.ts";
import { type Ask, LiveBench, until } from "../../support/live-app.ts";
import { startEdge } from "../../support/live-edge.ts";
import { readyImages } from "../../support/ready-images.ts";
import type { Container } from "../../support/standalone.ts";

let live: LiveBench;
let mysql: Container;
let apps: readonly Container[];
let instances: readonly Instance[];
let operator: Ask;
let anyone: Ask;
let other: Ask;

const urlOf = async (app: Container): Promise<string> => {
  const published = await live.bench.engine.docker(["port", app.name, "8443"]);
  return `https://127.0.0.1:${published.split("\n")[0]?.split(":").at(-1)}`;
};

beforeAll(async () => {
  live = await LiveBench.open((bench) => readyImages(bench.engine, ["mysql", "live-app", "live-edge"]));
  mysql = await live.mysql();
  apps = [await live.app(), await live.app({}, "live-app-2")];
  for (const app of apps) await until(() => app.healthy("ready"));
  instances = await Promise.all(
    apps.map(async (app) => ({ name: app.instance, ca: live.bench.authority, url: await urlOf(app) })),
  );
  const [one, two] = apps as [Container, Container];
  [operator, anyone, other] = await Promise.all([
    live.client(one, "operator"),
    live.client(one),
    live.client(two),
  ]);
}, 600_000);
afterAll(() => live?.bench.close(), 60_000);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const room = async (name: string) => {
  const body = { name, title: `拍卖 ${name}`, merchant: "m1" };
  expect((await operator("POST", "/v1/rooms", { body })).status).toBe(201);
};
const open = async (name: string, more: object = {}): Promise<AuctionInfo> => {
  const body = {
    ...{ title: "紫砂壶", openingPrice: 1_000, increments: 10, durationSeconds: 60, extensionSeconds: 3 },
    ...more,
  };
  const { status, json } = await operator("POST", `/v1/rooms/${name}/auctions`, { body });
  expect(status, JSON.stringify(json)).toBe(201);
  return json;
};
const bid = (
  ask: Ask,
  auction: string,
  who: string,
  amount: number,
  key = `${encodeURIComponent(who).replaceAll("%", "_")}-${amount}-key`,
) =>
  ask("POST", `/v1/auctions/${auction}/bids`, {
    token: tokenOf(who),
    headers: { "idempotency-key": key },
    body: { amount },
  });
const seen = async (auction: string): Promise<AuctionInfo> =>
  (await other("GET", `/v1/auctions/${auction}`)).json;
const closed = (auction: string) => until(async () => (await seen(auction)).state === "closed", 20_000);
const eventsOf = (name: string) =>
  live.sql(
    mysql,
    `SELECT type, JSON_EXTRACT(data, '$.sequence') FROM live.outbox WHERE room = '${name}' ORDER BY sequence`,
  );

describe("one auction", () => {
  test("opens, takes bids by its rules on either instance, is extended, and sold once", async () => {
    await room("pot");
    const auction = await open("pot", { durationSeconds: 12, reserve: 1_200 });
    expect(
      (
        await operator("POST", "/v1/rooms/pot/auctions", {
          body: { title: "x", openingPrice: 1, increments: 1, durationSeconds: 60 },
        })
      ).json.code,
    ).toBe("AUCTION_OPEN");
    expect((await operator("DELETE", "/v1/rooms/pot")).json.code).toBe("AUCTION_OPEN");
    expect((await bid(anyone, auction.id, "ann", 999)).json).toMatchObject({
      code: "BID_TOO_LOW",
      detail: "minimum: 1000",
    });
    expect(await bid(anyone, auction.id, "ann", 1_000)).toMatchObject({
      status: 201,
      json: { bid: { paddle: 1 } },
    });
    expect((await bid(other, auction.id, "茶友", 1_000)).json.code).toBe("BID_TOO_LOW");
    expect(await bid(other, auction.id, "茶友", 1_200)).toMatchObject({
      status: 201,
      json: { bid: { paddle: 2, sequence: 2 }, auction: { reserveMet: true, minimum: 1_210 } },
    });
    // The same question, at the other instance: the same answer. Another amount is another question.
    expect(await bid(anyone, auction.id, "茶友", 1_200)).toMatchObject({
      status: 200,
      json: { bid: { sequence: 2 } },
    });
    expect((await bid(anyone, auction.id, "茶友", 5_000, "another-one")).status).toBe(201);
    expect((await bid(other, auction.id, "茶友", 7_000, "another-one")).json.code).toBe("BID_ID_REUSED");
    const { json: paddle } = await other("GET", `/v1/auctions/${auction.id}/paddle`, {
      token: tokenOf("茶友"),
    });
    expect(paddle).toEqual({ paddle: 2 });
    const left = Date.parse(auction.endsAt) - Date.now();
    await sleep(Math.max(0, left - 1_200));
    const late = await bid(anyone, auction.id, "ann", 6_000);
    const { extendedTo, at } = late.json.bid as BidInfo;
    expect(Date.parse(extendedTo ?? "") - Date.parse(at)).toBe(3_000);
    await closed(auction.id);
    const end = await seen(auction.id);
    expect(end).toMatchObject({ outcome: "sold", price: 6_000, leader: 1, bids: 4, endsAt: extendedTo });
    expect(Date.parse(end.closedAt ?? "") - Date.parse(end.endsAt)).toBeGreaterThanOrEqual(0);
    expect(end).not.toHaveProperty("leaderSubject");
    expect((await operator("GET", `/v1/auctions/${auction.id}`)).json).toMatchObject({
      leaderSubject: "ann",
    });
    expect((await bid(other, auction.id, "bob", 9_000)).json.code).toBe("AUCTION_OVER");
    expect((await operator("POST", `/v1/auctions/${auction.id}/cancel`)).json.code).toBe("AUCTION_OVER");
    expect((await bid(other, auction.id, "ann", 6_000)).status).toBe(200);
    const lines = (await eventsOf("pot")).split("\n").map((line) => line.split("\t")[0]);
    expect(lines).toEqual([
      "room.created",
      "auction.opened",
      ...Array(4).fill("auction.bid"),
      "auction.closed",
    ]);
    expect((await operator("DELETE", "/v1/rooms/pot")).status).toBe(204);
  });

  test("is not sold below the reserve, and to nobody when it is cancelled or nobody bids", async () => {
    await room("jade");
    const low = await open("jade", { durationSeconds: 5, extensionSeconds: 0, reserve: 5_000 });
    await bid(anyone, low.id, "ann", 1_000);
    await closed(low.id);
    expect(await seen(low.id)).toMatchObject({ outcome: "reserve-not-met", reserveMet: false });
    const none = await open("jade", { durationSeconds: 5 });
    await closed(none.id);
    expect(await seen(none.id)).toMatchObject({ outcome: "no-bids", leader: null });
    const cancelled = await open("jade");
    await bid(anyone, cancelled.id, "ann", 1_000);
    expect((await operator("POST", `/v1/auctions/${cancelled.id}/cancel`)).json.outcome).toBe("cancelled");
    expect((await bid(anyone, cancelled.id, "bob", 2_000)).json.code).toBe("AUCTION_OVER");
    expect(
      (await anyone("GET", "/v1/rooms/jade/auctions")).json.auctions.map((one: AuctionInfo) => one.id),
    ).toEqual([cancelled.id, none.id, low.id]);
  });
});

test("by an edge each change comes at once, and a silent auction's stream is not cut", async () => {
  const server = { name: "live-app-1", servers: [{ host: "live-app-1", port: 8443 }] };
  const rate = { perSecond: 0, burst: 0 };
  const tag = live.images.get("live-edge")?.tag ?? "";
  const edge = await startEdge(live.bench, tag, { app: server, origin: server, apiRate: rate });
  await edge.untilHealthy();
  await room("vase");
  const auction = await open("vase");
  const [host, ca] = [await edge.address(), live.bench.authority];
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const path = `/v1/auctions/${auction.id}/stream`;
    const headers = { host: "edge", "accept-encoding": "gzip" };
    request({ host, ca, path, headers, port: 8443, servername: "edge", agent: false }, resolve)
      .on("error", reject)
      .end();
  });
  let text = "";
  let isOver = false;
  answer.setEncoding("utf8");
  answer.on("data", (piece: string) => {
    text += piece;
  });
  answer.on("close", () => {
    isOver = true;
  });
  expect(answer.headers).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
  });
  expect(answer.headers["content-encoding"]).toBeUndefined();
  await until(async () => text.includes('"bids":0'), 10_000);
  expect((await bid(anyone, auction.id, "ann", 1_000)).status).toBe(201);
  await until(async () => text.includes('"price":1000'), 10_000);
  // The edge gives up an application that has said nothing for 15 s; a beat comes every five.
  const before = text.length;
  await sleep(17_000);
  expect(isOver).toBe(false);
  expect(text.slice(before).match(/^: $/gm)?.length).toBeGreaterThanOrEqual(2);
  expect((await bid(other, auction.id, "bob", 1_010)).status).toBe(201);
  await until(async () => text.includes('"price":1010'), 10_000);
  await operator("POST", `/v1/auctions/${auction.id}/cancel`, { body: {} });
  await until(async () => isOver, 10_000);
  expect(text).toContain('"outcome":"cancelled"');
}, 120_000);

describe("200 bidders, on both instances, one of which is killed and the other restarted", () => {
  const ledger: Ledger[] = [];
  const views: Seen[][] = [[], []];
  let auction: AuctionInfo;
  let stored: BidInfo[];
  let killedAt = 0;
  let agents: readonly Agent[];

  beforeAll(async () => {
    await room("crowd");
    auction = await open("crowd", { durationSeconds: 20, extensionSeconds: 2, reserve: 1_010 });
    agents = instances.map((instance) => agentFor(instance, 150));
    const ways = instances.map((instance, i) => ({ instance, agent: agents[i] as Agent }));
    let minimum = 1_000;
    let highest = 990;
    let isOver = false;
    const following = Promise.all(
      ways.map(({ instance, agent }, i) =>
        follower(auction.id, instance, agent, (one) => {
          views[i]?.push(one);
          minimum = Math.max(minimum, one.auction.minimum);
          isOver ||= one.auction.state === "closed";
        }),
      ),
    );
    const bidding = Array.from({ length: 200 }, (_, i) =>
      bidder({
        name: `用户${i}`,
        auction: auction.id,
        instances: ways,
        first: i,
        // Each above all that was asked before it: most are taken, and which are not is the order's doing.
        amount: () => {
          highest = Math.max(minimum, highest + 10);
          return highest;
        },
        learn: (one) => {
          minimum = Math.max(minimum, one.minimum);
        },
        // Nobody bids for ever: without a bid in the last two seconds the end comes.
        isOver: () => isOver || Date.now() > Date.parse(auction.endsAt),
      }),
    );
    const [one, two] = apps as [Container, Container];
    const again = async (app: Container, i: number) => {
      await live.bench.engine.docker(["start", app.name]);
      (instances[i] as Instance).url = await urlOf(app);
      await until(() => app.healthy("ready"));
    };
    await sleep(4_000);
    killedAt = Date.now();
    await live.bench.engine.docker(["kill", one.name]);
    await sleep(1_000);
    await again(one, 0);
    await live.bench.engine.docker(["stop", two.name]);
    await again(two, 1);
    ledger.push(...(await Promise.all(bidding)).flat());
    await closed(auction.id);
    await following;
    stored = [];
    for (let page = [auction] as readonly object[]; page.length > 0; ) {
      page = (await other("GET", `/v1/auctions/${auction.id}/bids?after=${stored.length}`)).json.bids;
      stored.push(...(page as BidInfo[]));
    }
  }, 180_000);
  afterAll(() => Promise.all((agents ?? []).map((agent) => agent.destroy())));

  const accepted = () =>
    ledger.flatMap((one) => (one.answer === undefined ? [] : { ...one, bid: one.answer.bid }));

  test("every bid that was answered as accepted is there, as it was answered", () => {
    expect(accepted().length).toBeGreaterThan(50);
    for (const { bid: told, amount } of accepted()) {
      expect(told).toEqual(stored[told.sequence - 1]);
      expect(told.amount).toBe(amount);
    }
    // All bidders were answered in the end, so nothing stands there that nobody was told of.
    expect(new Set(accepted().map(({ bid: told }) => told.sequence)).size).toBe(stored.length);
    expect(accepted()).toHaveLength(stored.length);
    const statuses = new Set(ledger.map(({ status }) => status));
    expect([...statuses].sort()).toEqual(statuses.has(200) ? [200, 201, 409] : [201, 409]);
  });

  test("prices rise by the step, in one order, one number a bidder", () => {
    stored.forEach((one, i) => {
      const before = stored[i - 1];
      expect(one.sequence).toBe(i + 1);
      if (before === undefined) return;
      expect(one.amount - before.amount).toBeGreaterThanOrEqual(10);
      expect(Date.parse(one.at)).toBeGreaterThanOrEqual(Date.parse(before.at));
    });
    const numbers = new Map(accepted().map(({ bidder: who, bid: told }) => [who, told.paddle]));
    for (const { bidder: who, bid: told } of accepted()) expect(told.paddle).toBe(numbers.get(who));
    expect(new Set(numbers.values()).size).toBe(numbers.size);
    expect(Math.max(...numbers.values())).toBe(numbers.size);
  });

  test("it was sold once, to the highest bid, and every change was announced in its order", async () => {
    const end = await seen(auction.id);
    const last = stored.at(-1);
    expect(end).toMatchObject({
      outcome: "sold",
      price: last?.amount,
      leader: last?.paddle,
      bids: stored.length,
    });
    const lines = (await eventsOf("crowd")).split("\n").map((line) => line.split("\t"));
    const bids = lines.filter(([type]) => type === "auction.bid").map(([, sequence]) => Number(sequence));
    expect(bids).toEqual(stored.map(({ sequence }) => sequence));
    expect(lines.filter(([type]) => type === "auction.closed")).toHaveLength(1);
    expect(lines.at(-1)?.[0]).toBe("auction.closed");
  });

  test("followers of both instances saw it rise, and end", () => {
    for (const view of views) {
      const versions = view.map((one) => one.auction.version);
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
      expect(view.at(-1)?.auction).toMatchObject({ state: "closed", price: stored.at(-1)?.amount });
    }
    // From the answer to its bidder until followers of both instances know, while both were there.
    const ms = accepted()
      .filter(({ asked, at }) => asked === 1 && at < killedAt)
      .map(({ bid: told, at }) =>
        Math.max(
          ...views.map((view) => (view.find((one) => one.auction.bids >= told.sequence)?.at ?? at) - at),
        ),
      )
      .sort((a, b) => a - b);
    const p = (part: number) => Math.max(0, ms[Math.floor(ms.length * part)] ?? 0);
    console.log(
      `${ledger.length} bids (${ms.length} before the first is killed) of 200 bidders, ${stored.length} accepted, ${ledger.filter(({ asked }) => asked > 1).length} asked again; accepted → all see it: median ${p(0.5)} ms, p99 ${p(0.99)} ms`,
    );
  });

  test("an accepted bid that is asked again, after all of it, has its old answer", async () => {
    for (const { bidder: who, id, amount, bid: told } of accepted().slice(-5)) {
      const again = await bid(anyone, auction.id, who, amount, id);
      expect(again.status).toBe(200);
      expect(again.json.bid).toEqual(told);
    }
  });

  test("and nothing failed inside", async () => {
    for (const app of apps) expect(await app.logs()).not.toMatch(/INTERNAL|unhandled/);
  });
});
