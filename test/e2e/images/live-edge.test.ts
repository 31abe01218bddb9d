/** The live-edge image by itself, in front of stand-ins for ingests and application: who is let in, and what is served. */
import { createHash, X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Dialect,
  dialects,
  md5,
  type SignRequest,
  sign,
} from "../../../packages/live/src/signature/index.ts";
import { ensureBase } from "../../../packages/platform/src/engine/base-image.ts";
import { askedOf, Client, key, ports, startBehind, startEdge } from "../../support/live-edge.ts";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container } from "../../support/standalone.ts";

let bench: Bench;
let edge: Container;
let origins: readonly [Container, Container];
let app: Container;
let client: Client;
let node: string;

const now = (): number => Math.floor(Date.now() / 1000);
const signed = (over: Partial<SignRequest> = {}): string =>
  sign({ dialect: "nginx", use: "play", stream: "room", key, expires: now() + 300, ...over }, md5);

beforeAll(async () => {
  bench = await Bench.open();
  const images = await readyImages(bench.engine, ["live-edge", "agent"]);
  node = images.get("agent")?.tag ?? "";
  // `both` is on each of them, the other streams on one.
  const [first, second, application] = await Promise.all([
    startBehind(bench, node, "origin-1", "both alone"),
    startBehind(bench, node, "origin-2", "both room other"),
    startBehind(bench, node, "app"),
  ]);
  origins = [first, second];
  app = application;
  edge = await startEdge(bench, images.get("live-edge")?.tag ?? "");
  await edge.untilHealthy();
  client = new Client(await edge.address(), bench.authority);
}, 600_000);
afterAll(() => bench.close(), 60_000);

/** Segments are asked for once each, so that no test finds what another one left in the cache. */
let sequence = 100;
const segment = (stream = "room"): string => `/live/${stream}/source/b12345-${++sequence}.ts`;
const served = async (path: string): Promise<number> =>
  (await Promise.all(origins.map(askedOf))).flat().filter(({ url }) => url.startsWith(path)).length;

test("finds its origins by name, and serves", async () => {
  const get = async () => (await client.get(`/live/room.m3u8?${signed()}`)).status;
  await expect.poll(get, { timeout: 30_000 }).toBe(200);
});

test("runs the version it was built for, and is healthy by a worker's own word", async () => {
  expect((await edge.exec("nginx", "-v")).stderr).toContain("nginx/1.30.");
  expect(await edge.exec("healthcheck")).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("ready"),
  });
  expect((await edge.exec("nginx", "-t", "-e", "stderr", "-c", "/run/mall/nginx.conf")).stderr).toContain(
    "is successful",
  );
});

