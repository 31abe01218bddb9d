import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ensureEngine, findEngine } from "./find.ts";
import { layoutOf } from "./private/layout.ts";

let folder: string;
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mall-find-"));
  // A `docker` with both plugins that says its versions and, for anything else, what it was asked.
  const docker = `#!/bin/sh
case "$1 $2" in
  "compose version") echo v2.40.3 ;;
  "buildx version") echo buildx v0.29 ;;
  fail*) echo first >&2; echo "no space left on device" >&2; exit 1 ;;
  bad*) echo "$DOCKER_HOST" >&2; exit 9 ;;
  *) echo "$DOCKER_HOST $*" ;;
esac
`;
  for (const name of [
    "bin/docker",
    "config/cli-plugins/docker-compose",
    "config/cli-plugins/docker-buildx",
  ]) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), docker);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv("MALL_HOME", join(folder, "state"));
  vi.stubEnv("HOME", folder);
  vi.stubEnv("DOCKER_CONFIG", join(folder, "config"));
  vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env.PATH}`);
  vi.stubEnv("DOCKER_HOST", undefined);
  vi.stubEnv("DOCKER_CONTEXT", undefined);
  vi.stubEnv("XDG_RUNTIME_DIR", undefined);
  vi.stubEnv("MALL_ENGINE", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Fake {
  readonly api?: string;
  readonly os?: string;
  readonly podman?: boolean;
}

/** Something that answers as an engine does; gives its DOCKER_HOST. */
async function fakeEngine(path: string, fake: Fake = {}): Promise<string> {
  mkdirSync(join(path, ".."), { recursive: true });
  const server = createServer((request, response) => {
    const headers = { "Api-Version": fake.api ?? "1.51", Ostype: fake.os ?? "linux" };
    if (request.url === "/_ping") {
      response
        .writeHead(200, { ...headers, ...(fake.podman ? { "Libpod-Api-Version": "5" } : {}) })
        .end("OK");
    } else if (request.url?.endsWith("/gone")) response.writeHead(404).end('{"message":"no such thing"}');
    else if (request.url?.endsWith("/empty")) response.writeHead(204).end();
    else response.end(JSON.stringify({ url: request.url }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return `unix://${path}`;
}

const host = () => fakeEngine(join(folder, "host.sock"));

describe("ensureEngine with an engine that is there", () => {
  it("uses the one that DOCKER_HOST names and remembers it", async () => {
    const named = await host();
    vi.stubEnv("DOCKER_HOST", named);
    const engine = await ensureEngine();
    expect(engine).toMatchObject({
      kind: "host",
      host: named,
      apiVersion: "1.51",
      env: { DOCKER_HOST: named },
    });
    vi.stubEnv("DOCKER_HOST", undefined);
    expect((await ensureEngine()).host).toBe(named);
  });

  it("does not go to another one when the one named, or used before, is away", async () => {
    const named = await host();
    vi.stubEnv("DOCKER_HOST", named);
    await ensureEngine();
    await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
    await expect(ensureEngine()).rejects.toMatchObject({ code: "ENGINE_UNREACHABLE" });
    vi.stubEnv("DOCKER_HOST", undefined);
    await expect(ensureEngine()).rejects.toMatchObject({ code: "ENGINE_UNREACHABLE" });
  });

  it.each<[string, Fake, RegExp]>([
    ["too old an API", { api: "1.40" }, /1\.41/],
    ["no version at all", { api: "" }, /older/],
    ["Windows containers", { os: "windows" }, /windows/],
    ["Podman", { podman: true }, /Podman/],
  ])("refuses %s and says why", async (_, fake, why) => {
    vi.stubEnv("DOCKER_HOST", await fakeEngine(join(folder, "odd.sock"), fake));
    const attempt = ensureEngine();
    await expect(attempt).rejects.toMatchObject({ code: "ENGINE_UNSUITABLE" });
    await expect(attempt).rejects.toThrow(why);
  });

  it("refuses an engine behind ssh: its ports are another machine's", async () => {
    vi.stubEnv("DOCKER_HOST", "ssh://me@there");
    await expect(ensureEngine()).rejects.toMatchObject({ code: "ENGINE_UNSUITABLE" });
  });

  it("knows its own private engine behind DOCKER_HOST", async () => {
    vi.stubEnv("DOCKER_HOST", await fakeEngine(layoutOf().socket));
    const engine = await ensureEngine();
    expect(engine.kind).toBe("private");
    expect(engine.env.DOCKER_CONFIG).toBe(layoutOf().cli);
    expect(engine.env.PATH?.startsWith(`${layoutOf().bin}:`)).toBe(true);
  });

  it("keeps to its private engine once it has one", async () => {
    await fakeEngine(layoutOf().socket);
    vi.stubEnv("MALL_ENGINE", "private");
    await ensureEngine();
    vi.stubEnv("MALL_ENGINE", undefined);
    expect((await ensureEngine()).kind).toBe("private");
  });

  it("says which values MALL_ENGINE may have", async () => {
    vi.stubEnv("MALL_ENGINE", "podman");
    await expect(ensureEngine()).rejects.toMatchObject({ code: "ENGINE_CHOICE_INVALID", exit: "input" });
  });

  it("is warm within 100 ms, the figure promised", async () => {
    vi.stubEnv("DOCKER_HOST", await host());
    await ensureEngine();
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const started = performance.now();
      await ensureEngine();
      times.push(performance.now() - started);
    }
    expect(Math.min(...times)).toBeLessThan(100);
  });
});

describe("findEngine", () => {
  it("finds none, starts none and writes nothing where none runs", async () => {
    vi.stubEnv("MALL_ENGINE", "private");
    expect(await findEngine()).toBeUndefined();
    expect(() => readFileSync(join(folder, "state"))).toThrow("ENOENT");
  });
});

describe("Engine", () => {
  const engine = async () => {
    vi.stubEnv("DOCKER_HOST", await host());
    return ensureEngine();
  };

  it("runs docker against itself", async () => {
    const { docker, dockerJson, host: at } = await engine();
    expect(await docker(["ps", "-a"])).toBe(`${at} ps -a`);
    await expect(dockerJson(["ps"])).rejects.toThrow(SyntaxError);
  });

  it("turns a failure into an error with the engine's words, without arguments that may be long", async () => {
    const { docker } = await engine();
    await expect(docker(["bad", "a", "b", "c"])).rejects.toMatchObject({
      code: "ENGINE_COMMAND_FAILED",
      message: expect.stringMatching(/'docker bad a b …' ended with exit code 9[\s\S]*unix:/),
    });
  });

  it("says that the disk is full when that is what docker says", async () => {
    const { docker } = await engine();
    await expect(docker(["fail"])).rejects.toMatchObject({ code: "DISK_FULL" });
  });

  it("speaks the API in its own version", async () => {
    const { api } = await engine();
    expect(await api("/info")).toEqual({ url: "/v1.51/info" });
    expect(await api("/empty")).toBeUndefined();
    await expect(api("/gone")).rejects.toThrow(/status 404[\s\S]*no such thing/);
  });
});
