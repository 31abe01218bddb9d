import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Engine } from "./engine.ts";
import { registryAnswers, rememberRegistry } from "./registry-probe.ts";

let folder: string;
let mirror: Server;
let asked: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "mall-registry-"));
  vi.stubEnv("MALL_HOME", folder);
  asked = [];
  mirror = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(401).end();
  });
  await new Promise<void>((resolve) => mirror.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  vi.unstubAllEnvs();
  mirror.closeAllConnections();
  mirror.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An engine with that mirror in its configuration; the probe asks it for nothing else. */
const engineWith = (mirrors: readonly string[]): Engine => ({
  kind: "host",
  host: "unix:///none",
  apiVersion: "1.51",
  env: {},
  docker: () => Promise.reject(new Error("not asked")),
  tryDocker: () => Promise.reject(new Error("not asked")),
  exec: () => Promise.reject(new Error("not asked")),
  dockerJson: () => Promise.reject(new Error("not asked")),
  api: async (path) => (path === "/info" ? { RegistryConfig: { Mirrors: mirrors } } : {}),
});
const here = () => `http://127.0.0.1:${(mirror.address() as AddressInfo).port}/`;

describe("registryAnswers", () => {
  it("is true when a mirror of the engine answers, and is asked once", async () => {
    const engine = engineWith([here()]);
    expect(await registryAnswers(engine)).toBe(true);
    expect(await registryAnswers(engine)).toBe(true);
    expect(asked).toEqual(["/v2/"]);
  });

  it("believes an earlier silence for an hour and no longer", async () => {
    const engine = engineWith([here()]);
    await rememberRegistry(false);
    expect(await registryAnswers(engine)).toBe(false);
    expect(asked).toEqual([]);
    writeFileSync(
      join(folder, "registry.json"),
      JSON.stringify({ answers: false, atMs: Date.now() - 3_700_000 }),
    );
    expect(await registryAnswers(engine)).toBe(true);
  });

  it("asks again when the kept answer is from the future or broken", async () => {
    for (const kept of [JSON.stringify({ answers: false, atMs: Date.now() + 60_000 }), "{"]) {
      writeFileSync(join(folder, "registry.json"), kept);
      expect(await registryAnswers(engineWith([here()]))).toBe(true);
    }
  });
});
