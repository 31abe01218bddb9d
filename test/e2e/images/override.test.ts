/**
 * Images made elsewhere in place of ours (`images.<name>` in mall.yaml). No registry is asked: an image with Debian's
 * own packages, root as its user and nothing of ours inside stands for what a registry would give.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureBase } from "../../../packages/platform/src/engine/base-image.ts";
import { ensureImages, type ImageOptions } from "../../../packages/platform/src/engine/images/ensure.ts";
import { repositoryRoot } from "../../support/ready-images.ts";
import { Bench } from "../../support/standalone.ts";

const upstream = `mall-upstream-${randomBytes(3).toString("hex")}`;
const packages = "mysql-server-core mysql-client-core redis-server haproxy nodejs perl-base";

let bench: Bench;
let options: ImageOptions & { readonly images: Readonly<Record<string, string>> };

beforeAll(async () => {
  bench = await Bench.open();
  const { reference } = await ensureBase(bench.engine, "sid");
  const steps = `apt-get update && apt-get install -y --no-install-recommends ${packages} && rm -rf /var/lib/apt/lists/*`;
  await bench.engine.docker(["build", "--tag", `${upstream}:1`, "-"], {
    input: `FROM ${reference}\nRUN ${steps}\nENTRYPOINT ["/bin/false"]\nCMD ["never"]\nSTOPSIGNAL SIGUSR1\n`,
  });
  options = {
    root: repositoryRoot,
    folder: await mkdtemp(join(tmpdir(), "mall-images-")),
    images: Object.fromEntries(["mysql", "redis", "haproxy", "agent"].map((name) => [name, `${upstream}:1`])),
  };
}, 600_000);

afterAll(async () => {
  await bench.close();
  await bench.engine.tryDocker(["rmi", ...tags, `${upstream}:1`]);
  await rm(options.folder, { recursive: true, force: true });
});
const tags = new Set<string>();

/** The image of that name on the stand-in. */
async function overridden(name: string) {
  const image = (await ensureImages(bench.engine, [name], options)).get(name);
  if (image === undefined) throw new Error(`no image ${name}`);
  tags.add(image.tag);
  expect(image.tag).toMatch(new RegExp(`^mallstack/${name}:ovr-[0-9a-f]{12}$`));
  const { Config } = (await bench.engine.api(`/images/${image.tag}/json`)) as {
    readonly Config: { readonly User: string; readonly Cmd: unknown; readonly Entrypoint: unknown };
  };
  expect(Config).toMatchObject({
    User: expect.stringMatching(/^100\d\d:/),
    Entrypoint: ["/usr/local/bin/entrypoint"],
  });
  expect(Config.Cmd ?? []).toEqual([]);
  return image;
}

test("mysql: initialized, closed, healthy, without a transaction", async () => {
  const { tag, version } = await overridden("mysql");
  expect(version).toMatch(/^9\./);
  const tls = (name: string) => `/secrets/db/current/${name}`;
  const db = await bench.run("db", {
    image: tag,
    uid: 10001,
    config: {
      "my.cnf": `[mysqld]\nserver_id=1\nlog_bin=/data/mysql/binlog\ngtid_mode=ON\nenforce_gtid_consistency=ON
super_read_only=ON\nrequire_secure_transport=ON\nmysqlx=OFF\nperformance_schema=OFF\nsecure_file_priv=NULL
ssl_ca=${tls("ca.crt")}\nssl_cert=${tls("tls.crt")}\nssl_key=${tls("tls.key")}\n`,
    },
    secrets: { "root.password": "RootSecret1", "agent.password": "AgentSecret1" },
  });
  await db.untilHealthy();
  const { stdout } = await db.feed(
    "SELECT @@GLOBAL.gtid_executed = '', @@GLOBAL.super_read_only",
    "mall-shell",
    "-N",
  );
  expect(stdout).toBe("1\t1");
}, 120_000);

test("redis: a newer version, with users that may use its channels", async () => {
  const { tag, version } = await overridden("redis");
  expect(version).toMatch(/^8\./);
  const tls = (name: string) => `/secrets/cache/current/${name}`;
  const cache = await bench.run("cache", {
    image: tag,
    uid: 10002,
    config: {
      "redis.conf": `port 0\ntls-port 6379\ncluster-enabled yes\ntls-cluster yes\ntls-replication yes\ndir /data
tls-auth-clients optional
tls-ca-cert-file ${tls("ca.crt")}\ntls-cert-file ${tls("tls.crt")}\ntls-key-file ${tls("tls.key")}\n`,
      users: "default default ~* +@all -@admin\nagent agent ~* +@all\nreplica replication -@all +psync\n",
    },
    secrets: { "default.password": "D1", "agent.password": "A1", "replication.password": "R1" },
  });
  await cache.untilHealthy();
  expect((await cache.exec("mall-shell", "INFO", "server")).stdout).toContain(`redis_version:${version}`);
  expect((await cache.exec("mall-shell", "ACL", "GETUSER", "default")).stdout).toContain("&*");
}, 120_000);

test("haproxy: the probe does without socat, and a stop is a stop", async () => {
  const { tag } = await overridden("haproxy");
  const edge = await bench.run("edge", {
    image: tag,
    uid: 10003,
    config: {
      "haproxy.cfg":
        "defaults\n  mode tcp\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\nfrontend in\n  bind :8443 ssl crt /secrets/edge/current/tls.pem\n  tcp-request connection reject\n",
    },
  });
  await edge.untilHealthy();
  expect((await edge.exec("sh", "-c", "command -v socat")).exitCode).not.toBe(0);
  await bench.stopsWithin(20, edge);
  expect(await edge.healthy()).toBe(false);
}, 180_000);

test("agent: the clone's bundle on another Node.js", async () => {
  const { tag, version } = await overridden("agent");
  const { stdout, stderr } = await bench.engine.tryDocker([
    "run",
    "--rm",
    "--read-only",
    "--env",
    "MALL_INSTANCE=x",
    tag,
  ]);
  expect(`${stdout}${stderr}`).toContain("AGENT_SECRET_ABSENT");
  expect(await bench.engine.docker(["run", "--rm", "--entrypoint", "node", tag, "--version"])).toBe(
    `v${version}`,
  );
}, 180_000);

test("no longer named in mall.yaml, the built image takes its place again", async () => {
  await ensureImages(bench.engine, ["haproxy"], options);
  const image = (await ensureImages(bench.engine, ["haproxy"], { ...options, images: {} })).get("haproxy");
  expect(image).toMatchObject({ built: "source", version: expect.stringMatching(/^3\.2\./) });
  expect(image?.tag).not.toContain("ovr-");
}, 180_000);

test("a reference that cannot be had is told with the engine's own words", async () => {
  const images = { haproxy: "mallstack.invalid/none:1" };
  await expect(ensureImages(bench.engine, ["haproxy"], { ...options, images })).rejects.toMatchObject({
    code: "IMAGE_BUILD_FAILED",
    message: expect.stringContaining("mallstack.invalid/none:1"),
  });
}, 180_000);
