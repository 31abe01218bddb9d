/** Every state that three servers may be found in, up to what makes no difference: the worlds that are enumerated. */
import type { MysqlSpec } from "../spec.ts";
import { blankNode, commitTerm, emptyWorld, nodeAt, restart, type SimNode, type World } from "./world.ts";

export const conditions = [
  "well",
  "down",
  "isolated",
  "unseen",
  "lagging",
  "errant",
  "restarted",
  "stopped",
  "empty",
  "rolled back",
] as const;
type Condition = (typeof conditions)[number];

/** Who led before: node 1 from the start, or node 2 after node 1, which came back in one of the conditions. */
const lineages = ["first", "second"] as const;
type Lineage = (typeof lineages)[number];

export interface Scene {
  readonly lineage: Lineage;
  readonly purged: boolean;
  readonly conditions: readonly [Condition, Condition, Condition];
}

export const primaryOf = (lineage: Lineage) => (lineage === "first" ? "mysql-1" : "mysql-2");

function settled(spec: MysqlSpec, lineage: Lineage): World {
  const world = emptyWorld(spec);
  const [one, two, three] = world.nodes as [SimNode, SimNode, SimNode];
  commitTerm(world, one, 1);
  for (let i = 0; i < 2; i++) one.executed.add(`${one.uuid}:${world.serial++}`);
  const spread = (from: SimNode) => {
    for (const node of world.nodes) {
      for (const gtid of from.executed) node.executed.add(gtid);
      for (const [gtid, term] of from.terms) node.terms.set(gtid, term);
      node.accounts = true;
    }
  };
  spread(one);
  if (lineage === "second") {
    commitTerm(world, two, 2);
    two.executed.add(`${two.uuid}:${world.serial++}`);
    spread(two);
  }
  const primary = lineage === "first" ? one : two;
  for (const gtid of primary.executed) world.acknowledged.add(gtid);
  for (const node of [one, two, three]) {
    if (node === primary) continue;
    node.channel = { source: primary.name, receiver: true, applier: true };
    node.received = new Set(node.executed);
  }
  primary.readOnly = false;
  primary.superReadOnly = false;
  primary.sourceEnabled = spec.replication === "semi-sync";
  return world;
}

export function scene(spec: MysqlSpec, { lineage, purged, conditions: of }: Scene): World {
  const world = settled(spec, lineage);
  const primary = nodeAt(world, primaryOf(lineage));
  if (purged) {
    const first = [...primary.executed][0];
    if (first !== undefined) primary.purged.add(first);
  }
  world.nodes.forEach((node, i) => {
    afflict(world, node, of[i] ?? "well", node === primary, lineage);
  });
  return world;
}

function afflict(world: World, node: SimNode, condition: Condition, leads: boolean, lineage: Lineage): void {
  // After a change of primary the old one may be found just as it was when it was lost: open, with a last write.
  const oldPrimary = lineage === "second" && node.name === "mysql-1";
  switch (condition) {
    case "well":
      return;
    case "down":
      node.up = false;
      node.readOnly = true;
      node.superReadOnly = true;
      node.sourceEnabled = false;
      return;
    case "isolated":
    case "unseen":
      node.seen = false;
      if (condition === "isolated") node.linked = false;
      if (condition === "isolated" && oldPrimary) lostInItsTerm(world, node);
      return;
    case "lagging":
      node.slow = true;
      if (leads) return;
      for (const gtid of [...node.executed].slice(-2)) node.executed.delete(gtid);
      return;
    case "errant":
      if (leads) return;
      if (oldPrimary) lostInItsTerm(world, node);
      else node.executed.add(`${node.uuid}:${world.serial++}`);
      return;
    case "restarted":
      restart(node);
      return;
    case "stopped":
      if (node.channel !== undefined) node.channel = { ...node.channel, receiver: false, applier: false };
      return;
    case "rolled back": {
      // A volume put back to an earlier state, or a disk that lied: the last transaction is gone.
      restart(node);
      const last = [...node.executed].at(-1) ?? "";
      for (const set of [node.executed, node.received, node.terms]) set.delete(last);
      return;
    }
    case "empty":
      Object.assign(node, blankNode(node.name, 1));
      return;
  }
}

/** As an old primary is found: its own term's data, open, with a write that nobody was told of. */
function lostInItsTerm(world: World, node: SimNode): void {
  node.channel = undefined;
  node.received.clear();
  for (const gtid of [...node.executed]) if (!gtid.startsWith(node.uuid)) node.executed.delete(gtid);
  node.executed.add(`${node.uuid}:${world.serial++}`);
  node.readOnly = false;
  node.superReadOnly = false;
  node.sourceEnabled = true;
}

/**
 * An acknowledged write is on two nodes: with one copy put back in time, and another gone or never there (an old
 * primary that has not followed yet), no one in sight may know of it.
 */
function lostCopies(lineage: Lineage, of: Scene["conditions"]): number {
  const old = lineage === "second" && (of[0] === "errant" || of[0] === "isolated") ? 1 : 0;
  return of.includes("rolled back") ? old + of.filter((c) => c === "rolled back" || c === "empty").length : 0;
}

export function* scenes(purges: readonly boolean[]): Generator<Scene> {
  for (const lineage of lineages)
    for (const purged of purges)
      for (const a of conditions)
        for (const b of conditions)
          for (const c of conditions) {
            const of = [a, b, c] as const;
            if (lostCopies(lineage, of) < 2) yield { lineage, purged, conditions: of };
          }
}
