/** What an observation means, before anything is decided: who owns what, who is missing, who knows whom. */
import type { InstanceName } from "../../plan/model.ts";
import { ports } from "./names.ts";
import { commonSlots, joinSlots, type Slots, subtractSlots } from "./slots.ts";
import { isUp, type NodeDown, type NodeUp, type RedisState } from "./state.ts";
import type { TableEntry } from "./topology.ts";

/** An id in somebody's table that none of the nodes that answer has. */
export interface Ghost {
  readonly id: string;
  /** The silent instance whose address it has, as far as that can be told. */
  readonly instance: InstanceName | undefined;
  /** Slots that are its own by somebody's table and that no node which answers claims. */
  readonly slots: Slots;
  /** Nodes that answer and call themselves its replicas. */
  readonly replicas: readonly NodeUp[];
  readonly knownBy: readonly NodeUp[];
  /** Nobody who knows it reaches it. */
  readonly silent: boolean;
  /** Milliseconds since the epoch of the last answer anybody had of it. */
  readonly lastAnswerAt: number;
}

export interface View {
  readonly at: number;
  readonly up: readonly NodeUp[];
  readonly down: readonly NodeDown[];
  readonly allUp: boolean;
  /** Instances that answer with another's id: a copied volume. */
  readonly doubles: readonly InstanceName[];
  /** Masters with slots, by their own word. */
  readonly owners: readonly NodeUp[];
  /** Slots that two owners claim: they have not heard of each other yet. */
  readonly disputed: Slots;
  readonly owned: Slots;
  readonly ghosts: readonly Ghost[];
  /** Masters by their own word with neither slots nor keys. */
  readonly blanks: readonly NodeUp[];
}

export function viewOf(state: RedisState): View {
  const up = state.nodes.filter(isUp);
  const down = state.nodes.filter((n): n is NodeDown => !n.up);
  const masters = up.filter((n) => n.self.role === "master");
  const owners = masters.filter((n) => n.self.slots.length > 0);
  const owned = joinSlots(...owners.map((n) => n.self.slots));
  return {
    at: state.at,
    up,
    down,
    allUp: down.length === 0,
    doubles: up.filter((n) => up.some((o) => o !== n && o.id === n.id)).map((n) => n.instance),
    owners,
    disputed: joinSlots(
      ...owners.flatMap((a, i) => owners.slice(i + 1).map((b) => commonSlots(a.self.slots, b.self.slots))),
    ),
    owned,
    ghosts: ghostsOf(up, down, owned),
    blanks: masters.filter((n) => n.self.slots.length === 0 && n.keys === 0),
  };
}

function ghostsOf(up: readonly NodeUp[], down: readonly NodeDown[], owned: Slots): readonly Ghost[] {
  const ids = new Set(up.map((n) => n.id));
  const seen = new Map<string, { readonly by: NodeUp; readonly entry: TableEntry }[]>();
  for (const by of up) {
    for (const entry of by.table) {
      if (entry.self || entry.handshake || ids.has(entry.id)) continue;
      seen.set(entry.id, [...(seen.get(entry.id) ?? []), { by, entry }]);
    }
  }
  return [...seen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, sightings]) => ({
      id,
      instance: down.find((d) => sightings.some(({ entry }) => d.addresses.includes(entry.host)))?.instance,
      slots: subtractSlots(joinSlots(...sightings.map(({ entry }) => entry.slots)), owned),
      replicas: up.filter((n) => n.self.role === "replica" && n.self.masterId === id),
      knownBy: sightings.map(({ by }) => by),
      silent: sightings.every(({ entry }) => !entry.linked || entry.failing === "yes"),
      lastAnswerAt: Math.max(...sightings.map(({ entry }) => entry.lastAnswerAt)),
    }));
}

/** Whether `node` knows `other` under its id at an address that is its own now. */
export function knows(node: NodeUp, other: NodeUp): boolean {
  const entry = node.table.find((e) => e.id === other.id);
  return entry !== undefined && !entry.handshake && !entry.noAddress && isAddressOf(entry, other);
}

/** Whether the node itself announces an address that is its own now. */
export const knowsItself = (node: NodeUp): boolean => isAddressOf(node.self, node);

const isAddressOf = (entry: TableEntry, node: NodeUp): boolean =>
  node.addresses.length === 0 || (node.addresses.includes(entry.host) && entry.port === ports.redis.number);

/** Nodes that call themselves replicas of this one. */
export const replicasOf = (view: View, master: NodeUp): readonly NodeUp[] =>
  view.up.filter((n) => n.self.role === "replica" && n.self.masterId === master.id);

/** True when hosts are known and the same: one machine's loss would take both. */
export const sharesHost = (a: NodeUp, b: NodeUp): boolean => a.host !== undefined && a.host === b.host;
