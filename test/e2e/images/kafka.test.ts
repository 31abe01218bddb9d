/** The Kafka image by itself, on one ZooKeeper: two passwords at once, keys read anew, native codecs, tools, the probe. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readCertificate } from "../../../packages/platform/src/secrets/certificates.ts";
import {
  describeAcls,
  describeScramUsers,
} from "../../../packages/platform/src/services/kafka/protocol/apis.ts";
import { openBroker } from "../../../packages/platform/src/services/kafka/protocol/connection.ts";
import { errorName } from "../../../packages/platform/src/services/kafka/protocol/errors.ts";
import { type LoneBroker, limits, loneBroker, operatorPassword } from "../../support/lone-broker.ts";
import { readyImages } from "../../support/ready-images.ts";
import { Bench, type Container } from "../../support/standalone.ts";

/** Each of Kafka's tools is a JVM of its own: five in a row take a minute on a busy machine. */
vi.setConfig({ testTimeout: 240_000 });

let bench: Bench;
let broker: Container;
let peer: LoneBroker["peer"];
let setUser: LoneBroker["setUser"];
let images: ReadonlyMap<string, { readonly tag: string }>;

beforeAll(async () => {
  bench = await Bench.open();
  images = await readyImages(bench.engine, ["zookeeper", "kafka"]);
  ({ broker, peer, setUser } = await loneBroker(bench, images));
}, 300_000);
afterAll(() => bench.close(), 60_000);

const at = async (port: number) => ({ host: await broker.address(), port, serverName: "broker-1" });

const logIn = async (user: string, password: string): Promise<string> => {
  try {
    const identity = { ca: bench.authority };
    (await openBroker(await at(9092), { ...limits(), identity, login: { user, password } })).close();
    return "let in";
  } catch (error) {
    return String(error);
  }
};

