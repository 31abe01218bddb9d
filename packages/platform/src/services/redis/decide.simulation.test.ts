/** The decision against a simulated cluster: in every combination of broken nodes it heals, and never loses. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assess } from "./decide.ts";
import { allSlots, joinSlots } from "./slots.ts";
import {
  expectNothingLost,
  expectWhole,
  healthy,
  keys,
  round,
  settle,
  spec,
  strike,
} from "./testing/rounds.ts";
import { tick } from "./testing/ticks.ts";
import { observe } from "./testing/view.ts";
import {
  emptied,
  freshWorld,
  moved,
  moveTo,
  type SimNode,
  start,
  stop,
  type World,
  write,
} from "./testing/world.ts";

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

  test("a master that was away while its replica took over steps down, also when that one is gone since", () => {
    const world = healthy();
    const [first, second, , , , sixth] = world.nodes as readonly SimNode[];
    if (first === undefined || second === undefined || sixth === undefined) throw new Error("six nodes");
    expect(sixth.masterId).toBe(first.id);
    stop(first);
    for (let i = 0; i < 7; i++) tick(world);
    expect(sixth.role).toBe("master");
    // By the tables of the others its slots are the lost replica's: it had no vote in a forced failover of the second.
    strike(world, () => {
      emptied(world, sixth);
      emptied(world, second);
    });
    start(first);
    tick(world);
    expect(first).toMatchObject({ role: "replica", masterId: sixth.id });
    settle(world);
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
