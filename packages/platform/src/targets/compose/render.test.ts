import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { storeInstance, storePlan } from "../../../../../test/fixtures/plan.ts";
import { renderCompose } from "./render.ts";

const input = {
  plan: storePlan([storeInstance(1), storeInstance(2)]),
  bind: "127.0.0.1",
  images: { store: "mallstack/store:0123" },
  mallId: "id",
  maxFiles: 20_000,
};

describe("renderCompose", () => {
  it("gives each instance its address, its folders and its limits", () => {
    const compose = parse(renderCompose(input).files.get("compose.yaml") ?? "");
    expect(compose.services["store-1"]).toMatchObject({
      image: "mallstack/store:0123",
      networks: { mall: { aliases: ["store-1.store"] } },
      environment: { MALL_INSTANCE: "store-1", TZ: "UTC" },
      ulimits: { nofile: 20_000 },
      ports: [{ target: 7000, published: "14001", host_ip: "127.0.0.1", protocol: "tcp" }],
      tmpfs: ["/run/mall:rw,nosuid,nodev,noexec,size=1048576,mode=0700,uid=10099,gid=10099"],
    });
    expect(compose.volumes).toHaveProperty("store-1-secrets.external", true);
    expect(compose.volumes).toHaveProperty("store-2-data.name", "mall-test_store-2-data");
  });

  it("publishes what speaks UDP as that, and gives containers the names that they alone know", () => {
    const [service] = input.plan.services;
    const [workload] = service?.workloads ?? [];
    if (service === undefined || workload === undefined) throw new Error("no store");
    const hosts = [{ name: "auth.local", address: "127.0.0.1" }];
    const ports = workload.ports.map((port) => ({ ...port, transport: "udp" as const }));
    const plan = { ...input.plan, services: [{ ...service, workloads: [{ ...workload, hosts, ports }] }] };
    const { services } = parse(renderCompose({ ...input, plan }).files.get("compose.yaml") ?? "");
    expect(services["store-1"]).toMatchObject({
      extra_hosts: ["auth.local:127.0.0.1"],
      ports: [{ target: 7000, published: "14001", protocol: "udp" }],
    });
  });

  it("gives an instance a new definition when what a start reads changes, and only then", () => {
    const now = renderCompose(input).definitions;
    const pool = renderCompose({
      ...input,
      plan: storePlan([storeInstance(1, { pool: "1" }), storeInstance(2)]),
    });
    expect(pool.definitions.get("store-1")).not.toBe(now.get("store-1"));
    expect(pool.definitions.get("store-2")).toBe(now.get("store-2"));
    const image = renderCompose({ ...input, images: { store: "mallstack/store:4567" } });
    expect(image.definitions.get("store-2")).not.toBe(now.get("store-2"));
  });

  it("starts and stops what leans on another in order, and waits for nobody's health", () => {
    const [service] = input.plan.services;
    const [workload] = service?.workloads ?? [];
    if (service === undefined || workload === undefined) throw new Error("no store");
    const leaning = {
      ...workload,
      name: "broker",
      instances: workload.instances.slice(0, 1).map((one) => ({ ...one, name: "broker-1", published: [] })),
      leansOn: [workload.name],
    };
    const plan = { ...input.plan, services: [{ ...service, workloads: [workload, leaning] }] };
    const { services } = parse(renderCompose({ ...input, plan }).files.get("compose.yaml") ?? "");
    expect(services["broker-1"]).toMatchObject({
      depends_on: {
        "store-1": { condition: "service_started" },
        "store-2": { condition: "service_started" },
      },
      labels: { "io.mallstack.stops-first": "true" },
    });
    expect(services["store-1"]).not.toHaveProperty("depends_on");
    expect(services["store-1"].labels).not.toHaveProperty(["io.mallstack.stops-first"]);
  });

  it("pulls no image: all are made here, also those on a reference of the user's", () => {
    const [service] = input.plan.services;
    const [workload] = service?.workloads ?? [];
    if (service === undefined || workload === undefined) throw new Error("no store");
    const named = { ...workload, image: { ...workload.image, override: "registry.example/store:1" } };
    const plan = { ...input.plan, services: [{ ...service, workloads: [named] }] };
    for (const one of [input.plan, plan]) {
      const compose = parse(renderCompose({ ...input, plan: one }).files.get("compose.yaml") ?? "");
      expect(compose.services["store-1"]).toMatchObject({
        image: "mallstack/store:0123",
        pull_policy: "never",
      });
    }
  });

  it("takes time in proportion to the number of workloads", () => {
    const instances = (n: number) => Array.from({ length: n }, (_, i) => storeInstance(i + 1));
    const seconds = (n: number) => {
      const plan = storePlan(instances(n));
      const startedAt = performance.now();
      renderCompose({ ...input, plan });
      return performance.now() - startedAt;
    };
    const best = (n: number) => Math.min(...[1, 2, 3].map(() => seconds(n)));
    seconds(100);
    // Ten times the work: quadratic growth would take a hundred times as long, a busy machine perhaps twice.
    expect(best(1000) / best(100)).toBeLessThan(40);
  });
});
