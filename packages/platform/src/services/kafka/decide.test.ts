/** What is decided in thousands of broken worlds: never on what is not known, never what brokers refuse, and it ends. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyOf, wantedAcls } from "./access.ts";
import { brokerActions, decide, problems, summary } from "./decide.ts";
import { replicasFor } from "./placement.ts";
import { rolloutKafka } from "./rollout.ts";
import { type KafkaSpec, kafkaSpec } from "./spec.ts";
import { isUp, type KafkaState } from "./state.ts";
import {
  emptyWorld,
  ids,
  observeWorld,
  performAction,
  recover,
  type World,
  wholeWorld,
} from "./testing/world.ts";

const spec = kafkaSpec.parse({
  topics: {
    orders: { partitions: 3, config: { "retention.ms": 1000 } },
    views: { partitions: 2, replicationFactor: 2 },
    "mall.stock": {},
  },
});

/** What a person or a fault may have done to a cluster. */
const breakage = fc.record({
  empty: fc.boolean(),
  down: fc.uniqueArray(fc.constantFrom(...ids(spec)), { maxLength: 3 }),
  noController: fc.boolean(),
  drift: fc.uniqueArray(fc.constantFrom(...ids(spec))),
  users: fc.uniqueArray(fc.constantFrom("app", "operator")),
  lostAcls: fc.nat({ max: 30 }),
  strangeAcl: fc.boolean(),
  lostTopics: fc.uniqueArray(fc.constantFrom(...Object.keys(spec.topics))),
  fewerCopies: fc.boolean(),
  fewerPartitions: fc.boolean(),
  topicConfig: fc.dictionary(fc.constantFrom("retention.ms", "segment.ms"), fc.constantFrom("1", "2")),
  misled: fc.boolean(),
  behind: fc.boolean(),
  unreadable: fc.boolean(),
});

function broken(how: typeof breakage extends fc.Arbitrary<infer T> ? T : never): World {
  const world = how.empty ? emptyWorld(spec) : wholeWorld(spec);
  for (const id of how.drift) world.drift.set(id, [{ key: "num.io.threads", is: "1", wanted: "4" }]);
  for (const user of how.users) world.wrongUsers.set(user, "has another password on kafka-1");
  for (const acl of wantedAcls(spec).slice(0, how.lostAcls)) world.acls.delete(keyOf(acl));
  const [some] = wantedAcls(spec);
  if (how.strangeAcl && some !== undefined) {
    const strange = { ...some, resourceName: "secret" };
    world.acls.set(keyOf(strange), strange);
  }
  for (const name of how.lostTopics) world.topics.delete(name);
  const orders = world.topics.get("orders");
  if (orders !== undefined) {
    const replicas = how.fewerCopies ? orders.replicas.map((one) => one.slice(0, 1)) : orders.replicas;
    world.topics.set("orders", {
      ...orders,
      replicas: how.fewerPartitions ? replicas.slice(0, 1) : replicas,
      config: { ...orders.config, ...how.topicConfig },
    });
    if (how.misled) world.misled.set("orders", [0]);
    if (how.behind) world.underReplicated.add("orders-0");
    if (how.unreadable) world.unreadable.add("orders");
  }
  for (const id of how.down) world.up.delete(id);
  if (how.noController) world.hasController = false;
  return world;
}

/** Rounds as the agent goes them; each action must be one that the brokers take. */
function converge(world: World, rounds = 20): KafkaState {
  for (let round = 0; round < rounds; round += 1) {
    const actions = decide(spec, observeWorld(world));
    if (actions.length === 0) break;
    for (const action of actions) performAction(world, action);
  }
  return observeWorld(world);
}

