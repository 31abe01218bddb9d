/** The elasticsearch image by itself: TLS, users from files, what is watched, first formation, the two mains. */
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container, type Standalone } from "../../support/standalone.ts";

const settings = (more = ""): string => `cluster.name: bench
node.name: one
path.data: /data
path.logs: /tmp
path.repo: /snapshots
network.bind_host: 0.0.0.0
network.publish_host: one
discovery.seed_hosts: ["one:9300"]
discovery.initial_state_timeout: 2s
xpack.security.enabled: true
xpack.security.authc.realms.file.previous.order: 0
xpack.security.authc.realms.native.users.order: 1
xpack.security.transport.ssl.enabled: true
xpack.security.transport.ssl.client_authentication: required
xpack.security.transport.ssl.verification_mode: full
xpack.security.transport.ssl.key: certs/tls.key
xpack.security.transport.ssl.certificate: certs/tls.crt
xpack.security.transport.ssl.certificate_authorities: certs/ca.crt
xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.key: certs/tls.key
xpack.security.http.ssl.certificate: certs/tls.crt
xpack.security.http.ssl.certificate_authorities: certs/ca.crt
resource.reload.interval.high: 1s
${more}`;
const files = (more = "") => ({
  "elasticsearch.yml": settings(more),
  "jvm.options": "-Xms256m\n-Xmx256m\n-XX:TieredStopAtLevel=1\n",
  "first-masters": "cluster.initial_master_nodes: [one]\n",
  users: "agent agent superuser\napp app mall-app\n",
});
const passwords = {
  "agent.password": "AgentSecret1",
  "app.password": "AppSecret2",
  "app.password.previous": "AppSecret1",
};

/** Fifteen seconds on a quiet machine. */
const startsWithinMs = 150_000;
vi.setConfig({ testTimeout: 400_000 });

let bench: Bench;
let one: Container;
let image: string;

const node = (more: Partial<Standalone> = {}) =>
  bench.run("one", {
    image,
    uid: 10007,
    config: files(),
    secrets: passwords,
    volume: bench.volume("data"),
    options: ["--volume", `${bench.volume("snapshots")}:/snapshots`],
    ...more,
  });

beforeAll(async () => {
  bench = await Bench.open();
  image = (await readyImages(bench.engine, ["elasticsearch"])).get("elasticsearch")?.tag ?? "";
  one = await node();
  await one.untilHealthy(startsWithinMs);
}, 600_000);
afterAll(() => bench.close(), 60_000);

/** Status that the node answers to a user; log-in and path come in on standard input. */
async function as(user: string, password: string, path = "/_security/_authenticate"): Promise<string> {
  const config = `user = "${user}:${password}"\nurl = "https://localhost:9200${path}"\n`;
  const { stdout } = await one.feed(
    config,
    ...["curl", "--silent", "--cacert", "/secrets/one/current/ca.crt", "--output", "/dev/null"],
    ...["--write-out", "%{http_code}", "--config", "-"],
  );
  return stdout;
}
const ask = async (...words: readonly string[]): Promise<string> =>
  (await one.exec("mall-shell", ...words)).stdout;

test("answers over TLS, with the version it was built for, a newer log4j and the Chinese plugin", async () => {
  expect(await ask("GET", "/")).toContain('"number" : "7.10.2"');
  const jars = (await one.exec("find", "/opt/elasticsearch", "-name", "log4j-core*.jar")).stdout;
  expect(jars).toMatch(/log4j-core-2\.(1[7-9]|[2-9]\d)\.\d+\.jar$/);
  const analyzed = await ask(
    "POST",
    "/_analyze?filter_path=tokens.token",
    "-d",
    '{"analyzer":"smartcn","text":"数据库连接超时"}',
  );
  expect(JSON.parse(analyzed)).toEqual({
    tokens: [{ token: "数据库" }, { token: "连接" }, { token: "超时" }],
  });
  expect(
    await ask(
      "POST",
      "/_analyze?filter_path=tokens.token",
      "-d",
      '{"tokenizer":"smartcn_tokenizer","text":"数据库"}',
    ),
  ).toContain("数据库");
});

