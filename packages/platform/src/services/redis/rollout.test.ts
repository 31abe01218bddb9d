import { expect, test } from "vitest";
import type { InstanceChange } from "../service.ts";
import { decide } from "./decide.ts";
import { rolloutRedis } from "./rollout.ts";
import { redisSpec } from "./spec.ts";
import { apply } from "./testing/apply.ts";
import { tick } from "./testing/ticks.ts";
import { observe } from "./testing/view.ts";
import { freshWorld, nodeOf, stop } from "./testing/world.ts";

const spec = redisSpec.parse({});
const world = () => {
  const made = freshWorld(6);
  for (let i = 0; i < 20; i++) {
    for (const action of decide(spec, observe(made))) apply(made, action);
    tick(made);
  }
  return made;
};
const change = (index: number, apply: InstanceChange["apply"] = "recreate"): InstanceChange => ({
  instance: `redis-${index}`,
  apply,
  what: ["image"],
});
const all = [1, 2, 3, 4, 5, 6].map((i) => change(i));

test("replicas before masters, each after a hand-over, each until the cluster is whole", () => {
  const steps = rolloutRedis(spec, observe(world()), all);
  expect(steps.map((s) => s.instance)).toEqual([
    "redis-6",
    "redis-5",
    "redis-4",
    "redis-3",
    "redis-2",
    "redis-1",
  ]);
  for (const step of steps) {
    expect(step).toMatchObject({
      action: "recreate",
      until: "converged",
      prepare: { kind: "hand-over", target: step.instance },
    });
  }
});

test("by the roles that nodes have now, and what does not answer first", () => {
  const made = world();
  const heir = made.nodes.find((n) => n.masterId === nodeOf(made, "redis-1").id);
  if (heir === undefined) throw new Error("redis-1 has a replica");
  apply(made, {
    kind: "failover",
    target: heir.instance,
    how: "planned",
    id: heir.id,
    masterId: "",
    why: "",
  });
  for (let i = 0; i < 3; i++) tick(made);
  stop(nodeOf(made, "redis-3"));
  const order = rolloutRedis(spec, observe(made), all).map((s) => s.instance);
  expect(order[0]).toBe("redis-3");
  expect(order.indexOf("redis-1")).toBeLessThan(order.indexOf(heir.instance));
});

test("what the agent sets by itself is no step, and without an observation the last instances come first", () => {
  expect(rolloutRedis(spec, undefined, [change(1, "live")])).toEqual([]);
  expect(rolloutRedis(spec, undefined, [change(1), change(4, "restart")])).toMatchObject([
    { instance: "redis-4", action: "restart" },
    { instance: "redis-1", action: "recreate" },
  ]);
});
