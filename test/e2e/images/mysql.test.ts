/** The mysql image by itself: first start, a first start cut short, accounts, CLONE, rotation, stop. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container, type Standalone } from "../../support/standalone.ts";

const plugins = "semisync_source.so;semisync_replica.so;mysql_clone.so";
const folder = (instance: string) => `/secrets/${instance}/current`;

/** As the plan's: closed until someone opens it, plugin variables with their prefix, TLS or nothing. */
const config = (instance: string, id: number, more = "") => `[mysqld]
server_id = ${id}
log_bin = /data/mysql/binlog
gtid_mode = ON
enforce_gtid_consistency = ON
read_only = ON
super_read_only = ON
plugin_load_add = ${plugins}
loose_rpl_semi_sync_replica_enabled = ON
loose_clone_valid_donor_list = one:3306
loose_clone_ssl_ca = ${folder(instance)}/ca.crt
loose_clone_ssl_cert = ${folder(instance)}/tls.crt
loose_clone_ssl_key = ${folder(instance)}/tls.key
loose_innodb_numa_interleave = OFF
ssl_ca = ${folder(instance)}/ca.crt
ssl_cert = ${folder(instance)}/tls.crt
ssl_key = ${folder(instance)}/tls.key
require_secure_transport = ON
mysqlx = OFF
secure_file_priv = NULL
tmpdir = /data/tmp
innodb_buffer_pool_size = 64M
innodb_redo_log_capacity = 32M
performance_schema = OFF
${more}`;

const passwords = { "root.password": "RootSecret1", "agent.password": "AgentSecret1" };

let bench: Bench;
let image: string;

beforeAll(async () => {
  bench = await Bench.open();
  image = (await readyImages(bench.engine, ["mysql"])).get("mysql")?.tag ?? "";
}, 300_000);
afterAll(() => bench.close(), 60_000);

const node = (instance: string, id: number, more: Partial<Standalone> = {}) =>
  bench.run(instance, {
    image,
    uid: 10001,
    config: { "my.cnf": config(instance, id) },
    secrets: passwords,
    ...more,
  });

