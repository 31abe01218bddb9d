/**
 * A Redis Cluster small enough to be enumerated: its nodes, what each knows of the others, and what happens to them.
 * How time passes for them stands in ticks.ts, what an agent sees in view.ts, what it does to them in apply.ts. Real
 * servers show the same in test/e2e/redis.test.ts.
 */
import type { InstanceName } from "../../../plan/model.ts";
import { nodeName } from "../names.ts";
import type { Slots } from "../slots.ts";

export interface Known {
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
  /** The address at which a replica asks for its master. */
  follows: string | undefined;
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
    follows: undefined,
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

export function stop(node: SimNode): void {
  node.running = false;
  node.linkUp = false;
  node.follows = undefined;
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
