import { expect, test } from "vitest";
import type { Action } from "./action.ts";
import { assess, decide } from "./decide.ts";
import { nodeNames } from "./names.ts";
import { mysqlSpec } from "./spec.ts";
import { primaryOf, type Scene, scene, scenes } from "./testing/scenes.ts";
import {
  blankNode,
  commitTerm,
  emptyWorld,
  live,
  nodeAt,
  observeWorld,
  performAction,
  restart,
  type SimNode,
  type World,
} from "./testing/world.ts";

/** The scene at hand, for the messages of what did not hold. */
let label = "";

const isOpen = (node: SimNode) => node.up && !node.readOnly;
const openNodes = (world: World) => world.nodes.filter(isOpen).map((n) => n.name);

/** One round of the agent's loop; `between` is what happens after it decided and before it acts. */
function round(world: World, between: (action: Action) => number = () => 0): number {
  const actions = decide(world.spec, observeWorld(world));
  for (const action of actions) {
    const paused = between(action);
    const before = new Set(openNodes(world));
    const outcome = performAction(world, action, paused);
    if (paused > 5_000) expect(outcome).toBe("refused");
    const opened = openNodes(world).filter((name) => !before.has(name));
    for (const name of opened) mayOpen(world, name, before);
  }
  live(world);
  return actions.length;
}

/** The two promises about opening, held against the truth of the whole world and not against what the agent saw. */
function mayOpen(world: World, name: string, before: ReadonlySet<string>): void {
  // A node cut off from agent and peers acknowledges nothing in semi-sync: its clients wait for ever.
  const others = [...before].filter((other) => other !== name && !fenced(world, other));
  expect(others, `${label} a second writable primary`).toEqual([]);
  const node = nodeAt(world, name);
  // What no disk holds any more went with its volumes; there is nobody to ask for it.
  const held = [...world.acknowledged].filter((gtid) => world.nodes.some((n) => n.executed.has(gtid)));
  const lacking = held.filter((gtid) => !node.executed.has(gtid));
  expect(lacking, `${label} acknowledged transactions that ${name} lacks when it is opened`).toEqual([]);
}

const fenced = (world: World, name: string) => {
  const node = nodeAt(world, name);
  return !node.seen && !node.linked && node.sourceEnabled;
};

/** All machines and cables work again; nobody touches data. */
function mend(world: World): void {
  for (const node of world.nodes) {
    node.seen = true;
    node.linked = true;
    node.slow = false;
    if (!node.up) restart(node);
  }
}

/** The primary lacks what others have, and no rule may throw that away: said, and left to the operator. */
function hopeless({ lineage, conditions: of }: Scene): boolean {
  const leads = lineage === "first" ? 0 : 1;
  const rest = of.filter(
    (condition, i) => i !== leads && condition !== "empty" && condition !== "rolled back",
  );
  return of[leads] === "empty" || (of[leads] === "rolled back" && rest.length > 0);
}

/** What was written on a node that never led is said, and never thrown away. */
function strangersAreKept(world: World, { lineage, conditions: of }: Scene): void {
  world.nodes.forEach((node, i) => {
    const led = node.name === "mysql-1" || node.name === primaryOf(lineage);
    if (of[i] !== "errant" || led) return;
    expect(
      [...node.executed].some((gtid) => gtid.startsWith(node.uuid)),
      label,
    ).toBe(true);
  });
}

function untilQuiet(world: World, rounds: number): boolean {
  for (let i = 0; i < rounds; i++)
    if (round(world) === 0 && decide(world.spec, observeWorld(world)).length === 0) return true;
  return false;
}

const specs = {
  block: mysqlSpec.parse({}),
  goOn: mysqlSpec.parse({ onNoReplica: "async" }),
  async: mysqlSpec.parse({ replication: "async" }),
};

const cases = [
  ["semi-sync, block", specs.block, [false, true]],
  ["semi-sync, go on", specs.goOn, [false]],
  ["asynchronous", specs.async, [false]],
] as const;