describe("who is let in", () => {
  const paths = ["/live/room.m3u8", "/live/room/source.m3u8", "/live/room/source/b12345-9000.ts"];
  const query = (dialect: Dialect) => signed({ dialect });

  test.each(dialects)("a %s signature opens playlists and segments, with GET and HEAD", async (dialect) => {
    for (const path of paths) {
      expect(await client.get(`${path}?${query(dialect)}`)).toMatchObject({ status: 200 });
      expect(await client.get(`${path}?${query(dialect)}`, { method: "HEAD" })).toMatchObject({
        status: 200,
        body: "",
      });
    }
  });

  const altered = (text: string): string =>
    text.replace(/[0-9a-zA-Z](?=&|$)/, (c) => (c === "a" ? "b" : "a"));
  const refusals: readonly (readonly [string, string, () => string])[] = [
    ["no signature", "missing", () => ""],
    ["other parameters only", "missing", () => "a=1&b=2"],
    ["half a signature", "malformed", () => signed().split("&")[0] ?? ""],
    ["a repeated parameter", "malformed", () => `${signed()}&expires=${now() + 900}`],
    ["two dialects at once", "malformed", () => `${query("nginx")}&${query("tencent")}`],
    ["an encoded name", "malformed", () => `${signed()}&%6dd5=x`],
    ["a number of another form", "malformed", () => signed().replace("expires=", "expires=0")],
    ...dialects.flatMap((dialect) => [
      [`${dialect}: expired`, "expired", () => signed({ dialect, expires: now() - 5 })] as const,
      [`${dialect}: of another stream`, "altered", () => signed({ dialect, stream: "other" })] as const,
      [`${dialect}: by another key`, "altered", () => signed({ dialect, key: `${key}x` })] as const,
    ]),
    ["an altered digest", "altered", () => altered(signed())],
    ["a later time", "altered", () => signed().replace(/expires=.*/, `expires=${now() + 9_000}`)],
    ["a publisher's signature", "altered", () => signed({ dialect: "aliyun", use: "push" })],
  ];
  test.each(refusals)("%s: %s", async (_, code, made) => {
    const before = await served("/live/room/source/b12345-7777.ts");
    for (const path of [...paths, "/live/room/source/b12345-7777.ts"]) {
      const { status, headers, body } = await client.get(`${path}?${made()}`);
      expect({ path, status, code: headers["x-refused"], body }).toEqual({
        path,
        status: 403,
        code,
        body: `${code}\n`,
      });
      expect(headers["cache-control"]).toBe("no-store");
    }
    expect(await served("/live/room/source/b12345-7777.ts")).toBe(before);
  });

  test.each(["/live/Room.m3u8", "/live/room/source/b12345-01.ts", "/live/room", "/live/a%0a.m3u8"])(
    "%s names nothing",
    async (path) => {
      expect(await client.get(`${path}?${signed()}`)).toMatchObject({
        status: 403,
        headers: { "x-refused": "malformed" },
      });
    },
  );

  test("pages of others are refused, named ones, our own and players without a page are not", async () => {
    const from = async (referer: string) => {
      const { status, headers } = await client.get(`/live/room.m3u8?${signed()}`, { headers: { referer } });
      return headers["x-refused"] ?? status;
    };
    expect(await from("https://evil.example/")).toBe("referer");
    expect(await from("https://shop.example.evil.example/")).toBe("referer");
    expect(await from("nonsense")).toBe("referer");
    expect(await from("https://shop.example/room?x=1")).toBe(200);
    expect(await from("https://a.partner.example/")).toBe(200);
    expect(await from("https://edge:8443/watch/room")).toBe(200);
  });

  test("a stream that is not live is 404, a request to write 405, and a page may ask from anywhere", async () => {
    expect((await client.get(`/live/nothing.m3u8?${signed({ stream: "nothing" })}`)).status).toBe(404);
    expect((await client.get(`/live/room.m3u8?${signed()}`, { method: "POST" })).status).toBe(405);
    const asked = await client.get("/live/room.m3u8", {
      method: "OPTIONS",
      headers: { origin: "https://x.example" },
    });
    expect(asked).toMatchObject({ status: 204, headers: { "access-control-allow-origin": "*" } });
  });
});

