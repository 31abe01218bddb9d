/** Kafka on ZooKeeper against three and three real servers: created, broken in every way that a mall meets, and healed. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  finishSecretRotation,
  rotateCertificates,
  rotateValue,
} from "../../packages/platform/src/secrets/rotation.ts";
import { principalOf } from "../../packages/platform/src/services/kafka/access.ts";
import type { KafkaAction } from "../../packages/platform/src/services/kafka/actions.ts";
import { kafkaChecks } from "../../packages/platform/src/services/kafka/checks/index.ts";
import { withBroker } from "../../packages/platform/src/services/kafka/client.ts";
import { kafka } from "../../packages/platform/src/services/kafka/index.ts";
import {
  alterOperation,
  configResource,
  incrementalAlterConfigs,
} from "../../packages/platform/src/services/kafka/protocol/apis.ts";
import { requireNone } from "../../packages/platform/src/services/kafka/protocol/errors.ts";
import type { KafkaSpec } from "../../packages/platform/src/services/kafka/spec.ts";
import type { KafkaState } from "../../packages/platform/src/services/kafka/state.ts";
import type { CheckResult } from "../../packages/platform/src/services/service.ts";
import { zookeeperChecks } from "../../packages/platform/src/services/zookeeper/checks.ts";
import { zookeeper } from "../../packages/platform/src/services/zookeeper/index.ts";
import {
  type KafkaTarget,
  kafkaClient,
  presentKafkaLogin,
  sendOnce,
  startKafkaTraffic,
} from "../support/kafka-traffic.ts";
import { ServiceMall } from "../support/service-mall.ts";

let mall: ServiceMall<KafkaSpec, KafkaState, KafkaAction>;
const figures: string[] = [];

const healed = async (what: string, limitMs?: number): Promise<readonly string[]> => {
  const { seconds, actions } = await mall.heal(limitMs);
  figures.push(`${what}: ${seconds} s (${actions.join(", ")})`);
  return actions;
};
const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const started = performance.now();
  const result = await work();
  figures.push(`${what}: ${Math.round(performance.now() - started) / 1000} s`);
  return result;
};

/** As an application on the host has it. */
const target = (topic: string): KafkaTarget => {
  const [info] = kafka.connect?.(mall.hostCtx().own, mall.hostCtx().net, undefined) ?? [];
  return {
    brokers: info?.settings.brokers as readonly string[],
    user: String(info?.user),
    password: info?.password ?? "",
    secrets: mall.secrets,
    topic,
  };
};

/** Work beside traffic: not one request or connection may fail, and every acknowledged record is seen. */
async function underTraffic(what: string, work: () => Promise<unknown>): Promise<void> {
  const traffic = await startKafkaTraffic(target("mall.traffic"));
  let seen: Awaited<ReturnType<typeof traffic.stop>> | undefined;
  try {
    await work();
  } finally {
    seen = await traffic.stop();
  }
  figures.push(
    `  ${what}: ${traffic.acknowledged()} records acknowledged, ${seen.connections} new connections`,
  );
  expect(seen.failures).toEqual([]);
  expect(seen.requests).toBeGreaterThan(20);
  expect(seen.connections).toBeGreaterThan(3);
}

const runCheck = async (id: string): Promise<CheckResult> => {
  const own = kafkaChecks.find((one) => one.id === id);
  if (own !== undefined) return own.run(mall.ctxFor(own));
  const check = zookeeperChecks.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.run(mall.ctxOf(zookeeper));
};

/** One of Kafka's tools in a broker's container. */
const tool = (input: string, ...words: readonly string[]) =>
  mall.engine.docker(["exec", "-i", mall.container("kafka-1"), "mall-shell", ...words], { input });

const alterBroker = (id: number, settings: Readonly<Record<string, string>>) =>
  withBroker(mall.ctx(), `kafka-${id}`, async (broker) => {
    const { results } = await broker.call(incrementalAlterConfigs, {
      resources: [
        {
          resourceType: configResource.broker,
          resourceName: `${id}`,
          configs: Object.entries(settings).map(([name, value]) => ({
            name,
            operation: alterOperation.set,
            value,
          })),
        },
      ],
      validateOnly: false,
    });
    for (const result of results) requireNone("altering", result);
  });

