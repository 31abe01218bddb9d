/** What the client sends, and what it makes of an answer, over HTTP. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { liveClient } from "./client.ts";

const asked: string[] = [];
const problem = { code: "NO_SUCH_ROOM", reason: "-", text: { en: "-", zh: "-" } };
let answer: { readonly status: number; readonly body: object | undefined };
let server: Server;
let baseUrl: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const {
      authorization = "nobody",
      "idempotency-key": key = "",
      "content-type": type = "",
    } = request.headers;
    asked.push([request.method, request.url, authorization, key, type, await text(request)].join(" ").trim());
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** What was asked meanwhile. */
async function asks(work: () => Promise<unknown>): Promise<string | undefined> {
  await work();
  return asked.at(-1);
}

test("what is asked stands where the document has it: path, query, header, body, token", async () => {
  answer = { status: 200, body: {} };
  const anyone = liveClient({ baseUrl });
  const signedIn = liveClient({ baseUrl, token: "t" });
  const query = { q: "茶 & tea", page: 1 };
  expect(await asks(() => anyone.GET("/v1/search", { params: { query } }))).toBe(
    "GET /v1/search?q=%E8%8C%B6%20%26%20tea&page=1 nobody",
  );
  const params = { path: { id: "a1" }, header: { "idempotency-key": "bid-0001" } };
  expect(await asks(() => signedIn.POST("/v1/auctions/{id}/bids", { params, body: { amount: 100 } }))).toBe(
    'POST /v1/auctions/a1/bids Bearer t bid-0001 application/json {"amount":100}',
  );
});

test("a name cannot become another path", async () => {
  answer = { status: 404, body: problem };
  const of = (name: string) => () =>
    liveClient({ baseUrl }).GET("/v1/rooms/{name}/keys", { params: { path: { name } } });
  expect(await asks(of("../tokens?a=b"))).toBe("GET /v1/rooms/..%2Ftokens%3Fa%3Db/keys nobody");
  for (const [step, sent] of [
    [".", "%252E"],
    ["..", "%252E%252E"],
  ] as const)
    expect(await asks(of(step))).toBe(`GET /v1/rooms/${sent}/keys nobody`);
});

test("a success is its data, a refusal its problem, and silence is thrown", async () => {
  const room = () => liveClient({ baseUrl }).GET("/v1/rooms/{name}", { params: { path: { name: "tea" } } });
  answer = { status: 200, body: { name: "tea" } };
  expect(await room()).toMatchObject({ data: { name: "tea" } });
  answer = { status: 404, body: problem };
  const refused = await room();
  expect([refused.data, refused.error?.code]).toEqual([undefined, "NO_SUCH_ROOM"]);
  answer = { status: 204, body: undefined };
  const gone = await liveClient({ baseUrl }).DELETE("/v1/rooms/{name}", {
    params: { path: { name: "tea" } },
  });
  expect([gone.response.status, gone.data]).toEqual([204, undefined]);
  await expect(liveClient({ baseUrl: "http://127.0.0.1:1" }).GET("/v1/rooms")).rejects.toThrow();
});