describe("what is served", () => {
  test("a playlist leads on with the same signature and nothing else", async () => {
    const query = signed({ dialect: "aliyun" });
    const master = await client.get(`/live/room.m3u8?v=1&${query}&x=2`);
    expect(master.body).toBe(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=600000\nroom/source.m3u8?${query}\n`);
    expect(master.headers).toMatchObject({
      "cache-control": "no-cache",
      "content-type": "application/vnd.apple.mpegurl",
    });
    expect(master.headers.etag).toBeUndefined();
    const media = await client.get(`/live/${master.body.split("\n")[2]}`);
    const lines = media.body.split("\n").filter((line) => line.includes(".ts"));
    expect(lines).toEqual([
      `#EXT-X-MAP:URI="/live/room/source/b12345-0.ts?${query}"`,
      `/live/room/source/b12345-1.ts?${query}`,
      `source/b12345-2.ts?${query}`,
    ]);
    const first = await client.get(lines[1] ?? "");
    expect(first).toMatchObject({
      status: 200,
      headers: { "content-type": "video/mp2t", "content-length": "300000" },
    });
    expect(first.headers["cache-control"]).toContain("immutable");
  });

  test("nothing of a viewer but the path reaches the ingest, and the ingest knows who asks", async () => {
    const path = segment();
    const headers = { cookie: "a=b", "x-forwarded-for": "10.9.9.9", authorization: "Bearer x" };
    await client.get(`${path}?${signed()}`, { headers });
    const asked = (await askedOf(origins[1])).find(({ url }) => url.startsWith(path));
    expect(asked).toMatchObject({ url: path, by: "edge" });
    expect(Object.keys(asked?.headers ?? {})).toEqual(["host"]);
  });

  test("a segment is fetched once, however many ask at once and by whatever signature", async () => {
    const path = segment();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        client.get(`${path}?${signed({ dialect: dialects[i % 3] ?? "nginx", expires: now() + 300 + i })}`),
      ),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({
      status: 200,
      headers: { "x-cache": expect.stringMatching(/HIT|MISS/) },
    });
    // The ingest without the stream says so; the other one is asked once.
    expect((await askedOf(origins[1])).filter(({ url }) => url === path)).toHaveLength(1);
    expect((await askedOf(origins[0])).filter(({ url }) => url === path).length).toBeLessThanOrEqual(1);
    expect((await client.get(`${path}?${signed()}`)).headers["x-cache"]).toBe("HIT");
    const part = await client.get(`${path}?${signed()}`, { headers: { range: "bytes=10-19" } });
    expect(part).toMatchObject({ status: 206, headers: { "content-range": "bytes 10-19/300000" } });
  });

  test("a playlist is fetched at most twice a second, and is never older", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const path = `/live/other/source.m3u8?${signed({ stream: "other" })}`;
    const began = Date.now();
    let asked = 0;
    while (Date.now() - began < 2_000 || asked <= 100) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => client.get(path, { agent })));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      asked += answers.length;
    }
    agent.destroy();
    const halves = Math.ceil((Date.now() - began) / 500) + 1;
    const fetched = (await askedOf(origins[1])).filter(({ url }) => url === "/live/other/source.m3u8").length;
    expect(fetched).toBeGreaterThan(2);
    expect(fetched).toBeLessThanOrEqual(halves);
  });

  test("over HTTP/2, many at once on one connection", async () => {
    const answers = await client.getHttp2(Array.from({ length: 20 }, () => `${segment()}?${signed()}`));
    expect(answers.map(({ status, protocol }) => `${status} ${protocol}`)).toEqual(Array(20).fill("200 h2"));
    expect(answers[0]?.headers["alt-svc"]).toBe('h3=":8443"; ma=86400');
    expect(answers.map(({ body }) => body.length)).toEqual(Array(20).fill(300_000));
  });

  test("pages and API come from the application, which takes nobody behind the edge for a service", async () => {
    const { body, headers } = await client.get("/v1/rooms?lang=zh", {
      headers: { "x-forwarded-for": "10.9.9.9" },
    });
    expect(headers["alt-svc"]).toContain("h3=");
    const seen = JSON.parse(body);
    expect(seen).toMatchObject({
      url: "/v1/rooms?lang=zh",
      certified: false,
      headers: { "x-forwarded-proto": "https" },
    });
    expect(seen.headers["x-forwarded-for"]).not.toContain("10.9.9.9");
    expect((await client.get("/watch/room")).status).toBe(200);
    expect((await client.get("/")).status).toBe(200);
    const script = await client.get("/assets/app.js", { headers: { "accept-encoding": "gzip" } });
    expect(script).toMatchObject({ status: 200, headers: { "content-encoding": "gzip" } });
    for (const path of ["/internal/publish", "/metrics", "/ready", "/live/..%2fx.m3u8", "/stub_status"]) {
      expect([path, (await client.get(path)).status]).toEqual([path, 404]);
    }
    expect((await askedOf(app)).filter(({ url }) => url.startsWith("/internal"))).toEqual([]);
  });

  test("who asks the API too often is told so", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 10 });
    const began = Date.now();
    const answers = await Promise.all(Array.from({ length: 40 }, () => client.get("/v1/rooms", { agent })));
    agent.destroy();
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    // One and the burst of ten at once, then five a second.
    const allowed = 11 + 5 * Math.ceil((Date.now() - began) / 1_000);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(allowed);
  });
});

