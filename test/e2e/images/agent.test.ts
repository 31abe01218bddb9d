/** The agent image by itself, with a stand-in for the agent behind its API: what the probe takes for healthy. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readyImages, repositoryRoot } from "../../support/ready-images.ts";
import { Bench, type Container } from "../../support/standalone.ts";

/** Answers /healthz with the status that /run/mall/status holds, to clients with a certificate only. */
const standIn = `
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
const at = (name) => readFileSync("/secrets/keeper/current/" + name);
createServer(
  { ca: at("ca.crt"), cert: at("tls.crt"), key: at("tls.key"), requestCert: true, rejectUnauthorized: true },
  (request, response) => {
    let status = "200";
    try { status = readFileSync("/run/mall/status", "utf8").trim(); } catch {}
    response.writeHead(request.url === "/healthz" ? Number(status) : 404).end("{}");
  },
).listen(8443);
`;

let bench: Bench;
let keeper: Container;
let image: string;

beforeAll(async () => {
  bench = await Bench.open();
  image = (await readyImages(bench.engine, ["agent"])).get("agent")?.tag ?? "";
  keeper = await bench.run("keeper", {
    image,
    uid: 10004,
    config: { "stand-in.mjs": standIn },
    options: ["--entrypoint", "node"],
    command: ["/config/keeper/stand-in.mjs"],
  });
  await keeper.untilHealthy();
}, 300_000);
afterAll(() => bench.close(), 60_000);

const probes = [{ probe: ["healthcheck"] }, { probe: ["node", "/app/probe.mjs"] }] as const;

test("holds the clone's own bundle, on the Node.js it was built for", async () => {
  expect((await keeper.exec("node", "--version")).stdout).toMatch(/^v24\./);
  const inside = (await keeper.exec("sha256sum", "/app/agent.mjs")).stdout.split(" ")[0];
  const { createHash } = await import("node:crypto");
  const own = await readFile(`${repositoryRoot}/dist/agent/agent.mjs`);
  expect(inside).toBe(createHash("sha256").update(own).digest("hex"));
});

test.each(probes)("$probe: healthy when the API answers 200, and by nothing else", async ({ probe }) => {
  await keeper.exec("rm", "-f", "/run/mall/status");
  expect(await keeper.exec(...probe)).toMatchObject({ exitCode: 0, stdout: "200" });
  await keeper.exec("sh", "-c", "echo 503 > /run/mall/status");
  expect(await keeper.exec(...probe)).toMatchObject({ exitCode: 1, stdout: "503" });
});

test.each(probes)("$probe: a certificate of another CA is not healthy", async ({ probe }) => {
  await keeper.exec("rm", "-f", "/run/mall/status");
  const stranger = await Bench.open();
  try {
    await keeper.putSecret("ca.crt", stranger.authority);
    expect(await keeper.exec(...probe)).toMatchObject({ exitCode: 1 });
  } finally {
    await keeper.putSecret("ca.crt", bench.authority);
    await stranger.close();
  }
  expect(await keeper.exec(...probe)).toMatchObject({ exitCode: 0 });
});

test("the probe fits beside the agent: it takes less than 16 MiB", async () => {
  // Peak memory of openssl once it has the answer, with its connection still open.
  const script = `at=/secrets/keeper/current; (printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n'; sleep 45) |
    openssl s_client -quiet -connect 127.0.0.1:8443 -cert $at/tls.crt -key $at/tls.key >/tmp/answer 2>&1 &
    client=$! tries=0
    until grep -q '^HTTP/1.1 ' /tmp/answer; do
      tries=$((tries + 1)); [ $tries -lt 300 ] || { cat /tmp/answer; exit 1; }; sleep 0.1
    done
    grep VmHWM /proc/$client/status; kill $client`;
  const { stdout, stderr } = await keeper.exec("sh", "-c", script);
  expect(stdout, stderr).toMatch(/VmHWM:\s+\d+ kB/);
  expect(Number(/VmHWM:\s+(\d+) kB/.exec(stdout)?.[1])).toBeLessThan(16 * 1024);
});

test("its own bundle starts, and says in one line what it lacks without a mall", async () => {
  const { exitCode, stdout, stderr } = await bench.engine.tryDocker([
    ...[
      "run",
      "--rm",
      "--read-only",
      "--cap-drop",
      "ALL",
      "--memory",
      "150m",
      "--env",
      "MALL_INSTANCE=x",
      image,
    ],
  ]);
  expect(exitCode).not.toBe(0);
  expect(`${stdout}${stderr}`.trim().split("\n")).toHaveLength(1);
  expect(`${stdout}${stderr}`).toContain("AGENT_SECRET_ABSENT");
});
