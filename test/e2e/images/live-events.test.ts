/** Events of the live application, from MySQL to a real Kafka: nothing lost and in order, whoever dies and whenever. */
import { connect as connectTls } from "node:tls";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ask, LiveBench, secrets, until } from "../../support/live-app.ts";
import { loneBroker, operatorPassword } from "../../support/lone-broker.ts";
import { readyImages } from "../../support/ready-images.ts";
import type { Container } from "../../support/standalone.ts";

const topic = "live.events";
const rooms = ["tea", "silk", "jade", "rice"];

let live: LiveBench;
let mysql: Container;
let broker: Container;
let apps: readonly [Container, Container];
let ingests: readonly [Ask, Ask];
let operators: readonly [Ask, Ask];
let keys: ReadonlyMap<string, string>;

interface Event {
  readonly id: string;
  readonly type: string;
  readonly room: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

beforeAll(async () => {
  live = await LiveBench.open((bench) =>
    readyImages(bench.engine, ["mysql", "live-app", "zookeeper", "kafka"]),
  );
  const [lone, database] = await Promise.all([loneBroker(live.bench, live.images), live.mysql()]);
  broker = lone.broker;
  mysql = database;
  await lone.setUser("operator", operatorPassword);
  await lone.setUser("live", secrets["kafka.password"]);
  const shell = async (...command: readonly string[]) => {
    const done = await broker.exec("mall-shell", ...command);
    expect(done.exitCode, done.stderr).toBe(0);
  };
  await shell("topics", "--create", "--topic", topic, "--partitions", "3");
  const rights = ["--operation", "Write", "--operation", "Describe", "--topic", topic];
  await shell("acls", "--add", "--allow-principal", "User:live", ...rights);
  const kafka = {
    brokers: [{ host: "broker-1", port: 9092, serverName: "broker-1" }],
    user: "live",
    topic,
  };
  apps = await Promise.all([live.app({ kafka }), live.app({ kafka }, "live-app-2")]);
  await Promise.all(apps.map((app) => until(() => app.healthy("ready"), 60_000)));
  const both = (as: string) => Promise.all([live.client(apps[0], as), live.client(apps[1], as)]);
  [ingests, operators] = await Promise.all([both("live-ingest"), both("operator")]);
  keys = new Map(
    await Promise.all(
      rooms.map(async (name): Promise<readonly [string, string]> => {
        await operators[0]("POST", "/v1/rooms", { body: { name, title: name, merchant: "m1" } });
        const { json } = await operators[1]("POST", `/v1/rooms/${name}/keys`, { body: {} });
        return [name, json.key];
      }),
    ),
  );
}, 600_000);
afterAll(() => live?.bench.close(), 60_000);

/** Every record that the topic has, in the order of their partitions. */
async function told(): Promise<readonly Event[]> {
  const host = await broker.address();
  const kafka = new Kafka({
    brokers: ["broker-1:9092"],
    logLevel: logLevel.NOTHING,
    ssl: { ca: live.bench.authority },
    sasl: { mechanism: "scram-sha-512", username: "operator", password: operatorPassword },
    socketFactory: ({ port, ssl, onConnect }) =>
      connectTls({ ...ssl, host, port, servername: "broker-1" }, onConnect),
  });
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect());
  let left = ends.reduce((sum, { high }) => sum + Number(high), 0);
  const found: Event[] = [];
  const consumer = kafka.consumer({ groupId: `test-${Math.random()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve) => {
      if (left === 0) resolve();
      void consumer.run({
        eachMessage: async ({ message }) => {
          const event = JSON.parse(message.value?.toString() ?? "") as Event;
          expect(message.key?.toString()).toBe(event.room);
          expect(message.headers?.["event-id"]?.toString()).toBe(event.id);
          found.push(event);
          left -= 1;
          if (left === 0) resolve();
        },
      });
    });
  } finally {
    await consumer.disconnect();
  }
  return found;
}

/** As a consumer that keeps the highest number of each room sees them. */
function seen(events: readonly Event[]): ReadonlyMap<string, readonly Event[]> {
  const by = new Map<string, Event[]>();
  for (const event of events) {
    const of = by.get(event.room) ?? [];
    if (event.sequence > (of.at(-1)?.sequence ?? 0)) of.push(event);
    by.set(event.room, of);
  }
  return by;
}

let clients = 0;
/** A broadcast from its begin to its end, each word to the instance that is given; what is refused is asked again. */
async function broadcastOnce(stream: string, turn: number): Promise<string> {
  clients += 1;
  const client = String(clients);
  const ask = async (path: string, body: object) => {
    for (let at = turn; ; at++) {
      const answer = await ingests[at % 2 === 0 ? 0 : 1]("POST", path, { body }).catch(() => undefined);
      if (answer !== undefined && answer.status < 300) return answer.json;
      if (answer?.status === 403) throw new Error(`${path} ${stream}: ${answer.text}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const query = `key=${keys.get(stream)}`;
  const instance = "live-ingest-1";
  const { broadcast } = await ask("/internal/publish", {
    ...{ stream, query, instance, address: "192.0.2.7", clientId: client },
  });
  await ask("/internal/done", { stream, broadcast, instance, reason: "closed" });
  return broadcast;
}

const waiting = async (): Promise<number> =>
  Number(await live.sql(mysql, "SELECT COUNT(*) FROM live.outbox WHERE published_at IS NULL"));
const metric = async (app: 0 | 1, name: string): Promise<number> => {
  const { text } = await operators[app]("GET", "/metrics");
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
};

test("what happens is told within a second or two, by room, numbered without a gap", async () => {
  const broadcast = await broadcastOnce("tea", 0);
  await until(async () => (await waiting()) === 0, 15_000);
  const of = seen(await told());
  expect(of.get("tea")?.map(({ type, sequence, data }) => [sequence, type, data])).toEqual([
    [1, "room.created", { title: "tea", merchant: "m1", visibility: "public" }],
    [2, "live.started", { broadcast, resumed: false }],
    [3, "live.stopped", { broadcast, reason: "closed" }],
  ]);
  expect([...of.keys()].sort()).toEqual([...rooms].sort());
  expect((await operators[0]("GET", "/ready")).json.mysql).toBe("ok");
  await until(async () => (await metric(0, "live_outbox_events")) === 0);
  expect(
    (await metric(0, "live_events_published_total")) + (await metric(1, "live_events_published_total")),
  ).toBe(6);
}, 90_000);

test("Kafka away and both applications killed meanwhile: all of it is told afterwards, in order", async () => {
  const docker = (...command: string[]) => live.bench.engine.docker(command);
  const made = new Map(rooms.map((room) => [room, [] as string[]]));
  let running = true;
  const work = rooms.map(async (room, turn) => {
    while (running) made.get(room)?.push(await broadcastOnce(room, turn));
  });
  const restart = async (app: Container) => {
    await docker("kill", app.name);
    await docker("start", app.name);
    await until(() => app.healthy("ready"), 60_000);
  };
  try {
    await docker("kill", broker.name);
    await restart(apps[0]);
    await until(async () => (await waiting()) > 50, 90_000);
    // Whichever instance has the relay says so, and both go on serving.
    const saysSo = async () => {
      const answers = await Promise.all(operators.map((ask) => ask("GET", "/ready")));
      return answers.some(({ status, json }) => status === 200 && json.parts.kafka === "away");
    };
    await until(saysSo, 60_000);
    expect(await metric(0, "live_outbox_events")).toBeGreaterThan(0);
    await restart(apps[1]);
    // As often as a mall's engine does: it ends by itself for as long as ZooKeeper still knows the one that was killed.
    const isUp = async () => {
      if (!(await broker.state()).running) await docker("start", broker.name);
      return broker.healthy();
    };
    await until(isUp, 60_000);
    // The relay is killed while it catches up.
    for (const app of apps) await restart(app);
  } finally {
    running = false;
  }
  await Promise.all(work);
  await until(async () => (await waiting()) === 0, 60_000);
  const of = seen(await told());
  for (const room of rooms) {
    const events = of.get(room) ?? [];
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    const expected = (made.get(room) ?? []).flatMap((id) => [`live.started ${id}`, `live.stopped ${id}`]);
    expect(expected.length).toBeGreaterThan(10);
    // A publish whose answer was lost may have begun a broadcast that its publisher did not hear of.
    const heard = events.map(({ type, data }) => `${type} ${data.broadcast}`);
    expect(heard.filter((line) => expected.includes(line))).toEqual(expected);
  }
  const ids = [...of.values()].flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
}, 400_000);
