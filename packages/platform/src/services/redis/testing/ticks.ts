/**
 * A second of the simulated cluster: who claims which slots by which epoch, how failures are voted on, and that a
 * replica copies whoever answers at its master's address.
 */
import { commonSlots, type Slots, subtractSlots } from "../slots.ts";
import { has, type Known, type SimNode, type World } from "./world.ts";

export function tick(world: World): void {
  world.now += 1;
  const running = world.nodes.filter((n) => n.running);
  for (const node of running) for (const [id] of node.known) reach(world, node, id);
  for (const node of running) gossip(world, node);
  voteFailures(world, running);
  for (const node of running) electIfNeeded(world, node);
  for (const node of running) copyMaster(world, node);
}

/** One ping over the node's own link: the answer may come from somebody else by now. */
function reach(world: World, node: SimNode, id: string): void {
  const entry = node.known.get(id);
  if (entry === undefined || entry.noAddress) return;
  const peer = world.nodes.find((n) => n.running && n.address === entry.address);
  if (peer === undefined) {
    entry.linked = false;
    if (world.now - entry.lastAnswerAt > world.timeout && entry.failing === "no") entry.failing = "maybe";
    return;
  }
  if (peer.id !== id) {
    Object.assign(entry, { noAddress: true, linked: false });
    return;
  }
  Object.assign(entry, { linked: true, failing: "no", lastAnswerAt: world.now });
  learn(world, node, peer);
  // The ping itself tells the other side where its sender is now.
  const back = peer.known.get(node.id);
  if (back === undefined) return;
  locate(peer, node.id, back, node.address);
  learn(world, peer, node);
}

/** The node's own word of where it is: whoever follows it follows it there. Gossip changes the table only. */
function locate(at: SimNode, id: string, entry: Known, address: string): void {
  if (entry.address !== address && at.masterId === id) at.follows = address;
  Object.assign(entry, { address, noAddress: false });
}

/** What a node believes of another after a packet of its, and what it answers to a claim that is out of date. */
function learn(world: World, node: SimNode, peer: SimNode): void {
  const entry = node.known.get(peer.id);
  if (entry === undefined) return;
  Object.assign(entry, { role: peer.role, masterId: peer.masterId, epoch: peer.epoch });
  if (peer.role !== "master") {
    entry.slots = [];
    return;
  }
  // Equal epochs are settled by the ids: one of the two takes a new epoch.
  const disputed = node.role === "master" && commonSlots(node.slots, peer.slots).length > 0;
  if (disputed && node.epoch === peer.epoch && node.id > peer.id) node.epoch = highestEpoch(world) + 1;
  rebind(node, peer.id, peer.slots);
  correct(node, peer);
}

/** A claim, by the epoch that the table has of the claimant: higher ones win, slot by slot. */
function rebind(node: SimNode, id: string, claimed: Slots): void {
  const entry = node.known.get(id);
  if (entry === undefined) return;
  let won = claimed;
  for (const other of node.known.values()) {
    if (other === entry) continue;
    if (other.epoch >= entry.epoch) won = subtractSlots(won, other.slots);
    else other.slots = subtractSlots(other.slots, claimed);
  }
  entry.slots = won;
  const lost = commonSlots(node.slots, claimed);
  if (node.role !== "master" || lost.length === 0 || node.epoch >= entry.epoch) return;
  node.slots = subtractSlots(node.slots, lost);
  // The keys of a master that lost all stay until it has copied the other one, which may never be.
  if (node.slots.length === 0)
    Object.assign(node, { role: "replica", masterId: id, linkUp: false, follows: undefined });
  else node.keys = new Set([...node.keys].filter((k) => has(node.slots, k)));
}

/**
 * Tells a master that claims what another one has by a higher epoch whose it is now (UPDATE of the cluster bus), so
 * that one which was away while its replica was promoted steps down, even when that replica is gone since.
 */
