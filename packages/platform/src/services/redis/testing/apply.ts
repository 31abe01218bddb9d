/** An agent's actions on the simulated cluster, refused where a server would refuse them. */
import type { InstanceName } from "../../../plan/model.ts";
import type { RedisAction } from "../actions.ts";
import { commonSlots, joinSlots, type Slots } from "../slots.ts";
import { acquaint, highestEpoch, promote, voters } from "./ticks.ts";
import { has, nodeOf, type SimNode, type World } from "./world.ts";

/** Does what the servers would. @throws what a server would answer, or that an invariant is broken. */
export function apply(world: World, action: RedisAction): void {
  if (action.kind === "meet") {
    for (const pair of action.pairs) meet(world, pair.from, pair.host);
    return;
  }
  const node = nodeOf(world, action.target);
  if (!node.running) throw new Error(`${action.target} is not running`);
  switch (action.kind) {
    case "claim-slots":
      claim(world, node, action.slots, action.epoch);
      return;
    case "replicate":
      replicate(world, node, action.masterId);
      return;
    case "forget":
      for (const id of action.ids) {
        if (node.masterId === id) throw new Error("Can't forget my master!");
        node.known.delete(id);
        node.banned.set(id, world.now + 60);
      }
      return;
    case "failover":
      if (node.role !== "replica") throw new Error("You should send CLUSTER FAILOVER to a replica");
      if (action.how !== "takeover") {
        const { all, linked } = voters(node);
        if (linked.length < Math.floor(all / 2) + 1) throw new Error("no majority voted");
      }
      promote(world, node);
      return;
    case "set-user":
      node.replicasLetIn = true;
      return;
    default:
      throw new Error(`not simulated: ${action.kind}`);
  }
}

function meet(world: World, from: InstanceName, host: string): void {
  const node = nodeOf(world, from);
  const peer = world.nodes.find((n) => n.running && n.address === host);
  if (!node.running || peer === undefined || peer === node) return;
  acquaint(node, peer.id, peer.address, world.now);
  acquaint(peer, node.id, node.address, world.now);
}

function claim(world: World, node: SimNode, slots: Slots, epoch: number | undefined): void {
  if (node.role !== "master") throw new Error("a replica may not own slots");
  for (const entry of node.known.values()) {
    if (commonSlots(entry.slots, slots).length > 0) throw new Error("Slot is already busy");
  }
  for (const other of world.nodes) {
    if (commonSlots(other.slots, slots).length > 0)
      throw new Error(`INVARIANT: ${other.instance} has these slots`);
    if ([...other.keys].some((k) => has(slots, k)))
      throw new Error(`INVARIANT: ${other.instance} has their keys`);
  }
  node.slots = joinSlots(node.slots, slots);
  node.epoch = epoch ?? highestEpoch(world) + 1;
}

function replicate(world: World, node: SimNode, masterId: string): void {
  const master = node.known.get(masterId);
  if (master === undefined) throw new Error("Unknown node");
  if (node.role === "master" && (node.slots.length > 0 || node.keys.size > 0))
    throw new Error("To set a master the node must be empty and without assigned slots.");
  const only = [...node.keys].filter((k) => !world.nodes.some((n) => n !== node && n.keys.has(k)));
  if (only.length > 0) throw new Error(`INVARIANT: ${node.instance} has the only copy of ${only.join(", ")}`);
  Object.assign(node, { role: "replica", masterId, slots: [], keys: new Set(), linkUp: false });
  node.follows = master.noAddress ? undefined : master.address;
}