describe("HTTP/3", () => {
  // Debian's curl speaks it. A container of the base suite beside the edge, for as long as this takes.
  const curl = async (...paths: readonly string[]) => {
    const { reference } = await ensureBase(bench.engine, "sid");
    const urls = paths.map((path) => `'https://edge:8443${path}'`).join(" ");
    const script = `set -eu
      cat >/tmp/ca.crt
      apt-get -qq -o Acquire::Check-Valid-Until=false update
      apt-get -qq -y -o APT::Install-Recommends=false install curl >/dev/null 2>&1
      curl -sS --http3-only --cacert /tmp/ca.crt -w '%{stderr}\\n%{http_version} %{response_code} %{size_download}\\n' ${urls}`;
    const network = edge.name.replace(/-edge$/, "");
    return bench.engine.docker(
      [
        "run",
        "--rm",
        "-i",
        "--network",
        network,
        "--name",
        `${edge.name}-curl`,
        reference,
        "sh",
        "-c",
        `{ ${script}\n} 2>&1`,
      ],
      { input: bench.authority },
    );
  };

  test("serves playlists and segments, and refuses as elsewhere", async () => {
    const answer = await curl(
      `/live/room/source.m3u8?${signed()}`,
      "/live/room.m3u8",
      `${segment()}?${signed()}`,
    );
    expect(answer).toContain("#EXT-X-TARGETDURATION:3");
    expect(answer.match(/^3 \d{3} \d+$/gm)).toEqual([
      expect.stringMatching(/^3 200 /),
      "3 403 8",
      "3 200 300000",
    ]);
  }, 180_000);
});

