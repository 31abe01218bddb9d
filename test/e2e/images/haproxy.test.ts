/** The haproxy image by itself: the probe asks the worker, a reload that does not load changes nothing. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container } from "../../support/standalone.ts";

const config = `global
  maxconn 100
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend in
  bind :8443 ssl crt /secrets/edge/current/tls.pem
  tcp-request connection reject
`;

let bench: Bench;
let edge: Container;

beforeAll(async () => {
  bench = await Bench.open();
  const image = (await readyImages(bench.engine, ["haproxy"])).get("haproxy")?.tag ?? "";
  edge = await bench.run("edge", { image, uid: 10003, config: { "haproxy.cfg": config } });
  await edge.untilHealthy();
}, 300_000);
afterAll(() => bench.close(), 60_000);

/** Process ids: the master, then the worker. */
const workers = async () =>
  (await edge.exec("sh", "-c", "grep -l haproxy /proc/[0-9]*/comm | cut -d/ -f3 | sort -n")).stdout.split(
    "\n",
  );

test("is healthy by the worker's own word, with the version it was built for", async () => {
  const { stdout } = await edge.exec("haproxy", "-v");
  expect(stdout).toContain("HAProxy version 3.2.");
  const probe = await edge.exec("healthcheck");
  expect(probe).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^0d 0h/) });
});

test("reloads by a signal: another worker, the same container", async () => {
  const [master, before] = await workers();
  await bench.engine.docker(["kill", "--signal", "USR2", edge.name]);
  await expect.poll(async () => (await workers()).includes(before ?? ""), { timeout: 30_000 }).toBe(false);
  await edge.untilHealthy();
  expect((await workers())[0]).toBe(master);
  expect(await edge.state()).toMatchObject({ running: true, restarts: 0 });
});

test("a worker that answers no more is not healthy", async () => {
  const [, worker = ""] = await workers();
  await edge.exec("kill", "-STOP", worker);
  // By the container's own clock: what starting a process in it takes is no part of the probe.
  const script =
    "read from _ </proc/uptime; healthcheck; code=$?; read to _ </proc/uptime; echo $code $from $to";
  const [code, from, to] = (await edge.exec("sh", "-c", script)).stdout.split(/\s+/).slice(-3).map(Number);
  expect(code).not.toBe(0);
  expect((to ?? Number.NaN) - (from ?? 0)).toBeLessThan(5);
  await edge.exec("kill", "-CONT", worker);
  await edge.untilHealthy();
});

test("stops at once when it is told to", async () => {
  await bench.stopsWithin(20, edge);
  expect(await edge.healthy()).toBe(false);
});