const controller = async (): Promise<string> => (await mall.observe()).cluster?.controller ?? "";

beforeAll(async () => {
  mall = await ServiceMall.start(kafka, {
    portBase: 21_000,
    needs: [{ service: zookeeper }],
    spec: {
      topics: {
        "orders.placed": { partitions: 3, config: { "retention.ms": 86_400_000 } },
        "live.events": { partitions: 12 },
      },
      accounts: { live: { writes: ["live.events"] } },
    },
  });
}, 600_000);

afterAll(async () => {
  console.log(figures.join("\n"));
  await mall?.close();
}, 120_000);

test("three empty ZooKeepers and three empty brokers become a cluster", async () => {
  await healed("created", 120_000);
  expect((await mall.observe()).cluster?.topicNames).toEqual([
    "__consumer_offsets",
    "live.events",
    "orders.placed",
  ]);
}, 180_000);

test("an account writes its own topic, which the application only reads, and no other", async () => {
  const app = target("live.events");
  const live = { ...app, user: "live", password: "kafka.live" };
  const login = await presentKafkaLogin(live);
  await sendOnce(live, login, "live.events", "begun", 30);
  for (const topic of ["orders.placed", "mall.own", "live.other"])
    await expect(sendOnce(live, login, topic, "x"), topic).rejects.toThrow(/authoriz/i);
  const appLogin = await presentKafkaLogin(app);
  await expect(sendOnce(app, appLogin, "live.events", "x")).rejects.toThrow(/authoriz/i);
  const consumed = async (who: KafkaTarget, groupId: string): Promise<string> => {
    const consumer = kafkaClient(who, await presentKafkaLogin(who), 5).consumer({ groupId });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: "live.events", fromBeginning: true });
      return await new Promise<string>((resolve, reject) => {
        consumer.on("consumer.crash", ({ payload }) => reject(payload.error));
        consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) }).catch(reject);
      });
    } finally {
      await consumer.disconnect().catch(() => {});
    }
  };
  expect(await consumed(app, "mall.reader")).toBe("begun");
  await expect(consumed(live, "mall.reader")).rejects.toThrow(/authoriz/i);
}, 90_000);

test("a whole cluster asks for nothing, and one look at it is quick", async () => {
  await mall.observe();
  const started = performance.now();
  expect((await mall.heal(5_000)).actions).toEqual([]);
  figures.push(`one observation of both: ${Math.round(performance.now() - started)} ms`);
}, 90_000);

test("every check holds", async () => {
  for (const { id } of [...zookeeperChecks, ...kafkaChecks]) {
    const result = await timed(id, () => runCheck(id));
    expect(result, JSON.stringify(result)).toMatchObject({ verdict: "pass" });
    expect(JSON.stringify(result)).not.toContain(await mall.secrets.value("kafka.operator"));
  }
}, 180_000);

test("a check fails when what it looks at is wrong", async () => {
  await alterBroker(2, {
    "log.retention.ms": "3600000",
    "message.max.bytes": "4000000",
    "num.io.threads": "5",
    "min.insync.replicas": "1",
  });
  await alterBroker(1, { "message.max.bytes": "4000000" });
  await alterBroker(3, { "message.max.bytes": "4000000" });
  for (const id of [
    "kafka.retention",
    "kafka.message-limit",
    "kafka.threads-and-buffers",
    "kafka.replication-factor",
  ])
    expect((await runCheck(id)).verdict, id).toBe("fail");
  // In this order: a broker without its ZooKeeper looks for another one before it stops.
  await mall.docker("stop", mall.container("kafka-3"));
  await mall.docker("stop", mall.container("zookeeper-3"));
  await mall.learnAddresses();
  for (const id of [
    "kafka.version",
    "kafka.broker-ids",
    "kafka.auto-create-topics",
    "kafka.refuses-strangers",
  ])
    expect((await runCheck(id)).verdict, id).toBe("fail");
  for (const { id } of zookeeperChecks) expect((await runCheck(id)).verdict, id).toBe("fail");
  await expect(runCheck("kafka.acknowledged-is-copied")).rejects.toThrow(/INVALID_REPLICATION_FACTOR/);
  await mall.docker("start", mall.container("kafka-3"), mall.container("zookeeper-3"));
  const actions = await healed("after the checks' faults");
  for (const id of [1, 2, 3]) expect(actions.join()).toContain(`set-config kafka-${id}`);
}, 300_000);