describe("while it runs", () => {
  const status = async (by: string): Promise<number> =>
    (await client.get(`/live/room.m3u8?${signed({ key: by })}`)).status;

  test("a key is rotated: both hold, then the new one", async () => {
    const newer = "the-key-that-comes-next-0123456789";
    expect([await status(key), await status(newer)]).toEqual([200, 403]);
    await edge.putSecret("play.key.previous", key);
    await edge.putSecret("play.key", newer);
    await expect.poll(() => status(newer), { timeout: 30_000 }).toBe(200);
    expect(await status(key)).toBe(200);
    await edge.putSecret("play.key.previous", undefined);
    await expect.poll(() => status(key), { timeout: 30_000 }).toBe(403);
    expect(await status(newer)).toBe(200);
    // A file that is empty for a moment is no key, and takes none away.
    await edge.putSecret("play.key", "");
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await status(newer)).toBe(200);
    const unkeyed = createHash("md5")
      .update(`${now() + 60}/live/room `)
      .digest("base64url");
    expect((await client.get(`/live/room.m3u8?md5=${unkeyed}&expires=${now() + 60}`)).status).toBe(403);
    await edge.putSecret("play.key", key);
    await expect.poll(() => status(key), { timeout: 30_000 }).toBe(200);
  });

  test("who watches is counted, told to nobody without a certificate, and forgotten", async () => {
    const identity = await bench.identity("operator");
    const operator = {
      port: ports.status,
      identity: { cert: identity["tls.crt"] ?? "", key: identity["tls.key"] ?? "" },
    };
    const count = async () => JSON.parse((await client.get("/v1/viewers", operator)).body).streams;
    const watch = (i: number) =>
      client.get(`/live/both/source.m3u8?${signed({ stream: "both", expires: now() + 300 + i })}`);
    const query = `/live/both/source.m3u8?${signed({ stream: "both", expires: now() + 900 })}`;
    expect((await count()).both).toBeUndefined();
    await Promise.all([watch(1), watch(2), watch(3), client.get(query), client.get(query)]);
    await client.get(`/live/both.m3u8?${signed({ stream: "both", expires: now() + 901 })}`);
    await client.get(`/live/nothing/source.m3u8?${signed({ stream: "nothing" })}`);
    expect(await count()).toMatchObject({ both: 4 });
    expect((await count()).nothing).toBeUndefined();
    expect((await client.get("/stub_status", operator)).body).toContain("Active connections");
    expect((await client.get("/v1/viewers", { port: ports.status })).status).toBe(400);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    await watch(1);
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    expect(await count()).toMatchObject({ both: 1 });
  });

  test("plain HTTP gets no answer on either port", async () => {
    expect(await client.plaintext(ports.https)).toBe(0);
    expect(await client.plaintext(ports.status)).toBe(0);
  });

  test("a renewed certificate is served without a failed request", async () => {
    const fingerprint = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(
          { host: client.host, port: 8443, ca: bench.authority, servername: "edge" },
          () => {
            resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? "");
            socket.destroy();
          },
        );
        socket.on("error", reject);
      });
    const files = await edge.renew();
    const wanted = new X509Certificate(files["tls.crt"] ?? "").fingerprint256;
    const answers: number[] = [];
    for (const end = Date.now() + 15_000; (await fingerprint()) !== wanted; ) {
      if (Date.now() > end) throw new Error(await edge.logs());
      answers.push((await client.get(`/live/room.m3u8?${signed()}`)).status);
    }
    answers.push((await client.get(`${segment()}?${signed()}`)).status);
    expect(new Set(answers)).toEqual(new Set([200]));
    expect((await edge.state()).restarts).toBe(0);
  });

  test("an ingest that hangs or is gone is passed over, and found again at another address", async () => {
    const query = signed({ stream: "both" });
    const get = async () => {
      const started = Date.now();
      const { status } = await client.get(`${segment("both")}?${query}`);
      return { status, ms: Date.now() - started };
    };
    await bench.engine.docker(["pause", origins[0].name]);
    const hung = [];
    for (let i = 0; i < 6; i++) hung.push(await get());
    expect(hung.map((one) => one.status)).toEqual(Array(6).fill(200));
    // At most one waits for the connection or, on a kept one, for the answer; after it the ingest is left alone.
    expect(hung.filter((one) => one.ms > 1_000).length).toBeLessThanOrEqual(2);
    expect(Math.max(...hung.map((one) => one.ms))).toBeLessThan(6_000);
    await bench.engine.docker(["unpause", origins[0].name]);
    await bench.remove("origin-1");
    for (let i = 0; i < 6; i++) expect(await get()).toMatchObject({ status: 200 });
    expect(
      (await client.get(`/live/alone.m3u8?${signed({ stream: "alone" })}`)).status,
    ).toBeGreaterThanOrEqual(404);
    // Its old address is somebody else's now.
    await startBehind(bench, node, "elsewhere");
    origins = [await startBehind(bench, node, "origin-1", "both alone"), origins[1]];
    await expect
      .poll(async () => (await client.get(`/live/alone.m3u8?${signed({ stream: "alone" })}`)).status, {
        timeout: 30_000,
      })
      .toBe(200);
  }, 180_000);

  test("its logs tell stream, viewer and bytes, and hold neither a signature nor a key", async () => {
    const query = signed();
    const path = segment();
    await client.get(`${path}?${query}`);
    await expect.poll(async () => await edge.logs(), { timeout: 30_000 }).toContain(`"uri":"${path}"`);
    const logs = await edge.logs();
    const line = logs.split("\n").find((one) => one.includes(`"uri":"${path}"`)) ?? "";
    expect(JSON.parse(line)).toMatchObject({
      ...{ edge: "edge", status: 200, stream: "room", bytes: 300_000, refused: "", method: "GET" },
      viewer: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    // The hung ingest has left its lines, which name the request; what opens it is cut off.
    expect(logs.split("\n").filter((one) => /request: "GET \/live\/both\/\S+\?… HTTP/.test(one))).not.toEqual(
      [],
    );
    expect(logs).not.toMatch(/md5=|expires=|txSecret|txTime|auth_key/);
    expect(logs).not.toContain(key);
    expect((await edge.exec("cat", "/run/mall/nginx.conf")).stdout).not.toContain(key);
  });

  test("stops when it is told to, once everybody is served", async () => {
    const slow = client.get(`${segment()}?${signed()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await bench.stopsWithin(20, edge);
    expect((await slow).body).toHaveLength(300_000);
    expect(await edge.state()).toMatchObject({ running: false, exitCode: 0 });
  });
});
