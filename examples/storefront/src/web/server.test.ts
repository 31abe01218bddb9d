/** The web server's own manners, without a mall: who may ask, what is refused how. The rest is tested on a real one. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RedisUnavailable } from "../redis.ts";
import type { SessionStore } from "../session.ts";
import type { Shop } from "../shop.ts";
import { cookieOf, type WebContext } from "./context.ts";
import { webServer } from "./server.ts";

let folder: string;
let app: FastifyInstance;
let isRedisAway = false;

const sessions: SessionStore = {
  begin: async () => "token",
  find: async (token) => {
    if (isRedisAway) throw new RedisUnavailable("away");
    return token === "good" ? 7 : undefined;
  },
  end: async () => {},
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shop-page-"));
  for (const name of ["index.html", "app.js", "app.css", "icon.svg"])
    await writeFile(join(folder, name), name);
  const shop = {
    sessions,
    carts: { read: async () => [] },
    catalogues: [],
    manifest: { size: { consumers: 3, merchants: 2 } },
  } as unknown as Shop;
  const context = { shop, merchantSessions: sessions, reading: { withinMs: 1 }, writing: { withinMs: 1 } };
  app = await webServer(context as WebContext, folder);
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

const ask = (url: string, more: object = {}) =>
  app.inject({ url, headers: { host: "127.0.0.1:8088" }, ...more });

test("every address of the page is the page; what is no file and no part of the API as well", async () => {
  for (const url of ["/", "/product/5", "/cart", "/.env"]) {
    const answer = await ask(url);
    expect(answer.body).toBe("index.html");
    expect(answer.headers["content-security-policy"]).toContain("script-src 'self'");
  }
  expect((await ask("/api/nothing")).statusCode).toBe(404);
});

test("another name that leads here, and requests of another page, are refused", async () => {
  expect((await ask("/api/shop", { headers: { host: "shop.example" } })).statusCode).toBe(421);
  const headers = { host: "127.0.0.1:8088", origin: "http://evil.example", cookie: "shop_session=good" };
  const answer = await ask("/api/cart", { method: "PUT", headers, payload: { productId: 1, units: 1 } });
  expect(answer.statusCode).toBe(403);
});

test("without a session: 401; with one that Redis has lost as well; Redis away: 503, and no other error", async () => {
  expect((await ask("/api/cart")).statusCode).toBe(401);
  const headers = { host: "127.0.0.1:8088", cookie: "shop_session=lost" };
  expect((await ask("/api/cart", { headers })).statusCode).toBe(401);
  isRedisAway = true;
  const answer = await ask("/api/cart", { headers });
  isRedisAway = false;
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toEqual({ error: "busy", detail: "try again in a moment" });
});

test.each([
  ["no key", { lines: [{ productId: 1, units: 1, unitPriceCents: 1 }] }],
  ["no lines", { key: "0".repeat(32), lines: [] }],
  ["units of nothing", { key: "0".repeat(32), lines: [{ productId: 1, units: 0, unitPriceCents: 1 }] }],
  [
    "something else beside",
    { key: "0".repeat(32), lines: [{ productId: 1, units: 1, unitPriceCents: 1 }], consumerId: 9 },
  ],
])("an order with %s is refused before anything is asked", async (_, payload) => {
  const headers = { host: "127.0.0.1:8088", cookie: "shop_session=good" };
  const answer = await ask("/api/orders", { method: "POST", headers, payload });
  expect(answer.statusCode).toBe(400);
  expect(answer.json().error).toBe("wrong-input");
});

test("a picture's name that is none leads nowhere", async () => {
  for (const name of ["..%2f..%2fetc%2fpasswd", "1-abc.svg", "x-0123456789ab.svg"])
    expect((await ask(`/pictures/${name}`)).statusCode).toBe(404);
});

test("cookies are read as they are written", () => {
  expect(cookieOf("a=1; shop_session=x; b=2", "shop_session")).toBe("x");
  expect(cookieOf("shop_session=", "shop_session")).toBeUndefined();
  expect(cookieOf(undefined, "shop_session")).toBeUndefined();
});
