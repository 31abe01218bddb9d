import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "../../../../live/src/app/config.ts";
import { accessKeyOf } from "../../../../live/src/bucket/access-key.ts";
import { fileContent } from "../../plan/config-file.ts";
import type { Instance } from "../../plan/model.ts";
import { loadMall } from "../../spec/load.ts";
import type { Site } from "../../spec/site.ts";
import { mallSchema, thisHost } from "../mall-schema.ts";
import { accessKeyOf as accessKeyOfMinio } from "../minio/names.ts";
import { planMall } from "../plan-mall.ts";
import { liveRules } from "./rules.ts";
import { liveSpec } from "./spec.ts";

const stores = ["kafka", "redis", "elasticsearch", "minio"] as const;

/** The default mall, without some of its services. */
function planned(without: readonly string[] = [], more = "") {
  const switches = without.map((name) => `  ${name}:\n    enabled: false\n`).join("");
  const content = `profile: small\nservices:\n  live:\n    enabled: true\n${more}${switches}`;
  return planMall(loadMall(content, "mall.yaml", mallSchema(), thisHost()).mall);
}

function instance(plan: ReturnType<typeof planned>, name: string): Instance {
  const found = plan.services
    .flatMap((service) => service.workloads)
    .flatMap((workload) => workload.instances)
    .find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function json(of: Instance, path: string): Record<string, unknown> {
  const file = of.files.find((one) => one.path === path);
  if (file === undefined) throw new Error(`no ${path}`);
  return JSON.parse(fileContent(file));
}

const secretFiles = (of: Instance): readonly string[] => of.secrets.map(({ file }) => file);
const passwords = stores.map((name) => `${name}.password`);

test("the application is told of every store, with an account of its own in each", () => {
  const plan = planned();
  const app = instance(plan, "live-app-1");
  expect(parseConfig(json(app, "live.json"))).toMatchObject({
    kafka: {
      brokers: [1, 2, 3].map((n) => ({
        host: `kafka-${n}.kafka`,
        port: 9092,
        serverName: `kafka-${n}.kafka`,
      })),
      user: "live",
      topic: "live.events",
    },
    redis: { user: "live", prefix: "live:" },
    elasticsearch: { user: "live", index: "live-" },
    minio: { host: "minio", port: 9000, serverName: "minio", bucket: "replays", user: "live" },
    edges: [1, 2].map((n) => ({
      host: `live-edge-${n}.live-edge`,
      port: 9443,
      serverName: `live-edge-${n}.live-edge`,
    })),
  });
  expect(parseConfig(json(app, "live.json")).replays).toEqual({ keepDays: 90 });
  const shorter = instance(planned([], "    replays: { keepDays: 7 }\n"), "live-app-1");
  expect(parseConfig(json(shorter, "live.json")).replays).toEqual({ keepDays: 7 });
  const { redis } = parseConfig(json(app, "live.json"));
  expect(redis?.nodes).toHaveLength(6);
  expect(redis?.nodes[5]).toEqual({ host: "redis-6.redis", port: 6379, serverName: "redis" });
  expect(secretFiles(app)).toEqual(expect.arrayContaining(["mysql.password", ...passwords]));
  const made = new Set(plan.services.flatMap(({ credentials }) => credentials.map(({ id }) => id)));
  for (const { ref } of app.secrets.filter(({ file }) => file.endsWith(".password")))
    expect(made, ref.id).toContain(ref.id);
});

test("LiveKit is told the address and the ports that browsers use, and shares its key with the application alone", () => {
  const plan = planned();
  const livekit = instance(plan, "livekit-1");
  const file = livekit.files.find(({ path }) => path === "livekit.yaml");
  if (file === undefined) throw new Error("no livekit.yaml");
  expect(parse(fileContent(file))).toMatchObject({
    bind_addresses: ["127.0.0.1"],
    rtc: { udp_port: 13_448, tcp_port: 13_447, use_external_ip: false, node_ip: "127.0.0.1" },
    room: { auto_create: false },
  });
  const workload = plan.services.flatMap(({ workloads }) => workloads).find(({ name }) => name === "livekit");
  for (const { port, hostPort } of livekit.published)
    expect(workload?.ports.find(({ name }) => name === port)?.number).toBe(hostPort);
  const holders = plan.services
    .flatMap(({ workloads }) => workloads)
    .flatMap(({ instances }) => instances)
    .filter((one) => secretFiles(one).includes("livekit.key"));
  expect(holders.map(({ name }) => name)).toEqual(["live-app-1", "live-app-2", "livekit-1"]);
  expect(parseConfig(json(instance(plan, "live-app-1"), "live.json")).livekit).toEqual({
    host: "livekit-1.livekit",
    port: 7880,
    serverName: "livekit-1.livekit",
  });
});

test("a mall whose auctions go without it has neither LiveKit nor its key, and edges lead nobody there", () => {
  const plan = planned([], "    auctions:\n      enabled: false\n");
  const names = plan.services.flatMap(({ workloads }) => workloads.map(({ name }) => name));
  expect(names).not.toContain("livekit");
  expect(plan.services.flatMap(({ credentials }) => credentials.map(({ id }) => id))).not.toContain(
    "live.livekit",
  );
  expect(json(instance(plan, "live-app-1"), "live.json")).not.toHaveProperty("livekit");
  const [nginx] = instance(plan, "live-edge-1").files;
  expect(nginx === undefined ? "" : fileContent(nginx)).not.toContain("rtc");
});

test("ports that are open to any network ask for an address that browsers are told", () => {
  const findings = (bind: string, address?: string) =>
    liveRules(liveSpec.parse({ auctions: address === undefined ? {} : { address } }), {
      bind,
      portBase: 13_000,
    } as Site).map(({ id }) => id);
  expect(findings("127.0.0.1")).toEqual([]);
  expect(findings("192.0.2.1")).toEqual([]);
  expect(findings("0.0.0.0")).toEqual(["LV-MEDIA-ADDRESS"]);
  expect(findings("0.0.0.0", "192.0.2.1")).toEqual([]);
});

test("an ingest is told of the object store and of LiveKit, and has no key of that", () => {
  const ingest = instance(planned(), "live-ingest-2");
  expect(json(ingest, "ingest.json")).toMatchObject({
    livekit: { host: "livekit-1.livekit", port: 7880, serverName: "livekit-1.livekit" },
    stages: 1,
  });
  expect(json(ingest, "ingest.json")).toMatchObject({ minio: { bucket: "replays", user: "live" } });
  expect(secretFiles(ingest)).toEqual(["tls", "minio.password"]);
});

test("an edge has the key of play addresses and nothing more", () => {
  expect(secretFiles(instance(planned(), "live-edge-1"))).toEqual(["tls", "play.key"]);
});

test.each(stores)("a mall without %s tells neither of it", (name) => {
  // Kafka is what ZooKeeper is for.
  const plan = planned(name === "kafka" ? ["kafka", "zookeeper"] : [name]);
  for (const [of, file] of [
    ["live-app-1", "live.json"],
    ["live-ingest-1", "ingest.json"],
  ] as const) {
    const found = instance(plan, of);
    expect(json(found, file)).not.toHaveProperty(name);
    expect(secretFiles(found)).not.toContain(`${name}.password`);
  }
  parseConfig(json(instance(plan, "live-app-1"), "live.json"));
});

test("the application and the agent make the same access key of a secret", () => {
  expect(accessKeyOf("live", "a secret")).toBe(accessKeyOfMinio("live", "a secret"));
});
