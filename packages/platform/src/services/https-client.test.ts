import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authority, identityOf, leaf } from "../agent/testing/pki.ts";
import { type Asker, askAt } from "./https-client.ts";

const ca = await authority(1);
const { cert, key } = identityOf(await leaf(ca, "edge"));
const server = createServer({ cert, key }, (request, response) =>
  response.end(JSON.stringify({ host: request.headers.host, referer: request.headers.referer })),
);
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
