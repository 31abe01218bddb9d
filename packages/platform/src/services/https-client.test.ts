import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { authority, identityOf, leaf } from "../agent/testing/pki.ts";
import { type Asker, askAnew, askAt } from "./https-client.ts";

const ca = await authority(1);
const { cert, key } = identityOf(await leaf(ca, "edge"));
let underWay = 0;
let most = 0;
const server = createServer({ cert, key }, (request, response) => {
  underWay += 1;
  most = Math.max(most, underWay);
  const end = () => {
    underWay -= 1;
    response.end(JSON.stringify({ host: request.headers.host, referer: request.headers.referer }));
  };
  // Long enough for three others to shake hands.
  if (request.url === "/slow") setTimeout(end, 300);
  else end();
});
let connections = 0;
server.on("secureConnection", () => {
  connections += 1;
});
beforeEach(() => {
  connections = 0;
});
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

const ctx = {
  secrets: { identity: async () => ({ ca: ca.certificate, cert, key }) },
  signal: new AbortController().signal,
  patience: 1,
} as unknown as Asker;
/** The same as somebody else, who trusts the same servers. */
const someone = identityOf(await leaf(ca, "stranger"));
const stranger = { ...ctx, secrets: { identity: async () => ({ ...someone, ca: ca.certificate }) } } as Asker;
const at = (serverName: string) => ({
  host: "127.0.0.1",
  port: (server.address() as AddressInfo).port,
  serverName,
});

test("the certificate is to be the server's that is meant, whatever host the question names", async () => {
  const headers = { host: "edge.example", referer: "https://edge.example/" };
  const answer = await askAt(ctx, "edge", at("localhost"), { path: "/", headers });
  expect(JSON.parse(answer.text)).toEqual(headers);
  await expect(askAt(ctx, "edge", at("other.example"), { path: "/" })).rejects.toThrow(
    "edge does not answer: Hostname/IP does not match",
  );
});

test("a connection is kept for the next question of the same asker to the same server, and for no other", async () => {
  const ask = (asker: Asker, more: object = {}) =>
    askAt(asker, "edge", at("localhost"), { path: "/", ...more });
  for (let i = 0; i < 20; i += 1) expect((await ask(ctx)).status).toBe(200);
  const before = connections;
  // One that has just answered may not be free yet when the next question comes.
  expect(before).toBeLessThanOrEqual(2);
  await ask(ctx, { anonymous: true });
  expect(connections).toBe(before + 1);
  await ask(stranger);
  expect(connections).toBe(before + 2);
  // Trusted under one name is not trusted under another.
  await expect(askAt(ctx, "edge", at("other.example"), { path: "/" })).rejects.toThrow("does not match");
});

test("questions at once do not wait for each other", async () => {
  most = 0;
  await Promise.all([1, 2, 3, 4].map(() => askAt(ctx, "edge", at("localhost"), { path: "/slow" })));
  expect(most).toBe(4);
});

test("a connection of its own shows the certificate that is served now", async () => {
  const first = await askAnew(ctx, "edge", at("localhost"), { path: "/" });
  expect(first.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  const renewed = identityOf(await leaf(ca, "edge"));
  server.setSecureContext({ cert: renewed.cert, key: renewed.key });
  expect((await askAnew(ctx, "edge", at("localhost"), { path: "/" })).fingerprint).not.toBe(
    first.fingerprint,
  );
  expect(connections).toBe(2);
});