describe("in every broken world", () => {
  test("nothing is done that is not known to be right", () => {
    fc.assert(
      fc.property(breakage, (how) => {
        const state = observeWorld(broken(how));
        const up = state.brokers.filter(isUp);
        for (const action of decide(spec, state)) {
          if (action.kind === "set-config") {
            expect(up.map((broker) => broker.instance)).toContain(action.target);
            continue;
          }
          expect(state.cluster).toBeDefined();
          const whole = up.length === spec.brokers && state.cluster?.underReplicated.length === 0;
          if (action.kind === "reassign") expect(whole).toBe(true);
          if (action.kind === "elect-leaders") expect(up.length).toBe(spec.brokers);
          if (action.kind === "create-topic") {
            expect(action.replicationFactor).toBeLessThanOrEqual(up.length);
            expect(state.cluster?.topicNames).not.toContain(action.topic);
          }
          if (action.kind === "create-offsets-topic") expect(up.length).toBeGreaterThanOrEqual(3);
          // Permissions are given to the application alone, and only those that are planned.
          if (action.kind === "set-acls") {
            const wanted = new Set(wantedAcls(spec).map(keyOf));
            for (const acl of action.add) expect(wanted).toContain(keyOf(acl));
            for (const acl of action.remove) expect(wanted).not.toContain(keyOf(acl));
          }
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test("it comes to an end while some are away, and to a whole cluster when they are back", () => {
    fc.assert(
      fc.property(breakage, (how) => {
        const world = broken(how);
        const partial = converge(world);
        expect(decide(spec, partial)).toEqual([]);
        recover(world);
        const after = converge(world);
        expect(decide(spec, after)).toEqual([]);
        expect(problems(spec, after)).toEqual([]);
        expect(summary(spec, after).ok).toBe(true);
        expect([...world.topics.keys()].sort()).toEqual(Object.keys(spec.topics).sort());
        expect(world.topics.get("orders")?.config).toEqual({ "retention.ms": "1000" });
        expect(world.topics.get("views")?.replicas.every((one) => one.length === 2)).toBe(true);
      }),
      { numRuns: 1_500 },
    );
  });

  test("no topic is ever lost, and no partition or copy where copies are enough", () => {
    fc.assert(
      fc.property(breakage, (how) => {
        const world = broken(how);
        const before = new Map([...world.topics].map(([name, topic]) => [name, topic.replicas]));
        converge(world);
        for (const [name, replicas] of before) {
          const now = world.topics.get(name)?.replicas ?? [];
          expect(now.length).toBeGreaterThanOrEqual(replicas.length);
          for (const [i, one] of replicas.entries()) expect(now[i]?.[0]).toBe(one[0]);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

test("a whole cluster asks for nothing and says so; an empty one is made in one round", () => {
  expect(decide(spec, observeWorld(wholeWorld(spec)))).toEqual([]);
  expect(summary(spec, observeWorld(wholeWorld(spec)))).toMatchObject({
    ok: true,
    text: { en: expect.stringContaining("3 brokers, kafka-1 is the controller") },
  });
  expect(decide(spec, observeWorld(emptyWorld(spec))).map((action) => action.kind)).toEqual([
    "set-user",
    "set-user",
    "set-acls",
    "create-offsets-topic",
    "create-topic",
    "create-topic",
    "create-topic",
  ]);
});

test("what stands in the way is said", () => {
  const said = (change: (world: World) => void, of: KafkaSpec = spec) => {
    const world = wholeWorld(spec);
    change(world);
    return problems(of, observeWorld(world)).map((problem) => problem.en);
  };
  expect(said((w) => w.up.delete(3))).toEqual([
    expect.stringContaining("kafka-1 knows of brokers 1, 2 only"),
    expect.stringContaining("kafka-2 knows of brokers 1, 2 only"),
    expect.stringContaining("kafka-3 does not answer"),
    expect.stringContaining("partitions lack a copy"),
  ]);
  expect(
    said((w) => {
      w.hasController = false;
    }),
  ).toEqual([expect.stringContaining("no controller answers")]);
  const one = kafkaSpec.parse({ topics: { orders: { partitions: 1 } } });
  expect(said(() => {}, one)).toEqual([expect.stringContaining("orders has 3 partitions and 1 are planned")]);
});

test("drift is one action with all settings that differ", () => {
  const world = wholeWorld(spec);
  world.drift.set(2, [
    { key: "log.retention.ms", is: "5", wanted: "7" },
    { key: "message.max.bytes", is: "", wanted: "9" },
  ]);
  const broker = observeWorld(world)
    .brokers.filter(isUp)
    .find((one) => one.id === 2);
  expect(broker === undefined ? [] : brokerActions(broker)).toMatchObject([
    {
      target: "kafka-2",
      settings: [
        { key: "log.retention.ms", value: "7" },
        { key: "message.max.bytes", value: "9" },
      ],
      why: "log.retention.ms is 5, not 7; message.max.bytes is empty, not 9",
    },
  ]);
});

test("copies are added where there are fewest, first ones stay, and none is twice in a place", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 8 }),
      (from, to, n) => {
        const brokers = [1, 2, 3, 4, 5];
        const current = Array.from({ length: n }, (_, p) =>
          Array.from({ length: from }, (_c, i) => brokers[(p + i) % brokers.length] ?? 0),
        );
        const placed = replicasFor(current, to, brokers) ?? [];
        expect(placed).toHaveLength(n);
        for (const [i, replicas] of placed.entries()) {
          expect(new Set(replicas).size).toBe(to);
          expect(replicas.slice(0, Math.min(from, to))).toEqual(current[i]?.slice(0, Math.min(from, to)));
        }
      },
    ),
  );
  expect(replicasFor([[1]], 3, [1, 2])).toBeUndefined();
});

test("a rolling change takes what does not answer first, the controller last, one at a time", () => {
  const changes = [1, 2, 3].map((i) => ({ instance: `kafka-${i}`, apply: "restart" as const, what: ["x"] }));
  const world = wholeWorld(spec);
  world.up.delete(2);
  const steps = rolloutKafka(spec, observeWorld(world), [
    ...changes,
    { ...(changes[0] ?? { instance: "", what: [] }), apply: "live" },
  ]);
  expect(steps.map((step) => [step.instance, step.until])).toEqual([
    ["kafka-2", "converged"],
    ["kafka-3", "converged"],
    ["kafka-1", "converged"],
  ]);
});