/** One value, as root by the socket. */
async function value(container: Container, sql: string): Promise<string> {
  const { stdout, stderr, exitCode } = await container.feed(
    sql,
    "mall-shell",
    "--batch",
    "--skip-column-names",
  );
  if (exitCode !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** Exit code and words of a client over TCP; the password goes in by a file on standard input. */
async function login(container: Container, user: string, password: string, ...options: readonly string[]) {
  const script = `umask 077; cat > /tmp/login.$$; exec mysql --defaults-file=/tmp/login.$$ "$@" -e 'SELECT CURRENT_USER()'`;
  const file = `[client]\nuser=${user}\npassword=${password}\n`;
  return container.feed(file, "sh", "-c", script, "login", ...options);
}

const overTls = (instance: string) => [
  ...[
    "--protocol=tcp",
    `--host=${instance}`,
    "--ssl-mode=VERIFY_IDENTITY",
    `--ssl-ca=${folder(instance)}/ca.crt`,
  ],
];
const withCertificate = (instance: string) => [
  ...[
    ...overTls(instance),
    `--ssl-cert=${folder(instance)}/tls.crt`,
    `--ssl-key=${folder(instance)}/tls.key`,
  ],
];

describe("a first start", () => {
  let one: Container;
  let seenUnhealthy = false;

  beforeAll(async () => {
    one = await node("one", 1);
    // Cut short in the middle of the initialization, as hard as it gets.
    for (const end = Date.now() + 60_000; ; ) {
      seenUnhealthy ||= !(await one.healthy());
      const { stdout } = await one.exec("ls", "/data/init.tmp/mysql");
      if (stdout.includes("mysql.ibd")) break;
      if (Date.now() > end) throw new Error(`no initialization was seen:\n${await one.logs()}`);
    }
    await bench.engine.docker(["kill", one.name]);
    await bench.engine.docker(["start", one.name]);
    await one.untilHealthy();
  }, 240_000);

  test("is not healthy while it initializes, and begins again after being killed half way", async () => {
    expect(seenUnhealthy).toBe(true);
    const log = await one.logs();
    expect(log).toContain("removing an initialization that was cut short");
    expect(log).not.toContain("[ERROR]");
    const { stdout } = await one.exec("ls", "-A", "/data");
    expect(stdout.split("\n").sort()).toEqual(["mysql", "tmp"]);
  });

  test("leaves a closed server without a single transaction", async () => {
    expect(await value(one, "SELECT @@GLOBAL.gtid_executed")).toBe("");
    expect(await value(one, "SELECT @@GLOBAL.read_only + @@GLOBAL.super_read_only")).toBe("2");
  });

  test("still has no transaction after further starts, though accounts are written at each", async () => {
    await bench.engine.docker(["restart", one.name]);
    await one.untilHealthy();
    expect(await value(one, "SELECT @@GLOBAL.gtid_executed")).toBe("");
    const events = await value(one, "SHOW BINARY LOG STATUS");
    expect(events).toMatch(/^binlog\.\d+\t\d+$/);
  });

  test("root comes in by the socket with its password, and from nowhere else", async () => {
    expect(await value(one, "SELECT CURRENT_USER()")).toBe("root@localhost");
    expect(await login(one, "root", passwords["root.password"], ...withCertificate("one"))).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("Access denied"),
    });
    const socket = ["--socket=/run/mall/mysqld.sock"];
    expect(await login(one, "root", "wrong", ...socket)).toMatchObject({ exitCode: 1 });
    expect(await login(one, "root", passwords["root.password"], ...socket)).toMatchObject({ exitCode: 0 });
  });

  test("the agent needs TLS, its password and a certificate", async () => {
    const password = passwords["agent.password"];
    expect(await login(one, "agent", password, ...withCertificate("one"))).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("agent@%"),
    });
    expect(await login(one, "agent", password, ...overTls("one"))).toMatchObject({ exitCode: 1 });
    expect(await login(one, "agent", "wrong", ...withCertificate("one"))).toMatchObject({ exitCode: 1 });
    const plaintext = ["--protocol=tcp", "--host=one", "--ssl-mode=DISABLED", "--get-server-public-key"];
    expect(await login(one, "agent", password, ...plaintext)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/insecure transport|Access denied/),
    });
  });

  test("no password is in arguments, environment or log", async () => {
    const { stdout } = await one.exec(
      "sh",
      "-c",
      "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null",
    );
    const inspected = JSON.stringify(await bench.engine.api(`/containers/${one.name}/json`));
    for (const place of [stdout, inspected, await one.logs()]) {
      for (const password of Object.values(passwords)) expect(place).not.toContain(password);
    }
  });

  test("a clone comes back by itself, in the same container, as a copy of its donor", async () => {
    await value(
      one,
      "SET GLOBAL super_read_only=OFF; CREATE DATABASE shop; CREATE TABLE shop.t (a INT PRIMARY KEY); INSERT INTO shop.t VALUES (42);",
    );
    const two = await node("two", 2);
    await two.untilHealthy();
    const { stderr } = await two.feed(
      `SET GLOBAL super_read_only=OFF; CLONE INSTANCE FROM 'agent'@'one':3306 IDENTIFIED BY '${passwords["agent.password"]}' REQUIRE SSL;`,
      "mall-shell",
    );
    expect(stderr).not.toContain("3707");
    await until(async () => (await two.logs()).includes("the server asked for a restart"));
    await two.untilHealthy();
    expect(await value(two, "SELECT a FROM shop.t")).toBe("42");
    const executed = await value(one, "SELECT @@GLOBAL.gtid_executed");
    expect(executed).toMatch(/:1-3$/);
    expect(await value(two, "SELECT @@GLOBAL.gtid_executed")).toBe(executed);
    expect(await value(two, "SELECT @@GLOBAL.super_read_only")).toBe("1");
    expect(await two.state()).toMatchObject({ running: true, restarts: 0 });
  }, 180_000);

  test("during a rotation both passwords are let in; afterwards only the new one", async () => {
    const letIn = async () => {
      await bench.engine.docker(["restart", one.name]);
      await one.untilHealthy();
      const tries = ["AgentSecret1", "AgentSecret2"].map((password) =>
        login(one, "agent", password, ...withCertificate("one")),
      );
      return (await Promise.all(tries)).map((result) => result.exitCode === 0);
    };
    await one.putSecret("agent.password", "AgentSecret2");
    await one.putSecret("agent.password.previous", "AgentSecret1");
    expect(await letIn()).toEqual([true, true]);
    await one.putSecret("agent.password.previous", undefined);
    expect(await letIn()).toEqual([false, true]);
    expect(await value(one, "SELECT @@GLOBAL.gtid_executed")).toMatch(/:1-3$/);
  }, 180_000);
});