test("healthy when it answers over TLS; and not when nobody listens", async () => {
  expect((await broker.exec("healthcheck")).stdout).toContain("00 00 00 07");
  const elsewhere = await broker.exec("env", "KAFKA_PORT=9999", "healthcheck");
  expect(elsewhere).toMatchObject({ exitCode: 1, stdout: "no answer" });
  // Each probe left behind would count against the container's processes.
  expect((await broker.exec("ps")).stdout).not.toMatch(/\[?(timeout|openssl|sleep)/);
});

test("takes the present password and the one before, and no third", async () => {
  await setUser("app", "first");
  await expect.poll(() => logIn("app", "first"), { timeout: 30_000 }).toBe("let in");
  expect(await logIn("app", "other")).toContain("SASL_AUTHENTICATION_FAILED");
  await setUser("app.previous", "first");
  await setUser("app", "second");
  await expect.poll(() => logIn("app", "second"), { timeout: 30_000 }).toBe("let in");
  expect(await logIn("app", "first")).toBe("let in");
  expect(await logIn("app", "other")).toContain("SASL_AUTHENTICATION_FAILED");
  // The former password is the user's, and no user of its own.
  expect(await logIn("app.previous", "first")).toContain("SASL_AUTHENTICATION_FAILED");
  expect(await logIn("nobody", "first")).toContain("SASL_AUTHENTICATION_FAILED");
  await setUser("app.previous", undefined);
  await expect.poll(() => logIn("app", "first"), { timeout: 30_000 }).toContain("SASL_AUTHENTICATION_FAILED");
  expect(await logIn("app", "second")).toBe("let in");
});

test("a former password with another salt does not stand beside the present one", async () => {
  await setUser("app.previous", "first", randomBytes(32));
  await expect
    .poll(
      () => peer("broker-1", async (c) => (await c.call(describeScramUsers, { users: null })).users.length),
      { timeout: 30_000 },
    )
    .toBe(2);
  expect(await logIn("app", "first")).toContain("SASL_AUTHENTICATION_FAILED");
  expect(await logIn("app", "second")).toBe("let in");
  await setUser("app.previous", undefined);
});

test("a certificate of the same CA gives no rights, and without one there is no answer", async () => {
  const everything = {
    ...{ resourceType: 1, resourceName: null, patternType: 1, principal: null, host: null },
    ...{ operation: 1, permissionType: 1 },
  };
  const refused = await peer("mysql-1", (connection) => connection.call(describeAcls, everything));
  expect(errorName(refused.errorCode)).toBe("CLUSTER_AUTHORIZATION_FAILED");
  const stranger = await openBroker(await at(9093), { ...limits(), identity: { ca: bench.authority } }).catch(
    String,
  );
  if (typeof stranger !== "string")
    await expect(stranger.call(describeAcls, everything)).rejects.toThrow(/alert|closed/i);
});

test("its tools talk to the cluster as operator, whose password is in no argument", async () => {
  await setUser("operator", operatorPassword);
  await expect.poll(() => logIn("operator", operatorPassword), { timeout: 30_000 }).toBe("let in");
  const created = await broker.exec("mall-shell", "topics", "--create", "--topic", "made");
  expect(created.stdout).toContain("Created topic made");
  expect((await broker.exec("/opt/kafka/bin/kafka-topics.sh", "--list")).stdout.split("\n")).toContain(
    "made",
  );
  expect(await broker.exec("mall-shell", "no-such-tool")).toMatchObject({ exitCode: 2 });
  const shell = await broker.feed("kafka-topics.sh --list\n", "mall-shell");
  expect(shell.stdout).toContain("kafka-consumer-groups.sh");
  expect(shell.stdout.split("\n")).toContain("made");
});

test.each(["snappy", "lz4", "zstd"])(
  "records packed with %s are packed anew by the broker and read",
  async (codec) => {
    const make = ["topics", "--create", "--topic", codec, "--config", `compression.type=${codec}`];
    expect(await broker.exec("mall-shell", ...make)).toMatchObject({ exitCode: 0 });
    const sent = { snappy: "lz4", lz4: "zstd", zstd: "snappy" }[codec] ?? "";
    const send = ["console-producer", "--topic", codec, "--compression-codec", sent];
    expect(await broker.feed(`in ${codec}\n`, "mall-shell", ...send)).toMatchObject({ exitCode: 0 });
    const read = ["console-consumer", "--topic", codec, "--from-beginning", "--max-messages", "1"];
    expect((await broker.exec("mall-shell", ...read)).stdout).toContain(`in ${codec}`);
  },
);

test("new keys are served to the next connection, and taken by the broker as a client too", async () => {
  const before = await peer("broker-1", async (connection) => connection.fingerprint);
  const renewed = readCertificate((await broker.renew())["tls.crt"] ?? "").fingerprint;
  expect(renewed).not.toBe(before);
  expect(await peer("broker-1", async (connection) => connection.fingerprint)).toBe(renewed);
  expect(await broker.logs()).toContain("Keys and authorities were read again");
  await broker.untilHealthy();
});

test("starts with its archive of classes, whose class path is the entrypoint's", async () => {
  const script = `classpath=$(printf '%s:' /opt/kafka/libs/*.jar)
exec /opt/kafka/java -Xshare:on -XX:+UseSerialGC -XX:SharedArchiveFile=/opt/kafka/classes.jsa -cp "\${classpath%:}" -version`;
  expect(await broker.exec("sh", "-c", script)).toMatchObject({ exitCode: 0 });
});

test("stops in order within its grace and comes back without a recovery", async () => {
  await bench.stopsWithin(45, broker);
  await bench.engine.docker(["start", broker.name]);
  await broker.untilHealthy(60_000);
  expect(await broker.logs()).toContain("since clean shutdown file was found");
});

test("says in one line what it lacks", async () => {
  const one = await bench.run("bare-1", { image: images.get("kafka")?.tag ?? "", uid: 10006, config: {} });
  await expect.poll(async () => (await one.state()).running, { timeout: 30_000 }).toBe(false);
  expect((await one.logs()).trim()).toMatch(
    /^\[entrypoint\] no readable \/config\/bare-1\/server\.properties[^\n]*$/,
  );
});