test.each(cases)(
  "%s: from every world, as it is and mended, safe and settled in bounded steps",
  (_, spec, purges) => {
    let count = 0;
    for (const at of scenes(purges)) {
      const world = scene(spec, at);
      label = JSON.stringify(at);
      expect(untilQuiet(world, 12), `${label} comes to rest as it is`).toBe(true);
      mend(world);
      expect(untilQuiet(world, 12), `${label} comes to rest when mended`).toBe(true);
      const open = openNodes(world);
      if (at.conditions.every((c) => c === "empty")) expect(open, label).toEqual(["mysql-1"]);
      else if (hopeless(at)) expect(open, label).not.toContain(primaryOf(at.lineage));
      else expect(open, label).toEqual([primaryOf(at.lineage)]);
      strangersAreKept(world, at);
      count += 1;
    }
    expect(count).toBeGreaterThan(purges.length * 1_400);
  },
);

const events = {
  "the agent sleeps": () => 6_000,
  "the target restarts": (world: World, action: Action) => {
    restart(nodeAt(world, action.target));
    return 0;
  },
  "the target loses its data": (world: World, action: Action) => {
    const node = nodeAt(world, action.target);
    Object.assign(node, blankNode(node.name, 1));
    return 0;
  },
  "another node is promoted": (world: World) => {
    promote(world, "mysql-3");
    return 0;
  },
  "the replicas go away": (world: World) => {
    for (const node of world.nodes) if (node.channel !== undefined) node.up = false;
    return 0;
  },
} as const;

/** What a failover does, by whoever: a new term on a node that has everything, on a second node before it opens. */
function promote(world: World, name: string): void {
  const target = nodeAt(world, name);
  const epoch = 9;
  if ([...target.terms.values()].some((t) => t.epoch === epoch)) return;
  if (!target.up || [...world.acknowledged].some((g) => !target.executed.has(g) && !target.received.has(g)))
    return;
  // A primary that clients still reach is not dead, whoever else cannot see it.
  if (world.nodes.some((n) => n !== target && n.up && n.linked && !n.seen && !n.readOnly)) return;
  for (const gtid of target.received) target.executed.add(gtid);
  commitTerm(world, target, epoch);
  target.channel = undefined;
  for (const node of world.nodes) {
    if (node === target || !node.seen || !node.up) continue;
    for (const gtid of target.executed) node.executed.add(gtid);
    for (const [gtid, term] of target.terms) node.terms.set(gtid, term);
    if (!node.readOnly) Object.assign(node, { readOnly: true, superReadOnly: true, sourceEnabled: false });
  }
}

test.each(Object.entries(events))("something happens between deciding and acting: %s", (_, happen) => {
  for (const at of scenes([false])) {
    const world = scene(specs.block, at);
    label = JSON.stringify(at);
    let once = true;
    round(world, (action) => {
      if (!once) return 0;
      once = false;
      return happen(world, action);
    });
    for (let i = 0; i < 3; i++) round(world);
  }
});

test("a node that cannot be closed keeps every other one closed", () => {
  for (const at of scenes([false])) {
    const world = scene(specs.block, at);
    label = JSON.stringify(at);
    for (let i = 0; i < 4; i++) round(world, (action) => (action.kind === "close-writes" ? 6_000 : 0));
  }
});

test("a new mall: from three empty nodes to an open primary with two replicas", () => {
  for (const spec of Object.values(specs)) {
    const world = emptyWorld(spec);
    expect(untilQuiet(world, 10)).toBe(true);
    expect(openNodes(world)).toEqual(["mysql-1"]);
    const { problems, readers } = assess(spec, observeWorld(world));
    expect(problems).toEqual([]);
    expect(readers).toEqual(["mysql-2", "mysql-3"]);
  }
});

test("a new mall does not begin while a node is out of sight: it might hold everything", () => {
  for (const hidden of nodeNames) {
    const world = emptyWorld(specs.block);
    nodeAt(world, hidden).seen = false;
    expect(decide(specs.block, observeWorld(world))).toEqual([]);
  }
});