test.each(["root.password", "agent.password.previous"])(
  "a %s that could end an SQL string stops the start",
  async (file) => {
    const odd = await node("odd", 9, {
      secrets: { ...passwords, [file]: "a'; DROP USER root@localhost; --" },
    });
    await until(async () => !(await odd.state()).running);
    expect((await odd.state()).exitCode).toBe(1);
    expect(await odd.logs()).toContain(`${file} must be one or more of A-Z a-z 0-9`);
  },
  60_000,
);

describe("the volume", () => {
  test("a slow log that has grown large is put aside, one of them, and the server goes on in a new one", async () => {
    const settings = "slow_query_log = ON\nslow_query_log_file = /data/slow.log\nlong_query_time = 0.05\n";
    const logger = await node("logger", 9, { config: { "my.cnf": config("logger", 9, settings) } });
    await logger.untilHealthy();
    const size = async (file: string) => Number((await logger.exec("stat", "-c", "%s", file)).stdout);
    // Sparse: it has the size and takes no room. The one that was put aside before is as small as can be.
    const grow = ["if=/dev/zero", "of=/data/slow.log", "bs=1M", "seek=65", "count=0"];
    expect((await logger.exec("touch", "/data/slow.log.1")).exitCode).toBe(0);
    expect(await logger.exec("busybox", "dd", ...grow)).toMatchObject({ exitCode: 0 });
    await expect.poll(() => size("/data/slow.log.1"), { timeout: 20_000 }).toBeGreaterThan(64 * 2 ** 20);
    // The server opens a new one once it has been told of the move.
    await expect
      .poll(async () => (await logger.exec("stat", "/data/slow.log")).exitCode, { timeout: 20_000 })
      .toBe(0);
    await value(logger, "SELECT SLEEP(0.1), 'slow'");
    const found = async () => (await logger.exec("grep", "-c", "'slow'", "/data/slow.log")).stdout.trim();
    await expect.poll(found, { timeout: 20_000 }).toBe("1");
    expect(await size("/data/slow.log")).toBeLessThan(10_000);
    expect(await logger.state()).toMatchObject({ running: true, restarts: 0 });
  }, 90_000);

  test("stops in order when it is told to", async () => {
    const three = await node("three", 3);
    await three.untilHealthy();
    await bench.engine.docker(["stop", "--timeout", "30", three.name]);
    expect(await three.state()).toMatchObject({ running: false, exitCode: 0 });
    expect(await three.logs()).toContain("Shutdown complete");
    expect(await three.healthy()).toBe(false);
  }, 180_000);

  test("what another hand left where the data directory is prepared stops the start, and stays", async () => {
    const volume = bench.volume("foreign");
    const prepare = ["run", "--rm", "--volume", `${volume}:/data`, "--entrypoint", "sh", image, "-c"];
    await bench.engine.docker([...prepare, "mkdir /data/init.tmp && echo precious > /data/init.tmp/file"]);
    const four = await node("four", 4, { volume });
    await until(async () => !(await four.state()).running);
    expect(await four.logs()).toContain("/data/init.tmp is in the way and was not made by this entrypoint");
    expect(await bench.engine.docker([...prepare, "cat /data/init.tmp/file; ls /data"])).toBe(
      "precious\ninit.tmp\ntmp",
    );
  }, 180_000);

  test("a data directory that is no use is left as it is", async () => {
    const volume = bench.volume("broken");
    const prepare = ["run", "--rm", "--volume", `${volume}:/data`, "--entrypoint", "sh", image, "-c"];
    await bench.engine.docker([...prepare, "mkdir /data/mysql && echo precious > /data/mysql/ibdata1"]);
    const five = await node("five", 5, { volume });
    await until(async () => !(await five.state()).running);
    expect((await five.state()).exitCode).not.toBe(0);
    expect(await bench.engine.docker([...prepare, "cat /data/mysql/ibdata1"])).toBe("precious");
  }, 180_000);
});

async function until(holds: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !(await holds()); ) {
    if (Date.now() > end) throw new Error("did not come to hold in time");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
