import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hostCandidates } from "./host-engine.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "mall-host-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function writeContext(name: string, host: string, tls = false): void {
  const id = createHash("sha256").update(name).digest("hex");
  const folder = join(home, ".docker/contexts/meta", id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "meta.json"),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
  if (tls) mkdirSync(join(home, ".docker/contexts/tls", id, "docker"), { recursive: true });
}

describe("hostCandidates", () => {
  it("is DOCKER_HOST and nothing else when it is set", async () => {
    const env = {
      HOME: home,
      DOCKER_HOST: "tcp://d:2376",
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: "/certs",
    };
    expect(await hostCandidates(env)).toEqual([
      { host: "tcp://d:2376", explicit: true, from: "DOCKER_HOST", certPath: "/certs" },
    ]);
  });

  it("is the context in use, with its certificates", async () => {
    writeContext("far", "tcp://far:2376", true);
    writeFileSync(join(home, ".docker/config.json"), '{"currentContext":"far"}');
    const [only, ...more] = await hostCandidates({ HOME: home });
    expect(only).toMatchObject({ host: "tcp://far:2376", explicit: true });
    expect(only?.certPath).toContain("/tls/");
    expect(more).toEqual([]);
  });

  it("lets DOCKER_CONTEXT go before the context in use", async () => {
    writeContext("a", "unix:///a.sock");
    writeContext("b", "unix:///b.sock");
    writeFileSync(join(home, ".docker/config.json"), '{"currentContext":"a"}');
    expect(await hostCandidates({ HOME: home, DOCKER_CONTEXT: "b" })).toMatchObject([
      { host: "unix:///b.sock" },
    ]);
  });

  it("names a context that does not exist, so that it is reported and not passed over", async () => {
    expect(await hostCandidates({ HOME: home, DOCKER_CONTEXT: "gone" })).toMatchObject([
      { host: "context gone", explicit: true },
    ]);
  });

  it("looks for sockets where the context is the default one", async () => {
    const runtime = join(home, "run");
    mkdirSync(runtime);
    writeFileSync(join(runtime, "docker.sock"), "");
    mkdirSync(join(home, ".docker"));
    writeFileSync(join(home, ".docker/config.json"), '{"currentContext":"default"}');
    const found = await hostCandidates({ HOME: home, XDG_RUNTIME_DIR: runtime });
    expect(found).toContainEqual({
      host: `unix://${runtime}/docker.sock`,
      explicit: false,
      from: "its default socket",
      certPath: undefined,
    });
  });
});
