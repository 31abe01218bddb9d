import { expect, test } from "vitest";
import { fileContent } from "../../plan/config-file.ts";
import type { Site } from "../../spec/site.ts";
import { planZookeeper } from "../zookeeper/plan.ts";
import { zookeeperProfiles, zookeeperSpec } from "../zookeeper/spec.ts";
import { describeAcl, wantedAcls } from "./access.ts";
import { valueFor } from "./checks/tuning.ts";
import { externalHost, kafkaSettings, liveSettings } from "./config.ts";
import { saltOf } from "./logins.ts";
import { planKafka } from "./plan.ts";
import { encodeBatch } from "./protocol/records.ts";
import { kafkaRules } from "./rules.ts";
import { besideHeapBytes, sizesOf } from "./sizing.ts";
import { kafkaProfiles, kafkaSpec, usersOf, wantedTopics } from "./spec.ts";

const MiB = 2 ** 20;
const site: Site = {
  name: "test",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 14_000,
  accept: [],
  images: {},
  mirrors: {},
};
const small = kafkaSpec.parse(kafkaProfiles.small);
const zookeeper = planZookeeper(zookeeperSpec.parse(zookeeperProfiles.small), site);
const plan = planKafka(small, site, [zookeeper]);
const [workload] = plan.workloads;
const place = { instance: "kafka-2", externalPort: 14_922, zookeeper: "zookeeper-1.zookeeper:2281" };
const file = (index: number, name: string): string => {
  const found = workload?.instances[index - 1]?.files.find((one) => one.path === name);
  if (found === undefined) throw new Error(`an instance has ${name}`);
  return fileContent(found);
};

test("three brokers with their own ids, names, host ports and secrets, on the quorum before them", () => {
  expect(workload?.instances.map((i) => [i.name, i.published])).toEqual([
    ["kafka-1", [{ port: "external", hostPort: 14_921 }]],
    ["kafka-2", [{ port: "external", hostPort: 14_922 }]],
    ["kafka-3", [{ port: "external", hostPort: 14_923 }]],
  ]);
  expect(workload?.instances[1]?.secrets).toMatchObject([
    { file: "tls", ref: { id: "kafka-2", dnsNames: ["kafka-2.kafka", "kafka-2", "localhost", "kafka"] } },
    { file: "operator.password", ref: { id: "kafka.operator" } },
  ]);
  expect(plan.credentials.map((one) => one.id)).toEqual(["kafka.app", "kafka.operator"]);
  expect(workload?.leansOn).toEqual(["zookeeper"]);
  expect(workload?.scratch.find((one) => one.path === "/tmp")?.exec).toBe(true);
  expect(JSON.stringify(planKafka(small, site, [zookeeper]))).toBe(JSON.stringify(plan));
});

test("every listener speaks TLS, clients log in, strangers may do nothing; no secret stands in the file", () => {
  const lines = file(2, "server.properties").split("\n");
  for (const line of [
    "broker.id 2",
    "listeners CLIENTS://:9092,PEERS://:9093,EXTERNAL://:9094",
    "advertised.listeners CLIENTS://kafka-2.kafka:9092,PEERS://kafka-2.kafka:9093,EXTERNAL://127.0.0.1:14922",
    "listener.security.protocol.map CLIENTS:SASL_SSL,PEERS:SSL,EXTERNAL:SASL_SSL",
    "listener.name.peers.ssl.client.auth required",
    "zookeeper.connect zookeeper-1.zookeeper:2281,zookeeper-2.zookeeper:2281,zookeeper-3.zookeeper:2281/kafka",
    "zookeeper.set.acl true",
    "zookeeper.ssl.client.enable true",
    "authorizer.class.name kafka.security.authorizer.AclAuthorizer",
    "allow.everyone.if.no.acl.found false",
    "super.users User:broker;User:agent;User:operator",
    "sasl.enabled.mechanisms SCRAM-SHA-512",
    "auto.create.topics.enable true",
    "default.replication.factor 3",
    "offsets.topic.replication.factor 3",
    "min.insync.replicas 2",
    "unclean.leader.election.enable false",
    "log.retention.ms 604800000",
    `log.retention.bytes ${256 * MiB}`,
    `message.max.bytes ${MiB}`,
    "num.network.threads 2",
    "num.io.threads 4",
  ])
    expect(lines).toContain(line);
  expect(lines.join("\n")).not.toMatch(/password=|PLAINTEXT/);
});

