/** The decision against a simulated cluster: in every combination of broken nodes it heals, and never loses. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assess } from "./decide.ts";
import { allSlots, joinSlots } from "./slots.ts";
import { redisSpec } from "./spec.ts";
import { apply } from "./testing/apply.ts";
import { tick } from "./testing/ticks.ts";
import { observe } from "./testing/view.ts";
import {
  emptied,
  freshWorld,
  has,
  moved,
  moveTo,
  type SimNode,
  start,
  stop,
  type World,
  write,
} from "./testing/world.ts";

const spec = redisSpec.parse({});
/** One key in each third of the slots, and two more. */
const keys = [0, 100, 6_000, 12_000, 16_383];

/** One round of the agent: what it decides, of which the first `limit` are done; what a server refuses waits. */
function round(world: World, limit = Number.POSITIVE_INFINITY): readonly string[] {
  const done: string[] = [];
  for (const [i, action] of assess(spec, observe(world)).actions.slice(0, limit).entries()) {
    // As act does: what an earlier action made wrong is not done any more.
    if (i > 0 && action.kind !== "meet") {
      const asked = assess(spec, observe(world)).actions.map(({ why: _why, ...again }) =>
        JSON.stringify(again),
      );
      const { why: _, ...grounds } = action;
      if (!asked.includes(JSON.stringify(grounds))) continue;
    }
    try {
      apply(world, action);
      done.push(`${action.kind} ${action.target}`);
    } catch (error) {
      if (String(error).includes("INVARIANT")) throw error;
    }
  }
  return done;
}

/** Rounds and seconds until nothing is left to do. @returns how many it took. */
function settle(world: World, limit = 60): number {
  for (let i = 0; i < limit; i++) {
    const { actions, problems } = assess(spec, observe(world));
    if (actions.length === 0 && problems.length === 0) return i;
    round(world);
    tick(world);
    expectNothingLost(world);
  }
  const { actions, problems } = assess(spec, observe(world));
  throw new Error(
    `not whole after ${limit} rounds: ${JSON.stringify({ actions, problems, world: show(world) })}`,
  );
}

const show = (world: World) =>
  world.nodes.map(
    (n) =>
      `${n.instance} ${n.running ? "" : "down "}${n.role} ${n.masterId?.slice(-4) ?? ""} ${n.id.slice(-4)} keys ${[...n.keys]} ${JSON.stringify(n.slots)}`,
  );

/** A key may be gone only when the fault took every copy. */
function expectNothingLost(world: World): void {
  for (const key of world.written) {
    if (!world.nodes.some((n) => n.keys.has(key)))
      throw new Error(`key ${key} is lost: ${show(world).join("\n")}`);
  }
}

function expectWhole(world: World): void {
  const owners = world.nodes.filter((n) => n.slots.length > 0);
  expect(owners).toHaveLength(3);
  expect(joinSlots(...owners.map((n) => n.slots))).toEqual(allSlots);
  for (const owner of owners) {
    expect(world.nodes.filter((n) => n.role === "replica" && n.masterId === owner.id)).toHaveLength(1);
  }
  for (const key of world.written) {
    const owner = owners.find((n) => has(n.slots, key));
    if (owner?.keys.has(key) !== true)
      throw new Error(`${owner?.instance} lacks key ${key}: ${show(world).join("\n")}`);
  }
}

/** A fault that takes all copies of a key takes the key from what is to be found again. */
function strike(world: World, fault: () => void): void {
  fault();
  for (const key of [...world.written]) {
    if (!world.nodes.some((n) => n.keys.has(key))) world.written.delete(key);
  }
}

const whole = freshWorld(6);
settle(whole);
for (const key of keys) write(whole, key);
tick(whole);
const healthy = (): World => structuredClone(whole);

