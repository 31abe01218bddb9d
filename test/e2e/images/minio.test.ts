/** The minio image by itself: what it refuses to start with, TLS, the probe, the shell, and nothing secret to be seen. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container, type Standalone } from "../../support/standalone.ts";

const password = "RootSecret123456";
const environment = `MINIO_VOLUMES /data/drive
MINIO_API_REQUESTS_MAX 40
MINIO_UPDATE off
GOMEMLIMIT 300MiB
`;

let bench: Bench;
let one: Container;
let image: string;

const node = (instance: string, more: Partial<Standalone> = {}) =>
  bench.run(instance, {
    image,
    uid: 10008,
    config: { "minio.env": environment },
    secrets: { "root.password": password },
    volume: bench.volume(`${instance}-data`),
    ...more,
  });

beforeAll(async () => {
  bench = await Bench.open();
  image = (await readyImages(bench.engine, ["minio"])).get("minio")?.tag ?? "";
  one = await node("one");
  await one.untilHealthy();
}, 900_000);
afterAll(() => bench.close(), 60_000);

const shell = async (...command: readonly string[]): Promise<string> => {
  const { stdout, stderr, exitCode } = await one.exec("/usr/local/bin/mall-shell", ...command);
  if (exitCode !== 0) throw new Error(stderr || stdout);
  return stdout;
};

test("mall-shell is root on this node: a bucket, an object, and its content back", async () => {
  await shell("mb", "mall/pictures");
  const piped = await one.feed("content", "/usr/local/bin/mall-shell", "pipe", "mall/pictures/one");
  expect(piped).toMatchObject({ exitCode: 0 });
  expect(await shell("cat", "mall/pictures/one")).toBe("content");
});

test("its variables are those of minio.env, and no secret stands in environment or arguments", async () => {
  const { stdout } = await one.exec(
    "sh",
    "-c",
    "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'",
  );
  expect(stdout).toContain("MINIO_API_REQUESTS_MAX=40");
  expect(stdout).toContain("GOMEMLIMIT=300MiB");
  expect(stdout).not.toContain(password);
  expect(await one.logs()).not.toContain(password);
});

test("the version is the one that was built, and it is not root that runs it", async () => {
  expect((await one.exec("minio", "--version")).stdout).toContain("RELEASE.2026-02-12T20-18-48Z");
  expect((await one.exec("id", "-u")).stdout.trim()).toBe("10008");
});

test("the probe follows the certificate: it fails when the served one is not of the CA beside it", async () => {
  await one.untilHealthy();
  await one.putSecret("ca.crt", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
  expect(await one.healthy()).toBe(false);
  await one.putSecret("ca.crt", bench.authority);
  await one.untilHealthy();
});

test.each([
  ["no configuration", { config: {} }, "minio.env"],
  ["no password", { secrets: {} }, "root.password"],
  ["a password that could end a word", { secrets: { "root.password": "a b" } }, "must be one or more of"],
  ["a line that is no variable", { config: { "minio.env": "a-b c\n" } }, "is no name of a variable"],
] as const)("it does not start with %s, and says so", async (what, more, says) => {
  // Of its own name: files of an earlier one would still be there.
  const other = await node(what.replaceAll(" ", "-"), more);
  await expect.poll(() => other.state(), { timeout: 30_000 }).toMatchObject({ running: false, exitCode: 1 });
  expect(await other.logs()).toContain(says);
});