test("snappy, lz4 and zstd: brokers pack each anew, and it is read back", async () => {
  const codecs = ["snappy", "lz4", "zstd"];
  for (const [i, codec] of codecs.entries()) {
    const topic = `mall.${codec}`;
    await tool("", "topics", "--create", "--topic", topic, "--config", `compression.type=${codec}`);
    // Sent in another form than the topic keeps: the brokers unpack and pack by their native code.
    const sent = codecs[(i + 1) % codecs.length] ?? "";
    await tool(`in ${codec}\n`, "console-producer", "--topic", topic, "--compression-codec", sent);
    const read = ["--from-beginning", "--max-messages", "1", "--timeout-ms", "20000"];
    expect(await tool("", "console-consumer", "--topic", topic, ...read)).toContain(`in ${codec}`);
  }
  expect(await tool("", "kafka-topics.sh", "--list")).toContain("mall.zstd");
}, 120_000);

test("the application may do what is its own, and nothing else", async () => {
  const { topic, ...app } = target("mall.own");
  const login = await presentKafkaLogin({ ...app, topic });
  await sendOnce(app, login, topic, "own", 30);
  await sendOnce(app, login, "orders.placed", "declared", 30);
  await expect(sendOnce(app, login, "strange", "foreign")).rejects.toThrow(/Not authorized/i);
  await expect(sendOnce(app, { ...login, password: "guessed" }, topic, "guessed")).rejects.toThrow(
    /authentication failed/i,
  );
  const admin = kafkaClient(app, login, 0).admin();
  await admin.connect();
  await expect(admin.createTopics({ topics: [{ topic: "strange" }] })).rejects.toThrow(
    /Not authorized|error/i,
  );
  await expect(admin.deleteTopics({ topics: ["orders.placed"] })).rejects.toThrow(/authoriz/i);
  await admin.disconnect();
  const producer = kafkaClient(app, login, 0).producer();
  await producer.connect();
  const large = { value: Buffer.alloc(mall.spec.maxMessage + 1, "x") };
  await expect(producer.send({ topic, acks: -1, messages: [large] })).rejects.toThrow(/larger than the max/);
  await producer.disconnect();
}, 60_000);

test("a dropped user and permission, a foreign permission and a drifted topic are put right", async () => {
  await tool(
    ...(["", "configs", "--alter", "--entity-type", "users", "--entity-name", "app"] as const),
    ...["--delete-config", "SCRAM-SHA-512"],
  );
  await tool("", "acls", "--remove", "--force", "--topic", "orders.placed");
  await tool("", "acls", "--add", "--allow-principal", principalOf("app"), "--operation", "All", "--cluster");
  await tool(
    ...(["", "configs", "--alter", "--entity-type", "topics", "--entity-name", "orders.placed"] as const),
    ...["--add-config", "retention.ms=1000,segment.ms=60000"],
  );
  const actions = await healed("user, permissions and a topic set wrong");
  for (const kind of ["set-user", "set-acls", "set-topic-config"]) expect(actions.join()).toContain(kind);
  const { topic, ...app } = target("mall.own");
  await sendOnce(app, await presentKafkaLogin({ ...app, topic }), "orders.placed", "again", 30);
  const { cluster } = await mall.observe();
  expect(cluster?.topics.map((one) => one.config)).toEqual([{ "retention.ms": "86400000" }]);
}, 90_000);

test("a broker killed while records are written: none that was acknowledged is lost", async () => {
  await underTraffic("a broker killed", async () => {
    const victim = await controller();
    await mall.docker("kill", mall.container(victim));
    await sleep(3_000);
    await mall.docker("start", mall.container(victim));
    await healed(`${victim}, the controller, killed and back`);
  });
}, 180_000);

