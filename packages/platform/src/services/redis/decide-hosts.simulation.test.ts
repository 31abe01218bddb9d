/** The decision against a simulated cluster on two and three hosts: every placement of its six nodes. */
import { expect, test } from "vitest";
import { expectWhole, healthy, round, settle } from "./testing/rounds.ts";
import { tick } from "./testing/ticks.ts";
import { freshWorld, type World } from "./testing/world.ts";

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
