/** The redis image by itself: users and passwords, TLS only, the announced address, the probe. */
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container, type Standalone } from "../../support/standalone.ts";

const config = `port 0
tls-port 6379
tls-cert-file /secrets/one/current/tls.crt
tls-key-file /secrets/one/current/tls.key
tls-ca-cert-file /secrets/one/current/ca.crt
tls-auth-clients optional
tls-replication yes
tls-cluster yes
cluster-enabled yes
cluster-config-file nodes.conf
cluster-require-full-coverage no
dir /data
appendonly yes
`;
const users = `default default ~* +@all -@admin -flushall +cluster|slots
replica replication -@all +psync +replconf +ping
agent agent ~* +@all
exporter exporter -@all +ping +info
`;
const passwords = {
  "default.password": "DefaultSecret1",
  "replication.password": "ReplicaSecret1",
  "agent.password": "AgentSecret1",
  "exporter.password": "ExporterSecret1",
};

let bench: Bench;
let one: Container;
let image: string;

const node = (more: Partial<Standalone> = {}) =>
  bench.run("one", {
    image,
    uid: 10002,
    config: { "redis.conf": config, users },
    secrets: passwords,
    volume: bench.volume("data"),
    ...more,
  });

beforeAll(async () => {
  bench = await Bench.open();
  image = (await readyImages(bench.engine, ["redis"])).get("redis")?.tag ?? "";
  one = await node();
  await one.untilHealthy();
}, 300_000);
afterAll(() => bench.close(), 60_000);

/** What the server answers to a user; the password comes in on standard input. */
async function as(user: string, password: string, ...command: readonly string[]): Promise<string> {
  const script = `user=$1; shift
REDISCLI_AUTH=$(cat) exec redis-cli --user "$user" --no-auth-warning --tls --cacert /secrets/one/current/ca.crt "$@"`;
  const { stdout, stderr } = await one.feed(password, "sh", "-c", script, "as", user, ...command);
  return `${stdout}${stderr}`.trim();
}

test("answers over TLS, with the version it was built for", async () => {
  const { stdout } = await one.exec("mall-shell", "INFO", "server");
  expect(stdout).toContain("redis_version:6.0.");
});

test("a plaintext client gets no answer", async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    one.address().then((host) => {
      const socket = connect({ host, port: 6379 }, () => socket.write("PING\r\n"));
      let read = "";
      socket.setTimeout(5_000, () => socket.destroy());
      socket.on("data", (data) => {
        read += data.toString("latin1");
      });
      socket.on("error", (error) => resolve(String(error)));
      socket.on("close", () => resolve(read));
    }, reject);
  });
  expect(answer).not.toContain("PONG");
  expect(answer).not.toContain("NOAUTH");
});

test("each user may do what its line says and nothing else", async () => {
  expect(await as("default", "DefaultSecret1", "ECHO", "hello")).toBe("hello");
  expect(await as("default", "DefaultSecret1", "FLUSHALL")).toContain("NOPERM");
  expect(await as("exporter", "ExporterSecret1", "PING")).toBe("PONG");
  expect(await as("exporter", "ExporterSecret1", "GET", "x")).toContain("NOPERM");
  expect(await as("agent", "AgentSecret1", "CONFIG", "GET", "masteruser")).toContain("replica");
  expect(await as("agent", "wrong", "PING")).toContain("AUTH failed");
  expect(await as("stranger", "AgentSecret1", "PING")).toContain("AUTH failed");
});

test("lets no replica in before it has slots: a master that lost its volume must not be copied", async () => {
  expect(await as("replica", "ReplicaSecret1", "PING")).toContain("AUTH failed");
  await one.exec("mall-shell", "CLUSTER", "ADDSLOTS", "7");
  await bench.engine.docker(["restart", one.name]);
  await one.untilHealthy();
  expect(await as("replica", "ReplicaSecret1", "PING")).toBe("PONG");
  expect(await as("replica", "ReplicaSecret1", "INFO")).toContain("NOPERM");
});

