import { expect, test } from "vitest";
import type { ServicePlan } from "../../plan/model.ts";
import type { Mall } from "../../spec/mall.ts";
import { planMall } from "../plan-mall.ts";
import { agent } from "./index.ts";
import { planAgent } from "./plan.ts";
import { agentRules } from "./rules.ts";
import { agentSpec, heapMiB } from "./spec.ts";

const site = {
  name: "test",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 14000,
  accept: [],
  images: {},
  mirrors: {},
} as const;
const spec = agentSpec.parse({});
const mall: Mall = { site, services: { agent: spec, other: { n: 1 } } };

test("the plan carries the whole mall, by which the agent comes to the same plan", () => {
  const plan = planMall(mall, [agent]);
  const file = plan.services[0]?.workloads[0]?.instances[0]?.files[0];
  if (file?.format !== "text") throw new Error("mall.json is a text file");
  expect(file).toMatchObject({ path: "mall.json", apply: "live" });
  const read: Mall = JSON.parse(file.content);
  expect(read).toEqual(mall);
  expect(planMall(read, [agent])).toEqual(plan);
});

test("it is published on its host port, holds all credentials and declares the operator's certificate", () => {
  const own = planAgent(spec, site, [], mall);
  const workload = own.workloads[0];
  expect(workload?.instances[0]).toMatchObject({
    name: "agent-1",
    allCredentials: true,
    published: [{ port: "api", hostPort: 14100 }],
    secrets: [{ file: "tls", ref: { commonName: "agent", usage: ["server", "client"] } }],
  });
  expect(own.clients).toMatchObject([{ id: "operator", commonName: "operator", usage: ["client"] }]);
});

test("a volume that another workload only reads is mounted for writing, at the same path", () => {
  const volumes = [
    { name: "state", path: "/state", sizeBytes: 1, shared: { name: "x-state", access: "read" as const } },
    { name: "data", path: "/data", sizeBytes: 1 },
  ];
  const reader = {
    service: "x",
    workloads: [{ volumes }],
    routes: [],
    credentials: [],
  } as unknown as ServicePlan;
  const own = planAgent(spec, site, [reader], mall);
  expect(own.workloads[0]?.volumes.slice(1)).toEqual([
    { name: "state", path: "/state", sizeBytes: 1, shared: { name: "x-state", access: "write" } },
  ]);
});

test("the heap fits the container beside Node's own memory, and too little is refused", () => {
  expect(heapMiB(spec.memory)).toBe(80);
  expect(agentRules(spec)).toEqual([]);
  expect(agentRules({ ...spec, memory: 64 * 2 ** 20 }).map((f) => f.id)).toEqual(["AG-MEMORY"]);
});

test("a served certificate that is not the newest is not well", () => {
  const state = (served: string) => ({
    instance: "agent-1",
    anonymousBytes: 90 * 2 ** 20,
    certificate: { served: { fingerprint: served }, wanted: "aa" },
  });
  expect(agent.summary(spec, state("aa"))).toMatchObject({ ok: true, text: { en: "memory 90Mi / 256Mi" } });
  expect(agent.summary(spec, state("bb")).ok).toBe(false);
});

test("a change that the agent takes up by itself is no step of a rollout", () => {
  const change = (apply: "live" | "restart") => ({ instance: "agent-1", apply, what: ["mall.json"] });
  expect(agent.rollout(spec, undefined, [change("live")])).toEqual([]);
  expect(agent.rollout(spec, undefined, [change("restart")])).toMatchObject([{ action: "restart" }]);
});