test("clients on the host are told an address that they can reach and that the certificate holds", () => {
  expect(["127.0.0.1", "0.0.0.0", "::", "fd00::1", "192.168.1.5"].map(externalHost)).toEqual([
    "127.0.0.1",
    "127.0.0.1",
    "[::1]",
    "[fd00::1]",
    "192.168.1.5",
  ]);
  const open = planKafka(small, { ...site, bind: "192.168.1.5" }, [zookeeper]);
  expect(open.workloads[0]?.instances[0]?.secrets[0]?.ref).toMatchObject({
    ipAddresses: ["127.0.0.1", "192.168.1.5"],
  });
});

test("sizes follow from memory and cores, and leave room in every profile", () => {
  for (const profile of Object.values(kafkaProfiles)) {
    const spec = kafkaSpec.parse(profile);
    const sizes = sizesOf(spec);
    expect(sizes.heapBytes + besideHeapBytes).toBeLessThan(spec.memory);
    expect(sizes.requestBytes).toBeGreaterThan(spec.maxMessage);
    expect(sizes.replicaFetchBytes).toBeGreaterThan(spec.maxMessage);
  }
  expect(sizesOf(small).heapBytes).toBe(326 * MiB);
  expect(file(1, "jvm.options")).toContain("-Xmx326m");
  expect(sizesOf(kafkaSpec.parse(kafkaProfiles.production)).heapBytes).toBe(4 * 2 ** 30);
});

test("what the spec's settings say wins, but for what the platform alone decides", () => {
  const spec = kafkaSpec.parse({
    settings: { "num.io.threads": 12, "log.flush.interval.ms": 1000, "super.users": "User:me" },
  });
  const settings = new Map(kafkaSettings(spec, site, place).map((one) => [one.key, one]));
  expect(settings.get("num.io.threads")).toMatchObject({ value: "12", apply: "live" });
  expect(settings.get("log.flush.interval.ms")).toMatchObject({ value: "1000", apply: "restart" });
  expect(settings.get("super.users")?.value).toBe("User:broker;User:agent;User:operator");
  expect(kafkaRules(spec, site).map((f) => f.id)).toContain("KA-SETTING");
  const live = liveSettings(kafkaSettings(spec, site, place));
  expect([...live.keys()]).toEqual(expect.arrayContaining(["message.max.bytes", "log.retention.ms"]));
  expect([...live.keys()]).not.toContain("broker.id");
  expect(new Set(kafkaSettings(spec, site, place).map((one) => one.key)).size).toBe(
    kafkaSettings(spec, site, place).length,
  );
});

test("each risk is found, and named by where it stands", () => {
  const ids = (input: object) =>
    kafkaRules(kafkaSpec.parse({ autoCreateTopics: false, ...input }), {
      ...site,
      images: { kafka: "apache/kafka:3.9.1" },
    }).map((f) => f.id);
  expect(ids({})).toEqual([]);
  expect(ids({ autoCreateTopics: true })).toEqual(["KA-AUTO-CREATE"]);
  expect(ids({ brokers: 2, replicationFactor: 3 })).toEqual(["KA-COPIES", "KA-SPOF"]);
  expect(ids({ replicationFactor: 2, minInSyncReplicas: 1 })).toEqual(["KA-SPOF", "KA-INSYNC-LOW"]);
  expect(ids({ minInSyncReplicas: 3 })).toEqual(["KA-INSYNC"]);
  expect(ids({ minInSyncReplicas: 1 })).toEqual(["KA-INSYNC-LOW"]);
  expect(ids({ memory: "256Mi" })).toEqual(["KA-MEMORY"]);
  expect(ids({ maxMessage: "200Mi" })).toEqual(["KA-MESSAGE"]);
  expect(ids({ maxMessage: "4Mi", settings: { "replica.fetch.max.bytes": 1024 } })).toEqual(["KA-MESSAGE"]);
  expect(ids({ storage: "2Gi", topics: { a: { partitions: 3 } } })).toEqual(["KA-STORAGE"]);
  expect(ids({ retention: "10m" })).toEqual(["KA-RETENTION"]);
  expect(ids({ topics: { a: { replicationFactor: 4 } } })).toEqual(["KA-TOPIC-COPIES"]);
  expect(ids({ topics: { a: { replicationFactor: 2 } } })).toEqual(["KA-TOPIC-INSYNC"]);
  expect(ids({ topics: { a: { config: { "min.insync.replicas": 4 } } } })).toEqual(["KA-TOPIC-INSYNC"]);
  expect(ids({ topics: { a: { config: { "max.message.bytes": 4 * MiB } } } })).toEqual(["KA-TOPIC-MESSAGE"]);
  expect(ids({ accounts: { live: { writes: ["absent"] } } })).toEqual(["KA-ACCOUNT-TOPIC"]);
  expect(ids({ accounts: { live: { reads: ["mall.orders"] } } })).toEqual([]);
  const [finding] = kafkaRules(
    kafkaSpec.parse({ topics: { orders: { replicationFactor: 4 } } }),
    site,
  ).filter((f) => f.id === "KA-TOPIC-COPIES");
  expect(finding).toMatchObject({
    severity: "error",
    acceptable: false,
    path: "services.kafka.topics.orders.replicationFactor",
    reason: { en: expect.stringContaining("asks for 4 copies and there are 3 brokers") },
  });
  expect(kafkaRules(small, site).map((f) => f.id)).toEqual(["KA-EOL", "KA-AUTO-CREATE"]);
});