test("a plaintext client gets no answer", async () => {
  const host = await one.address();
  const answer = await new Promise<string>((resolve) => {
    const socket = connect({ host, port: 9200 }, () => socket.write("GET / HTTP/1.1\r\nHost: one\r\n\r\n"));
    let read = "";
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on("data", (data) => {
      read += data.toString("latin1");
    });
    socket.on("error", (error) => resolve(String(error)));
    socket.on("close", () => resolve(read));
  });
  expect(answer).not.toContain("HTTP/1.1");
});

test("the operator by its password; another user only by its previous one, until that is gone", async () => {
  expect(await as("agent", "AgentSecret1")).toBe("200");
  expect(await as("agent", "wrong")).toBe("401");
  expect(await as("app", "AppSecret1")).toBe("200");
  // The present one is the index's affair, where nobody has put it.
  expect(await as("app", "AppSecret2")).toBe("401");
  expect(await as("app", "AppSecret1", "/_security/user")).toBe("403");
  await one.putSecret("app.password.previous", undefined);
  await expect.poll(() => as("app", "AppSecret1"), { timeout: 30_000, interval: 300 }).toBe("401");
  await one.putSecret("agent.password", "AgentSecret2");
  await expect.poll(() => as("agent", "AgentSecret2"), { timeout: 30_000, interval: 300 }).toBe("200");
  expect(await as("agent", "AgentSecret1")).toBe("401");
  await one.untilHealthy(startsWithinMs);
});

/** SHA-256 of the certificate that answers at the HTTP port. */
const served = async (): Promise<string> => {
  const host = await one.address();
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port: 9200, ca: bench.authority, servername: "one" }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
};

test("a replaced certificate is served within seconds, without a restart", async () => {
  const before = await served();
  const { restarts } = await one.state();
  for (const [file, content] of Object.entries(await bench.identity("one")))
    await one.putSecret(file, content);
  await expect.poll(served, { timeout: 30_000, interval: 300 }).not.toBe(before);
  expect((await one.state()).restarts).toBe(restarts);
  await one.untilHealthy(startsWithinMs);
});

test("no password is in arguments, environment or log, and what is derived is the user's alone", async () => {
  const { stdout } = await one.exec("sh", "-c", "cat /proc/1/cmdline /proc/1/environ");
  const inspected = JSON.stringify(await bench.engine.api(`/containers/${one.name}/json`));
  for (const place of [stdout, inspected, await one.logs()])
    for (const password of [...Object.values(passwords), "AgentSecret2"])
      expect(place).not.toContain(password);
  for (const file of ["curl", "config/users", "config/certs/tls.key"])
    expect((await one.exec("stat", "-L", "-c", "%a", `/run/mall/${file}`)).stdout).toBe("600");
});

test("a node whose volume is empty begins no cluster once there was one", async () => {
  await expect
    .poll(async () => (await one.exec("cat", "/snapshots/.formed")).stdout, { timeout: 30_000 })
    .toContain("cluster_uuid");
  one = await node({ volume: bench.volume("empty") });
  await expect.poll(() => one.healthy("live"), { timeout: 120_000, interval: 500 }).toBe(true);
  expect(await one.healthy()).toBe(false);
  expect((await one.exec("cat", "/run/mall/config/elasticsearch.yml")).stdout).not.toContain(
    "initial_master",
  );
  // The one that has its data needs nobody's leave.
  one = await node();
  await one.untilHealthy(startsWithinMs);
});

test("a password that could end a line of a derived file stops the start", async () => {
  await one.putSecret("agent.password", "a\nevil:x");
  await bench.engine.tryDocker(["restart", one.name]);
  await expect.poll(async () => (await one.state()).running, { timeout: 30_000 }).toBe(false);
  expect(await one.logs()).toContain("agent.password must be one or more of A-Z a-z 0-9");
});

