/**
 * A Redis Cluster small enough to be enumerated: what nodes know of each other, who claims which slots by which
 * epoch, how failures are voted on, and that a replica copies whoever answers at its master's address. One tick is a
 * second. Real servers show the same in test/e2e/redis.test.ts.
 */
import type { InstanceName } from "../../../plan/model.ts";
import type { RedisAction } from "../actions.ts";
import { nodeName } from "../names.ts";
import { commonSlots, joinSlots, type Slots, subtractSlots } from "../slots.ts";
import type { NodeState, RedisState } from "../state.ts";
import type { TableEntry } from "../topology.ts";

interface Known {
  address: string;
  role: "master" | "replica";
  masterId: string | undefined;
  epoch: number;
  slots: Slots;
  linked: boolean;
  noAddress: boolean;
  failing: "no" | "maybe" | "yes";
  lastAnswerAt: number;
}

export interface SimNode {
  readonly instance: InstanceName;
  running: boolean;
  address: string;
  id: string;
  role: "master" | "replica";
  masterId: string | undefined;
  epoch: number;
  slots: Slots;
  /** The keys it holds, each named by its slot. */
  keys: ReadonlySet<number>;
  linkUp: boolean;
  replicasLetIn: boolean;
  /** The machine it is on; undefined where that cannot be read. */
  host: string | undefined;
  readonly known: Map<string, Known>;
  /** Ids struck out, until when gossip may not bring them back. */
  readonly banned: Map<string, number>;
}

export interface World {
  now: number;
  made: number;
  readonly nodes: SimNode[];
  /** Written and acknowledged: slot numbers. */
  readonly written: Set<number>;
  /** How many seconds without an answer make a failure. */
  readonly timeout: number;
}

const startedAt = 1_700_000_000_000;

export function freshWorld(count: number): World {
  const world: World = { now: 0, made: 0, nodes: [], written: new Set(), timeout: 5 };
  for (let i = 1; i <= count; i++) world.nodes.push(blankNode(world, nodeName(i), nextAddress(world)));
  return world;
}

const nextAddress = (world: World): string => `10.0.0.${++world.made}`;

function blankNode(world: World, instance: InstanceName, address: string): SimNode {
  return {
    instance,
    running: true,
    address,
    id: (++world.made).toString(16).padStart(40, "0"),
    role: "master",
    masterId: undefined,
    epoch: 0,
    slots: [],
    keys: new Set(),
    linkUp: false,
    replicasLetIn: false,
    host: undefined,
    known: new Map(),
    banned: new Map(),
  };
}

export const nodeOf = (world: World, instance: InstanceName): SimNode => {
  const node = world.nodes.find((n) => n.instance === instance);
  if (node === undefined) throw new Error(`no node ${instance}`);
  return node;
};

// ---- what happens to nodes -----------------------------------------------------------------------------------

export function stop(node: SimNode): void {
  node.running = false;
  node.linkUp = false;
}

/** Starts again with its volume; a node that is no member keeps replicas out, as the image's entrypoint does. */
export function start(node: SimNode): void {
  node.running = true;
  node.replicasLetIn = node.role === "replica" || node.slots.length > 0;
  for (const entry of node.known.values()) Object.assign(entry, { linked: false });
}

export function moveTo(node: SimNode, address: string): void {
  stop(node);
  node.address = address;
  start(node);
}

export const moved = (world: World, node: SimNode): void => moveTo(node, nextAddress(world));

/** Loses its volume and comes back at the same address. */
export function emptied(world: World, node: SimNode): void {
  world.nodes[world.nodes.indexOf(node)] = blankNode(world, node.instance, node.address);
}

/** A client's write of a key, acknowledged and copied; refused while there is no owner with a replica. */
export function write(world: World, slot: number): void {
  const owner = world.nodes.find((n) => n.running && n.role === "master" && has(n.slots, slot));
  const replicas = world.nodes.filter((n) => n.running && n.linkUp && n.masterId === owner?.id);
  if (owner === undefined || replicas.length === 0) return;
  for (const node of [owner, ...replicas]) node.keys = new Set([...node.keys, slot]);
  world.written.add(slot);
}

export const has = (slots: Slots, slot: number): boolean => slots.some((r) => r.from <= slot && slot <= r.to);

// ---- time passes ---------------------------------------------------------------------------------------------

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
  if (back !== undefined) Object.assign(back, { address: node.address, noAddress: false });
  if (back !== undefined) learn(world, peer, node);
}