test("no password is in arguments, environment or log, and the derived file is the user's alone", async () => {
  const { stdout } = await one.exec("sh", "-c", "cat /proc/1/cmdline /proc/1/environ");
  const inspected = JSON.stringify(await bench.engine.api(`/containers/${one.name}/json`));
  for (const place of [stdout, inspected, await one.logs()]) {
    for (const password of Object.values(passwords)) expect(place).not.toContain(password);
  }
  expect((await one.exec("stat", "-c", "%a", "/run/mall/redis.conf")).stdout).toBe("600");
});

test("announces its own address, also when a later start gives it another", async () => {
  const announced = async () => (await one.exec("mall-shell", "CLUSTER", "NODES")).stdout.split(" ");
  const [id, before] = await announced();
  const first = await one.address();
  expect(before).toBe(`${first}:6379@16379`);

  // Takes the address away while the container is gone.
  await bench.remove("one");
  const holder = await bench.run("holder", {
    image,
    uid: 10002,
    options: ["--entrypoint", "/bin/sleep"],
    command: ["60"],
  });
  expect(await holder.address()).toBe(first);
  one = await node();
  await one.untilHealthy();
  const [sameId, after] = await announced();
  expect(sameId).toBe(id);
  expect(await one.address()).not.toBe(first);
  expect(after).toBe(`${await one.address()}:6379@16379`);
});

test("what the environment calls its address wins (Kubernetes' downward API)", async () => {
  one = await node({ environment: { POD_IP: "10.9.8.7" } });
  await one.untilHealthy();
  expect((await one.exec("mall-shell", "CLUSTER", "NODES")).stdout).toContain(" 10.9.8.7:6379@16379 ");
});

test("during a rotation both passwords are let in; afterwards only the new one", async () => {
  const letIn = async () => {
    await bench.engine.docker(["restart", one.name]);
    await one.untilHealthy();
    const tries = ["DefaultSecret1", "DefaultSecret2"].map((password) => as("default", password, "PING"));
    return (await Promise.all(tries)).map((answer) => answer === "PONG");
  };
  await one.putSecret("default.password", "DefaultSecret2");
  await one.putSecret("default.password.previous", "DefaultSecret1");
  expect(await letIn()).toEqual([true, true]);
  await one.putSecret("default.password.previous", undefined);
  expect(await letIn()).toEqual([false, true]);
});

test("a password that could end a word of the configuration stops the start", async () => {
  await one.putSecret("exporter.password", "a\nuser evil on nopass +@all");
  await bench.engine.tryDocker(["restart", one.name]);
  await expect.poll(async () => (await one.state()).running, { timeout: 30_000 }).toBe(false);
  expect(await one.logs()).toContain("exporter.password must be one or more of A-Z a-z 0-9");
  await one.putSecret("exporter.password", "ExporterSecret1");
});

test.each([
  ["PONG", true, true],
  ["LOADING Redis is loading the dataset in memory", false, true],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", true, true],
  ["NOAUTH Authentication required.", false, false],
  ["Could not connect to Redis at 127.0.0.1:6379: Connection refused", false, false],
])("the probe takes '%s' for ready: %s, alive: %s", async (answer, ready, alive) => {
  // The client's words are put in its place: a server is in these states too shortly to be caught.
  const client = `printf '#!/bin/sh\\necho "$ANSWER"\\n' > /run/mall/mall-shell; chmod 700 /run/mall/mall-shell`;
  const probe = (mode: string) =>
    bench.engine.tryDocker([
      ...[
        "run",
        "--rm",
        "--read-only",
        "--tmpfs",
        "/run/mall:exec,mode=0700,uid=10002",
        "--env",
        `ANSWER=${answer}`,
      ],
      ...[
        "--entrypoint",
        "sh",
        image,
        "-c",
        `${client}; PATH=/run/mall:$PATH MALL_INSTANCE=x healthcheck ${mode}`,
      ],
    ]);
  expect(await probe("")).toMatchObject({ exitCode: ready ? 0 : 1 });
  expect(await probe("live")).toMatchObject({ exitCode: alive ? 0 : 1 });
});