test("a broker that lost its volume copies everything again", async () => {
  await underTraffic("a broker emptied", async () => {
    await mall.emptyOut("kafka-2");
    await healed("kafka-2 emptied");
  });
}, 180_000);

test("a ZooKeeper that lost its volume copies everything again", async () => {
  await mall.emptyOut("zookeeper-1");
  await healed("zookeeper-1 emptied");
}, 90_000);

test("the quorum is lost and comes back: records are written meanwhile, and everything is as before", async () => {
  await underTraffic("the quorum lost", async () => {
    await mall.docker("kill", mall.container("zookeeper-2"), mall.container("zookeeper-3"));
    await mall.learnAddresses();
    const ctx = mall.ctxOf(zookeeper);
    const said = zookeeper.summary(ctx.spec, await zookeeper.observe(ctx));
    expect(said).toMatchObject({ ok: false, text: { en: expect.stringContaining("no quorum") } });
    await sleep(5_000);
    await mall.docker("start", mall.container("zookeeper-2"), mall.container("zookeeper-3"));
    await healed("the quorum lost and back");
  });
}, 180_000);

test("all six at once with new addresses", async () => {
  const all = [...mall.instances("zookeeper"), ...mall.instances()];
  const before = all.map(mall.addressOf);
  await mall.recreateElsewhere(all);
  for (const address of all.map(mall.addressOf)) expect(before).not.toContain(address);
  await healed("all six recreated at once with new addresses");
  const { topic, ...app } = target("mall.own");
  await sendOnce(app, await presentKafkaLogin({ ...app, topic }), topic, "after", 30);
}, 180_000);

const rotation = {
  deliver: () => mall.deliver(),
  async waitServed(): Promise<void> {
    await mall.heal();
  },
  async waitAccepted(): Promise<boolean> {
    await mall.heal();
    return true;
  },
};

test("certificates, and the CA, are replaced under traffic", async () => {
  const before = await mall.secrets.identity();
  await underTraffic("certificates and the CA", async () => {
    await timed("certificates replaced", () =>
      rotateCertificates({ scope: "leaf" }, mall.plan, mall.backend, rotation),
    );
    await timed("the CA replaced", () =>
      rotateCertificates({ scope: "ca" }, mall.plan, mall.backend, rotation),
    );
  });
  const { topic, ...app } = target("mall.own");
  const login = await presentKafkaLogin({ ...app, topic });
  await expect(sendOnce(app, { ...login, ca: before.ca }, topic, "old CA")).rejects.toThrow(
    /self.signed|issuer|verif/i,
  );
  // Servers that were not restarted trust the new CA too, and it alone, when they must find one another anew.
  await mall.docker(
    "restart",
    mall.container(await controller()),
    ...mall.instances("zookeeper").map(mall.container),
  );
  await healed("a broker and the quorum restarted after the CA was replaced");
}, 240_000);

test("passwords are replaced under traffic; both are accepted until it is finished, then one", async () => {
  const { topic, ...app } = target("mall.own");
  const before = await presentKafkaLogin({ ...app, topic });
  await underTraffic("passwords", async () => {
    for (const id of ["kafka.app", "kafka.operator"])
      await timed(`${id} replaced`, () => rotateValue(mall.plan, mall.backend, id, rotation));
    const now = await presentKafkaLogin({ ...app, topic });
    expect(now.password).not.toBe(before.password);
    await sendOnce(app, before, topic, "with the former");
    await sendOnce(app, now, topic, "with the present");
    for (const id of ["kafka.app", "kafka.operator"])
      await finishSecretRotation(mall.plan, mall.backend, id, rotation);
  });
  const after = await presentKafkaLogin({ ...app, topic });
  await expect(sendOnce(app, before, topic, "before")).rejects.toThrow(/authentication failed/i);
  await sendOnce(app, after, topic, "after");
  expect(await tool("", "topics", "--list")).toContain(topic);
}, 180_000);