/** What a node believes of another after a packet of its: claims of a higher epoch win, slot by slot. */
function learn(world: World, node: SimNode, peer: SimNode): void {
  const entry = node.known.get(peer.id);
  if (entry === undefined) return;
  Object.assign(entry, { role: peer.role, masterId: peer.masterId, epoch: peer.epoch });
  if (peer.role !== "master") {
    entry.slots = [];
    return;
  }
  let won = peer.slots;
  for (const other of node.known.values()) {
    if (other === entry) continue;
    if (other.epoch >= peer.epoch) won = subtractSlots(won, other.slots);
    else other.slots = subtractSlots(other.slots, peer.slots);
  }
  entry.slots = won;
  if (node.role !== "master") return;
  const disputed = commonSlots(node.slots, peer.slots);
  if (disputed.length === 0) return;
  // Equal epochs are settled by the ids: one of the two takes a new epoch.
  if (node.epoch === peer.epoch && node.id > peer.id) node.epoch = highestEpoch(world) + 1;
  if (node.epoch > peer.epoch || node.epoch === peer.epoch) return;
  node.slots = subtractSlots(node.slots, disputed);
  node.keys = new Set([...node.keys].filter((k) => has(node.slots, k)));
  if (node.slots.length === 0) Object.assign(node, { role: "replica", masterId: peer.id, linkUp: false });
}

/** The highest that anybody has or remembers of anybody, gone or not. */
const highestEpoch = (world: World): number =>
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

function acquaint(node: SimNode, id: string, address: string, now: number): void {
  const before = node.known.get(id);
  if (before !== undefined) {
    Object.assign(before, { address, noAddress: false, linked: true, failing: "no", lastAnswerAt: now });
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
function voters(node: SimNode): { readonly all: number; readonly linked: readonly string[] } {
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

function promote(world: World, node: SimNode): void {
  const master = node.masterId === undefined ? undefined : node.known.get(node.masterId);
  node.slots = master?.slots ?? [];
  if (master !== undefined) master.slots = [];
  Object.assign(node, { role: "master", masterId: undefined, epoch: highestEpoch(world) + 1 });
}

/** By address, not by id: this is how an emptied master would empty its replica. */
function copyMaster(world: World, node: SimNode): void {
  if (node.role !== "replica" || node.masterId === undefined) return;
  const entry = node.known.get(node.masterId);
  const source = world.nodes.find((n) => n.running && n !== node && n.address === entry?.address);
  node.linkUp = source?.replicasLetIn === true;
  if (node.linkUp && source !== undefined) node.keys = source.keys;
}

// ---- what an agent sees and does -----------------------------------------------------------------------------

export function observe(world: World): RedisState {
  return { at: startedAt + world.now * 1_000, nodes: world.nodes.map((n) => view(world, n)) };
}

function view(world: World, node: SimNode): NodeState {
  const { instance } = node;
  if (!node.running) return { instance, up: false, addresses: [], kind: "unreachable", error: "stopped" };
  const self = entryOf(node.id, {
    address: node.address,
    role: node.role,
    masterId: node.masterId,
    epoch: node.epoch,
    slots: node.slots,
    linked: true,
    noAddress: false,
    failing: "no",
    lastAnswerAt: 0,
  });
  const { all, linked } = voters(node);
  return {
    instance,
    up: true,
    addresses: [node.address],
    id: node.id,
    self: { ...self, self: true },
    table: [{ ...self, self: true }, ...[...node.known].map(([id, e]) => entryOf(id, e))],
    clusterOk: all > 0 && linked.length >= Math.floor(all / 2) + 1,
    currentEpoch: node.known.size === 0 ? node.epoch : highestEpoch(world),
    keys: node.keys.size,
    version: "6.0.16",
    runId: node.id,
    uptimeSeconds: 1,
    offset: node.keys.size,
    masterLink: node.role === "master" ? undefined : node.linkUp ? "up" : "down",
    memory: { usedBytes: 0, maxBytes: 0, evictedKeys: 0 },
    clients: 1,
    persistence: {
      aofEnabled: true,
      lastRdbOk: true,
      lastRdbAt: 0,
      changesSinceRdb: 0,
      lastAofRewriteOk: true,
      lastAofWriteOk: true,
      saving: false,
    },
    wrongUsers: node.replicasLetIn ? [] : [{ user: "replica", difference: "switched off" }],
    drift: [],
    replicationPasswordCurrent: true,
    certificate: { served: { fingerprint: "aa" }, wanted: "aa" },
    host: node.host,
  };
}

const entryOf = (id: string, e: Known): TableEntry => ({
  id,
  host: e.noAddress ? "" : e.address,
  port: e.noAddress ? 0 : 6379,
  self: false,
  role: e.role,
  failing: e.failing,
  handshake: false,
  noAddress: e.noAddress,
  masterId: e.masterId,
  epoch: e.epoch,
  linked: e.linked,
  lastAnswerAt: e.lastAnswerAt === 0 ? 0 : startedAt + e.lastAnswerAt * 1_000,
  slots: e.slots,
  moving: 0,
});

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
  if (!node.known.has(masterId)) throw new Error("Unknown node");
  if (node.role === "master" && (node.slots.length > 0 || node.keys.size > 0))
    throw new Error("To set a master the node must be empty and without assigned slots.");
  const only = [...node.keys].filter((k) => !world.nodes.some((n) => n !== node && n.keys.has(k)));
  if (only.length > 0) throw new Error(`INVARIANT: ${node.instance} has the only copy of ${only.join(", ")}`);
  Object.assign(node, { role: "replica", masterId, slots: [], keys: new Set(), linkUp: false });
}
