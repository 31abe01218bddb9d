/** The ZooKeeper image by itself: who is let in, certificates read anew, the archive of classes, the probe. */
import { connect as connectTcp } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCertificate } from "../../../packages/platform/src/secrets/certificates.ts";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container } from "../../support/standalone.ts";

const port = 2281;
const config = `tickTime 1000
initLimit 10
syncLimit 5
dataDir /data/snapshots
dataLogDir /data/log
admin.enableServer false
4lw.commands.whitelist srvr,mntr,ruok
serverCnxnFactory org.apache.zookeeper.server.NettyServerCnxnFactory
secureClientPort ${port}
authProvider.x509 mallstack.zookeeper.KnownClients
mall.clients broker,keeper-1
ssl.clientAuth need
ssl.keyStore.type PEM
ssl.keyStore.location /run/mall/tls/tls.pem
ssl.trustStore.type PEM
ssl.trustStore.location /run/mall/tls/ca.crt
client.certReload true
`;
const files = { "zoo.cfg": config, "jvm.options": "-Xmx64m\n-XX:+UseSerialGC\n-XX:TieredStopAtLevel=1\n" };

let bench: Bench;
let keeper: Container;
let image: string;

const node = (instance: string, given: Readonly<Record<string, string>> = files) =>
  bench.run(instance, { image, uid: 10005, config: given, volume: bench.volume("data") });

beforeAll(async () => {
  bench = await Bench.open();
  image = (await readyImages(bench.engine, ["zookeeper"])).get("zookeeper")?.tag ?? "";
  keeper = await node("keeper-1");
  await keeper.untilHealthy();
}, 300_000);
afterAll(() => bench.close(), 60_000);

/** What the node answers to a word from the holder of such a certificate, and the certificate that it served. */
async function ask(
  holder: string | undefined,
  word = "srvr",
): Promise<{ text: string; fingerprint: string }> {
  const own = holder === undefined ? {} : await bench.identity(holder);
  const identity: ConnectionOptions = {
    ca: bench.authority,
    ...(own["tls.crt"] === undefined ? {} : { cert: own["tls.crt"], key: own["tls.key"] }),
  };
  const host = await keeper.address();
  return new Promise((resolve) => {
    let text = "";
    let fingerprint = "";
    const socket = connect({ host, port, servername: "keeper-1", ...identity }, () => {
      fingerprint = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
      socket.write(word);
    });
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("error", () => {});
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on("close", () => resolve({ text, fingerprint }));
  });
}

test("answers over TLS, with the version it was built for, as a user without rights on a root that is read-only", async () => {
  expect((await keeper.exec("mall-shell", "srvr")).stdout).toContain("Zookeeper version: 3.9.4");
  await keeper.untilHealthy();
  expect((await keeper.exec("ps")).stdout).not.toMatch(/\[?(timeout|openssl)/);
  expect((await keeper.exec("id", "-u")).stdout.trim()).toBe("10005");
  expect((await keeper.exec("touch", "/opt/x")).exitCode).not.toBe(0);
});

test("of the holders of certificates only those that are named are let in", async () => {
  expect((await ask("broker")).text).toContain("Mode: standalone");
  expect((await ask("keeper-1", "ruok")).text).toBe("imok");
  expect((await ask("stranger")).text).toBe("");
  expect((await ask(undefined)).text).toBe("");
});

test("a plaintext client gets no answer", async () => {
  const host = await keeper.address();
  const read = await new Promise<string>((resolve) => {
    let text = "";
    const socket = connectTcp({ host, port }, () => socket.write("ruok"));
    socket.setTimeout(3_000, () => socket.destroy());
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });
  expect(read).not.toContain("imok");
});

test("a new certificate is served within seconds, without a restart", async () => {
  const before = (await ask("broker")).fingerprint;
  const renewed = readCertificate((await keeper.renew())["tls.crt"] ?? "").fingerprint;
  expect(renewed).not.toBe(before);
  await expect.poll(async () => (await ask("broker")).fingerprint, { timeout: 30_000 }).toBe(renewed);
  await keeper.untilHealthy();
  expect((await keeper.state()).restarts).toBe(0);
});

test("starts with its archive of classes, whose class path is the entrypoint's", async () => {
  const script = `classpath=$(printf '%s:' /opt/zookeeper/libs/*.jar)
exec /opt/zookeeper/java -Xshare:on -XX:+UseSerialGC -XX:SharedArchiveFile=/opt/zookeeper/classes.jsa -cp "\${classpath%:}" -version`;
  expect(await keeper.exec("sh", "-c", script)).toMatchObject({ exitCode: 0 });
});

test("stops in order within seconds, and comes back with its id and data", async () => {
  await bench.stopsWithin(30, keeper);
  await bench.engine.docker(["start", keeper.name]);
  await keeper.untilHealthy();
  expect((await keeper.exec("cat", "/data/snapshots/myid")).stdout.trim()).toBe("1");
});

test("alive without a quorum, and not healthy", async () => {
  const ensemble = `${config}sslQuorum true
ssl.quorum.keyStore.type PEM
ssl.quorum.keyStore.location /run/mall/tls/tls.pem
ssl.quorum.trustStore.type PEM
ssl.quorum.trustStore.location /run/mall/tls/ca.crt
server.1 alone-1:2888:3888
server.2 nobody:2888:3888
server.3 nowhere:2888:3888
`.replace("keeper-1", "alone-1");
  const alone = await bench.run("alone-1", { image, uid: 10005, config: { ...files, "zoo.cfg": ensemble } });
  await expect.poll(() => alone.healthy("live"), { timeout: 60_000 }).toBe(true);
  expect(await alone.healthy()).toBe(false);
}, 120_000);

test("says in one line what it lacks", async () => {
  for (const [instance, given, says] of [
    ["bare-1", {}, "no readable /config/bare-1/zoo.cfg"],
    ["nameless", files, "nameless does not end in the number"],
  ] as const) {
    const one = await bench.run(instance, { image, uid: 10005, config: given });
    await expect.poll(async () => (await one.state()).running, { timeout: 30_000 }).toBe(false);
    expect((await one.logs()).trim()).toMatch(
      new RegExp(`^\\[entrypoint\\] ${says.replaceAll("/", "\\/")}[^\\n]*$`),
    );
  }
});