describe("creation", () => {
  test("six fresh nodes become a cluster, masters first in the plan's order", () => {
    const world = freshWorld(6);
    expect(settle(world)).toBeLessThan(10);
    expectWhole(world);
    expect(world.nodes.filter((n) => n.slots.length > 0).map((n) => n.instance)).toEqual([
      "redis-1",
      "redis-2",
      "redis-3",
    ]);
  });

  test("cut after any step, with or without time passing, it goes on to the same cluster", () => {
    for (const pause of [0, 1, 12]) {
      for (let first = 0; first <= 8; first++) {
        for (let second = 0; second <= 8; second++) {
          const world = freshWorld(6);
          round(world, first);
          for (let i = 0; i < pause; i++) tick(world);
          round(world, second);
          for (let i = 0; i < pause; i++) tick(world);
          settle(world);
          expectWhole(world);
        }
      }
    }
  });

  test("while a node is not there yet, nothing is given away", () => {
    for (let late = 0; late < 6; late++) {
      const world = freshWorld(6);
      const node = world.nodes[late] as SimNode;
      stop(node);
      for (let i = 0; i < 10; i++) {
        round(world);
        tick(world);
      }
      expect(world.nodes.every((n) => n.slots.length === 0)).toBe(true);
      expect(assess(spec, observe(world)).problems.length).toBeGreaterThan(0);
      start(node);
      settle(world);
      expectWhole(world);
    }
  });
});

const faults = {
  none: () => {},
  moved,
  emptied,
  emptiedElsewhere: (world: World, node: SimNode) => {
    moved(world, node);
    emptied(world, node);
  },
} as const;
type Fault = keyof typeof faults;
const names = Object.keys(faults) as Fault[];

/** Each unordered choice of three shards, a shard being what happens to its master and to its replica. */
function* combinations(): Generator<readonly (readonly [Fault, Fault])[]> {
  const shards = names.flatMap((m) => names.map((r) => [m, r] as const));
  for (let i = 0; i < shards.length; i++)
    for (let j = i; j < shards.length; j++)
      for (let k = j; k < shards.length; k++) yield [i, j, k].flatMap((n) => shards.slice(n, n + 1));
}

describe("healing", () => {
  test("every combination of nodes moved and emptied at once", () => {
    let worlds = 0;
    let longest = 0;
    for (const shards of combinations()) {
      const world = healthy();
      const members = world.nodes
        .filter((n) => n.role === "master")
        .map((m) => [m, world.nodes.find((n) => n.masterId === m.id) as SimNode] as const);
      strike(world, () => {
        for (const [i, [m, r]] of shards.entries()) {
          const [master, replica] = members[i] as readonly [SimNode, SimNode];
          faults[m](world, master);
          faults[r](world, replica);
        }
      });
      longest = Math.max(longest, settle(world));
      expectWhole(world);
      worlds += 1;
    }
    expect(worlds).toBe(816);
    expect(longest).toBeLessThan(40);
  });

  test("a shard that is only stopped is never struck out, taken over or given away, whatever else is empty", () => {
    const world = healthy();
    const [first, , , last, , sixth] = world.nodes as readonly SimNode[];
    if (first === undefined || last === undefined || sixth === undefined) throw new Error("six nodes");
    expect(sixth.masterId).toBe(first.id);
    stop(first);
    stop(sixth);
    strike(world, () => emptied(world, last));
    for (let i = 0; i < 40; i++) {
      expect(round(world).filter((a) => /forget|claim|failover/.test(a))).toEqual([]);
      tick(world);
    }
    expect(
      assess(spec, observe(world))
        .problems.map((p) => p.en)
        .join(),
    ).toContain("redis-1, redis-6");
    start(first);
    start(sixth);
    settle(world);
    expectWhole(world);
  });

  test("a node that is only no longer planned keeps its slots: nobody lost its data", () => {
    const world = healthy();
    const [removed] = world.nodes.splice(0, 1);
    world.nodes.splice(
      world.nodes.findIndex((n) => n.masterId === removed?.id),
      1,
    );
    for (let i = 0; i < 40; i++) {
      expect(round(world).filter((action) => /claim|failover/.test(action))).toEqual([]);
      tick(world);
    }
    for (const node of world.nodes) expect([...node.known.keys()]).toContain(removed?.id);
    expect(
      assess(spec, observe(world))
        .problems.map((p) => p.en)
        .join(),
    ).toContain("bring that node back");
  });

  test("six nodes with each other's addresses", () => {
    for (let shift = 1; shift < 6; shift++) {
      const world = healthy();
      const addresses = world.nodes.map((n) => n.address);
      for (const node of world.nodes) stop(node);
      for (const [i, node] of world.nodes.entries()) moveTo(node, addresses[(i + shift) % 6] ?? "");
      settle(world);
      expectWhole(world);
    }
  });

  test("a replica that took its master's new address from gossip is told where to look for it", () => {
    const world = healthy();
    const [first, , third, , , sixth] = world.nodes as readonly SimNode[];
    if (first === undefined || third === undefined || sixth === undefined) throw new Error("six nodes");
    const former = first.address;
    stop(third);
    stop(first);
    for (let i = 0; i < 8; i++) tick(world);
    expect(sixth.known.get(first.id)?.failing).toBe("maybe");
    moved(world, sixth);
    tick(world);
    moved(world, first);
    for (let i = 0; i < 8; i++) tick(world);
    expect(sixth.known.get(first.id)).toMatchObject({ address: first.address, linked: true });
    expect(sixth).toMatchObject({ follows: former, linkUp: false });
    start(third);
    settle(world);
    expect(sixth).toMatchObject({ follows: first.address, linkUp: true });
    expectWhole(world);
  });

  test("whatever happens in whatever order, with the agent cut short at any step", () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constantFrom("stop", "start", "moved", "emptied"), node: fc.nat(5) }),
      fc.record({ kind: fc.constant("tick"), node: fc.nat(9) }),
      fc.record({ kind: fc.constant("agent"), node: fc.nat(8) }),
      fc.record({ kind: fc.constant("write"), node: fc.nat(4) }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), (events) => {
        const world = healthy();
        for (const { kind, node: n } of events) {
          const node = world.nodes[n] as SimNode;
          switch (kind) {
            case "stop":
              stop(node);
              break;
            case "start":
              start(node);
              break;
            case "moved":
              moved(world, node);
              break;
            case "emptied":
              strike(world, () => emptied(world, node));
              break;
            case "tick":
              for (let i = 0; i <= n; i++) tick(world);
              break;
            case "agent":
              round(world, n);
              break;
            case "write":
              write(world, keys[n] ?? 0);
              break;
          }
          expectNothingLost(world);
        }
        for (const node of world.nodes) if (!node.running) start(node);
        settle(world, 120);
        const owners = world.nodes.filter((n) => n.slots.length > 0);
        expect(joinSlots(...owners.map((n) => n.slots))).toEqual(allSlots);
      }),
      { numRuns: 600 },
    );
  });
});

