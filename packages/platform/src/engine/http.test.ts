import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callApi, parseAddress, ping, versionAtLeast } from "./http.ts";

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mall-http-"));
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(listener: RequestListener) {
  const path = join(folder, "s");
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return { kind: "unix", path } as const;
}

describe("parseAddress", () => {
  it.each([
    ["unix:///run/docker.sock", undefined, { kind: "unix", path: "/run/docker.sock" }],
    ["tcp://10.0.0.1", undefined, { kind: "tcp", host: "10.0.0.1", port: 2375, certPath: undefined }],
    ["tcp://d.example", "/c", { kind: "tcp", host: "d.example", port: 2376, certPath: "/c" }],
    ["tcp://[::1]:99", undefined, { kind: "tcp", host: "::1", port: 99, certPath: undefined }],
    ["ssh://me@there", undefined, undefined],
    ["npipe:////./pipe/docker", undefined, undefined],
    ["", undefined, undefined],
  ])("%s", (host, certPath, expected) => {
    expect(parseAddress(host, certPath)).toEqual(expected);
  });
});

describe("versionAtLeast", () => {
  it("compares numbers, not letters", () => {
    expect(versionAtLeast("1.51", "1.41")).toBe(true);
    expect(versionAtLeast("1.41", "1.41")).toBe(true);
    expect(versionAtLeast("1.9", "1.41")).toBe(false);
    expect(versionAtLeast("2.40.3", "2.0")).toBe(true);
    expect(versionAtLeast("", "1.41")).toBe(false);
    expect(versionAtLeast("x", "1.41")).toBe(false);
  });
});

describe("ping", () => {
  it("reads version, system and make from the headers", async () => {
    const address = await serve((request, response) => {
      expect(request.url).toBe("/_ping");
      response.writeHead(200, { "Api-Version": "1.51", Ostype: "linux" }).end("OK");
    });
    expect(await ping(address, 1_000)).toEqual({ apiVersion: "1.51", os: "linux", isDocker: true });
  });
  it("knows Podman", async () => {
    const address = await serve((_, response) => {
      response.writeHead(200, { "Api-Version": "1.41", "Libpod-API-Version": "5.4.0" }).end("OK");
    });
    expect((await ping(address, 1_000)).isDocker).toBe(false);
  });
  it("gives up on an engine that accepts and says nothing", async () => {
    const address = await serve(() => undefined);
    await expect(ping(address, 80)).rejects.toThrow("no answer within 80 ms");
  });
  it("rejects where nobody listens, and on an error status", async () => {
    await expect(ping({ kind: "unix", path: join(folder, "none") }, 1_000)).rejects.toThrow("ENOENT");
    const address = await serve((_, response) => response.writeHead(500).end());
    await expect(ping(address, 1_000)).rejects.toThrow("500");
  });
});

describe("callApi", () => {
  it("sends a body as JSON and gives status and text, also of a late half", async () => {
    const address = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.writeHead(201).write("商");
        setTimeout(() => response.end(`${request.method} ${Buffer.concat(chunks)}`), 20);
      });
    });
    const answer = await callApi(address, "/x", { method: "POST", body: { a: 1 } });
    expect(answer).toMatchObject({ status: 201, text: '商POST {"a":1}' });
  });
  it("ends when it is cancelled", async () => {
    const address = await serve(() => undefined);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 30);
    await expect(callApi(address, "/", { signal: abort.signal })).rejects.toThrow(/abort/i);
  });
});