test("a topic's name or setting that brokers would refuse is refused", () => {
  for (const topics of [
    { __own: {} },
    { "a b": {} },
    { a: { config: { "retention.msec": 1 } } },
    { a: { partitions: 0 } },
  ])
    expect(kafkaSpec.safeParse({ topics }).success, JSON.stringify(topics)).toBe(false);
  expect(wantedTopics(kafkaSpec.parse({ topics: { a: { config: { preallocate: true } } } }))).toEqual([
    { name: "a", partitions: 3, replicationFactor: 3, config: { preallocate: "true" } },
  ]);
});

test("the application may use what begins with its prefixes and what is declared, and administers nothing", () => {
  const acls = wantedAcls(kafkaSpec.parse({ topics: { orders: {}, "mall.own": {} } }));
  expect(acls.map(describeAcl)).toEqual([
    "app allow read topic mall.*",
    "app allow write topic mall.*",
    "app allow describe-configs topic mall.*",
    "app allow create topic mall.*",
    "app allow read group mall.*",
    "app allow write transactional-id mall.*",
    "app allow describe transactional-id mall.*",
    "app allow read topic orders",
    "app allow write topic orders",
    "app allow describe-configs topic orders",
  ]);
  expect(acls.every((acl) => acl.principal === "User:app")).toBe(true);
  const off = wantedAcls(kafkaSpec.parse({ autoCreateTopics: false }));
  expect(off.map(describeAcl)).not.toContain("app allow create topic mall.*");
});

test("an account has its topics only; those that it writes the application only reads", () => {
  const spec = kafkaSpec.parse({
    topics: { "live.events": {}, orders: {} },
    accounts: { live: { writes: ["live.events"] }, report: { reads: ["orders"] } },
  });
  expect(
    wantedAcls(spec)
      .map(describeAcl)
      .filter((line) => !line.includes("mall.")),
  ).toEqual([
    "app allow read topic live.events",
    "app allow describe-configs topic live.events",
    "app allow read topic orders",
    "app allow write topic orders",
    "app allow describe-configs topic orders",
    "live allow write topic live.events",
    "live allow write transactional-id live.*",
    "live allow describe transactional-id live.*",
    "report allow read topic orders",
    "report allow read group report.*",
  ]);
  expect(usersOf(spec)).toEqual(["app", "operator", "live", "report"]);
  for (const name of ["app", "operator", "agent", "broker", "live.previous", "Live"])
    expect(kafkaSpec.safeParse({ accounts: { [name]: {} } }).success, name).toBe(false);
});

test("a salt is the user's and the mall's own", () => {
  const salts = [saltOf("a", "app"), saltOf("b", "app"), saltOf("a", "operator")].map(String);
  expect(new Set(salts).size).toBe(3);
  expect(saltOf("a", "app")).toEqual(saltOf("a", "app"));
});

test("a batch of exactly so many bytes, also where a length takes one more", () => {
  for (const bytes of [1_000, 8_280, MiB, MiB + 1, 2_097_222])
    expect(encodeBatch([valueFor(bytes)], 0)).toHaveLength(bytes);
});