/** The entrypoint with another number in place of 65,535, by a shell: which main it takes is then ours to say. */
const withLimit = (limit: number): Partial<Standalone> => ({
  options: ["--volume", `${bench.volume(`snapshots-${limit}`)}:/snapshots`, "--entrypoint", "/bin/sh"],
  command: [
    "-c",
    `sed 's/-lt 65535/-lt ${limit}/' /usr/local/bin/entrypoint >/run/mall/start && exec sh /run/mall/start`,
  ],
});

test("too few open files: started without the server's own checks, and said", async () => {
  one = await node({ ...withLimit(100_000_000), volume: bench.volume("short") });
  await one.untilHealthy(startsWithinMs);
  expect(await one.logs()).toContain("started without the server's bootstrap checks");
  expect(await ask("GET", "/_nodes/_local?filter_path=nodes.*.attributes.checked")).toContain('"no"');
});

test("with enough the server's own main, whose security manager lets all of this through", async () => {
  // On loopback its checks warn only: this host may have fewer files than they insist on.
  const own = files()
    ["elasticsearch.yml"].replace("network.bind_host: 0.0.0.0", "network.bind_host: 127.0.0.1")
    .replace("network.publish_host: one", "network.publish_host: 127.0.0.1");
  one = await node({
    ...withLimit(1),
    config: { ...files(), "elasticsearch.yml": own },
    volume: bench.volume("own"),
  });
  await one.untilHealthy(startsWithinMs);
  expect(await one.logs()).toContain("setSecurityManager");
  expect(await ask("GET", "/_nodes/_local?filter_path=nodes.*.attributes.checked")).toContain('"yes"');
  const settings =
    '{"settings":{"number_of_replicas":0},"mappings":{"properties":{"name":{"type":"text","analyzer":"smartcn"}}}}';
  const works: readonly (readonly [readonly string[], string])[] = [
    [
      ["PUT", "/_security/role/mall-app", "-d", '{"indices":[{"names":["a"],"privileges":["all"]}]}'],
      "created",
    ],
    [["PUT", "/_security/user/app", "-d", '{"password":"AppSecret2","roles":["mall-app"]}'], "created"],
    [
      [
        ...["PUT", "/_ingest/pipeline/lines", "-d"],
        '{"processors":[{"grok":{"field":"line","patterns":["%{WORD:word} %{NUMBER:number:int}"]}},{"script":{"source":"ctx.twice = ctx.number * 2"}}]}',
      ],
      "acknowledged",
    ],
    [["PUT", "/a", "-d", settings], "acknowledged"],
    [
      ["PUT", "/a/_doc/1?pipeline=lines&refresh=true", "-d", '{"line":"apple 21","name":"数据库连接"}'],
      "created",
    ],
    [["GET", "/a/_search?q=twice:42&filter_path=hits.total.value"], '"value":1'],
    [["POST", "/a/_update/1", "-d", '{"script":{"source":"ctx._source.number += 1"}}'], "updated"],
    [
      [
        "POST",
        "/a/_search/template?filter_path=hits.total.value",
        "-d",
        '{"source":{"query":{"match":{"name":"{{w}}"}}},"params":{"w":"数据库"}}',
      ],
      '"value":1',
    ],
    [
      ["POST", "/_reindex?refresh=true", "-d", '{"source":{"index":"a"},"dest":{"index":"b"}}'],
      '"created":1',
    ],
    [["PUT", "/_snapshot/s", "-d", '{"type":"fs","settings":{"location":"/snapshots"}}'], "acknowledged"],
    [["PUT", "/_snapshot/s/one?wait_for_completion=true", "-d", '{"indices":"a"}'], "SUCCESS"],
    [["POST", "/_security/api_key", "-d", '{"name":"k"}'], "api_key"],
  ];
  for (const [request, wanted] of works)
    expect((await ask(...request)).replaceAll(/\s/g, ""), request.join(" ")).toContain(wanted);
  expect(await as("app", "AppSecret2", "/a/_search")).toBe("200");
  expect(await one.logs()).not.toContain("AccessControlException");
  await bench.engine.docker(["stop", "--timeout", "60", one.name]);
  expect(await one.logs()).not.toMatch(/AccessControlException|didn't stop/);
});