describe("hosts", () => {
  /** Every way to put six nodes on hosts with room for `room` each. */
  function* placements(
    hosts: number,
    room: number,
    placed: readonly number[] = [],
  ): Generator<readonly number[]> {
    if (placed.length === 6) {
      yield placed;
      return;
    }
    for (let host = 0; host < hosts; host++) {
      if (placed.filter((h) => h === host).length < room) yield* placements(hosts, room, [...placed, host]);
    }
  }

  const put = (world: World, placement: readonly number[]): void => {
    for (const [i, node] of world.nodes.entries()) node.host = `host-${placement[i]}`;
  };

  function expectSpread(world: World, hosts: number): void {
    expectWhole(world);
    const masters = world.nodes.filter((n) => n.slots.length > 0);
    for (const master of masters) {
      const replica = world.nodes.find((n) => n.masterId === master.id);
      expect(replica?.host).not.toBe(master.host);
    }
    const most = Math.max(...masters.map((m) => masters.filter((n) => n.host === m.host).length));
    expect(most).toBe(Math.ceil(3 / hosts));
  }

  test.each([
    [3, 2],
    [2, 3],
  ])(
    "on %i hosts no master shares one with its replica, and masters are spread, from the start",
    (hosts, room) => {
      for (const placement of placements(hosts, room)) {
        const world = freshWorld(6);
        put(world, placement);
        const done: string[] = [];
        for (let i = 0; i < 12; i++) {
          done.push(...round(world));
          tick(world);
        }
        settle(world);
        expectSpread(world, hosts);
        // Right at once: each replica was placed only one time.
        expect(done.filter((action) => /replicate|failover/.test(action))).toHaveLength(3);
      }
    },
  );

  test.each([
    [3, 2],
    [2, 3],
  ])("on %i hosts that become known later it is put right, without a key lost", (hosts, room) => {
    for (const placement of placements(hosts, room)) {
      const world = healthy();
      put(world, placement);
      settle(world, 120);
      expectSpread(world, hosts);
    }
  });
});
