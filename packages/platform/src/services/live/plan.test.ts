import { expect, test } from "vitest";
import { parseConfig } from "../../../../live/src/app/config.ts";
import { accessKeyOf } from "../../../../live/src/bucket/access-key.ts";
import { fileContent } from "../../plan/config-file.ts";
import type { Instance } from "../../plan/model.ts";
import { loadMall } from "../../spec/load.ts";
import { mallSchema, thisHost } from "../mall-schema.ts";
import { accessKeyOf as accessKeyOfMinio } from "../minio/names.ts";
import { planMall } from "../plan-mall.ts";

const stores = ["kafka", "redis", "elasticsearch", "minio"] as const;

/** The default mall with live streaming and without some of its services. */
function planned(without: readonly string[] = []) {
  const switches = without.map((name) => `  ${name}:\n    enabled: false\n`).join("");
  const content = `profile: small\nservices:\n  live:\n    enabled: true\n${switches}`;
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
  const { redis } = parseConfig(json(app, "live.json"));
  expect(redis?.nodes).toHaveLength(6);
  expect(redis?.nodes[5]).toEqual({ host: "redis-6.redis", port: 6379, serverName: "redis" });
  expect(secretFiles(app)).toEqual(expect.arrayContaining(["mysql.password", ...passwords]));
  const made = new Set(plan.services.flatMap(({ credentials }) => credentials.map(({ id }) => id)));
  for (const { ref } of app.secrets.filter(({ file }) => file.endsWith(".password")))
    expect(made, ref.id).toContain(ref.id);
});

test("an ingest is told of the object store alone", () => {
  const ingest = instance(planned(), "live-ingest-2");
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
