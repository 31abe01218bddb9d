import { expect, test } from "vitest";
import { z } from "zod";
import type { ServicePlan } from "../plan/model.ts";
import type { Mall } from "../spec/mall.ts";
import { planMall, servicesOf } from "./plan-mall.ts";
import { type AnyService, defineService } from "./service.ts";

const site = {
  name: "test",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 13000,
  accept: [],
  images: {},
  mirrors: {},
} as const;

/** A service whose plan records what it was given. */
function fake(name: string): AnyService {
  return defineService({
    name,
    title: { en: name, zh: name },
    spec: z.strictObject({ size: z.number() }),
    profiles: { small: {}, standard: {}, production: {} },
    needs: [],
    images: [],
    ruleIds: [],
    rules: () => [],
    plan: (spec, at, others, mall): ServicePlan => ({
      service: name,
      workloads: [],
      routes: [],
      credentials: [
        { kind: "generated", id: `${at.name}.${name}.${spec.size}` },
        ...others.map((o) => ({ kind: "generated" as const, id: `after.${o.service}` })),
        { kind: "generated", id: `of.${Object.keys(mall.services).length}` },
      ],
    }),
    observe: async () => ({}),
    decide: () => [],
    act: async () => {},
    summary: () => ({ ok: true, text: { en: "", zh: "" } }),
    checks: [],
    rollout: () => [],
  });
}

const registry = [fake("first"), fake("second"), fake("third")];
const mall: Mall = { site, services: { third: { size: 3 }, first: { size: 1 } } };

test("services are planned in the registry's order, each seeing those before it", () => {
  const plan = planMall(mall, registry);
  expect(plan.mall).toBe("test");
  expect(plan.services.map((s) => [s.service, s.credentials.map((c) => c.id)])).toEqual([
    ["first", ["test.first.1", "of.2"]],
    ["third", ["test.third.3", "after.first", "of.2"]],
  ]);
});

test("a service that the mall leaves out has no plan", () => {
  expect(servicesOf(mall, registry).map((s) => s.name)).toEqual(["first", "third"]);
});

test("the same mall gives the same bytes, also after a trip through JSON", () => {
  const again: Mall = JSON.parse(JSON.stringify(mall));
  expect(JSON.stringify(planMall(again, registry))).toBe(JSON.stringify(planMall(mall, registry)));
});