function correct(node: SimNode, peer: SimNode): void {
  for (const [id, owner] of node.known) {
    const told = peer.known.get(id);
    if (owner.epoch <= peer.epoch || commonSlots(owner.slots, peer.slots).length === 0) continue;
    if (told === undefined || told.epoch >= owner.epoch) continue;
    Object.assign(told, { role: "master", masterId: undefined, epoch: owner.epoch });
    rebind(peer, id, owner.slots);
  }
}

/** The highest that anybody has or remembers of anybody, gone or not. */
export const highestEpoch = (world: World): number =>
  Math.max(...world.nodes.flatMap((n) => [n.epoch, ...[...n.known.values()].map((e) => e.epoch)]));

/** Tells of nodes that the other does not know, or has lost. */
function gossip(world: World, node: SimNode): void {
  for (const [id, entry] of node.known) {
    if (!entry.linked) continue;
    const peer = world.nodes.find((n) => n.running && n.id === id);
    if (peer === undefined || !peer.known.has(node.id)) continue;
    for (const [otherId, other] of node.known) {
      if (otherId === peer.id || other.noAddress || other.failing !== "no" || !other.linked) continue;
      const theirs = peer.known.get(otherId);
      if (theirs === undefined && (peer.banned.get(otherId) ?? 0) < world.now)
        acquaint(peer, otherId, other.address, world.now);
      else if (theirs !== undefined && theirs.failing !== "no") {
        Object.assign(theirs, { address: other.address, noAddress: false });
      }
    }
  }
}

export function acquaint(node: SimNode, id: string, address: string, now: number): void {
  const before = node.known.get(id);
  if (before !== undefined) {
    locate(node, id, before, address);
    Object.assign(before, { linked: true, failing: "no", lastAnswerAt: now });
    return;
  }
  node.known.set(id, {
    address,
    role: "master",
    masterId: undefined,
    epoch: 0,
    slots: [],
    linked: true,
    noAddress: false,
    failing: "no",
    lastAnswerAt: now,
  });
}

/** Most of the masters with slots, by a node's own table, itself included. */
export function voters(node: SimNode): { readonly all: number; readonly linked: readonly string[] } {
  const masters = [...node.known].filter(([, e]) => e.role === "master" && e.slots.length > 0);
  const self = node.role === "master" && node.slots.length > 0;
  return {
    all: masters.length + (self ? 1 : 0),
    linked: [...masters.filter(([, e]) => e.linked).map(([id]) => id), ...(self ? [node.id] : [])],
  };
}

function voteFailures(world: World, running: readonly SimNode[]): void {
  for (const node of running) {
    for (const [id, entry] of node.known) {
      if (entry.failing !== "maybe") continue;
      const { all, linked } = voters(node);
      const agree = linked.filter((voter) => {
        if (voter === node.id) return true;
        return world.nodes.find((n) => n.id === voter)?.known.get(id)?.failing !== "no";
      }).length;
      if (agree >= Math.floor(all / 2) + 1) entry.failing = "yes";
    }
  }
}

/** A replica of a failed master is promoted by the vote of most masters. */
function electIfNeeded(world: World, node: SimNode): void {
  const master = node.masterId === undefined ? undefined : node.known.get(node.masterId);
  if (node.role !== "replica" || master?.failing !== "yes" || master.slots.length === 0) return;
  const { all, linked } = voters(node);
  if (linked.length >= Math.floor(all / 2) + 1) promote(world, node);
}

export function promote(world: World, node: SimNode): void {
  const master = node.masterId === undefined ? undefined : node.known.get(node.masterId);
  node.slots = master?.slots ?? [];
  if (master !== undefined) master.slots = [];
  Object.assign(node, {
    role: "master",
    masterId: undefined,
    follows: undefined,
    epoch: highestEpoch(world) + 1,
  });
}

/** By address, not by id: this is how an emptied master would empty its replica. */
function copyMaster(world: World, node: SimNode): void {
  if (node.role !== "replica" || node.masterId === undefined) return;
  const entry = node.known.get(node.masterId);
  if (entry?.noAddress === false) node.follows ??= entry.address;
  const source = world.nodes.find((n) => n.running && n !== node && n.address === node.follows);
  node.linkUp = source?.replicasLetIn === true;
  if (node.linkUp && source !== undefined) node.keys = source.keys;
}
