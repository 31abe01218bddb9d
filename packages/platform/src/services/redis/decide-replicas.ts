/** Who follows whom: a copy of every master, on another host where there are several. Pure. */
import { type Text, text } from "../../text.ts";
import type { Failover, Replicate } from "./actions.ts";
import type { RedisSpec } from "./spec.ts";
import type { NodeUp } from "./state.ts";
import { knows, replicasOf, sharesHost, type View } from "./view.ts";

/** Gives each master its copies, from nodes that follow nobody useful, then from masters with more than planned. */
export function replication(spec: RedisSpec, view: View): readonly Replicate[] {
  const wanted = spec.replicasPerMaster;
  const lacking = view.owners.flatMap((m) =>
    Array<NodeUp>(Math.max(0, wanted - replicasOf(view, m).length)).fill(m),
  );
  // While a node's slots are served by nobody, the last copy of them may be a replica that looks for its master at
  // an address: no empty node becomes a member, and by that lets replicas in, as long as it may have that address.
  const pending = view.ghosts.some((g) => g.slots.length > 0);
  const idle = [...(pending ? [] : view.blanks), ...astray(view)];
  const pairs = pairUp(lacking, idle);
  if (pairs.length > 0) return pairs.map(([m, n]) => replicate(n, m, `${m.instance} lacks a replica`));
  const [poor] = lacking;
  if (poor === undefined) return [];
  const spare = view.owners
    .filter((m) => replicasOf(view, m).length > wanted)
    .flatMap((m) => replicasOf(view, m).map((replica) => ({ replica, master: m })))
    .sort(
      (a, b) =>
        fitness(poor, b) - fitness(poor, a) || view.up.indexOf(b.replica) - view.up.indexOf(a.replica),
    )[0];
  return spare === undefined
    ? []
    : [
        replicate(
          spare.replica,
          poor,
          `${poor.instance} lacks a replica, ${spare.master.instance} has one to spare`,
        ),
      ];
}

/** Away from the new master's host above all, then away from a master whose host it shares. */
const fitness = (poor: NodeUp, move: { readonly replica: NodeUp; readonly master: NodeUp }): number =>
  (sharesHost(move.replica, poor) ? 0 : 2) + (sharesHost(move.replica, move.master) ? 1 : 0);

/**
 * Replicas that look for their master where it no longer is. A server that is told its master's new address by the
 * master follows it there; one that takes it from another node's gossip changes its table only (seen with 6.0.16).
 */
export function misled(view: View): readonly Replicate[] {
  return view.owners.flatMap((master) =>
    replicasOf(view, master)
      .filter((r) => r.masterLink === "down" && r.masterHost !== undefined && knows(r, master))
      .filter((r) => r.table.find((e) => e.id === master.id)?.host !== r.masterHost)
      .map((r) => replicate(r, master, `it looks for ${master.instance} at ${r.masterHost}`)),
  );
}

/** Replicas of a node that owns nothing: of one that is gone and whose slots another serves, or of an empty one. */
function astray(view: View): readonly NodeUp[] {
  const owners = new Set(view.owners.map((m) => m.id));
  const promised = new Set(view.ghosts.filter((g) => g.slots.length > 0).map((g) => g.id));
  return view.up.filter((n) => {
    const master = n.self.role === "replica" ? n.self.masterId : undefined;
    return master !== undefined && !owners.has(master) && !promised.has(master);
  });
}

const replicate = (node: NodeUp, master: NodeUp, why: string): Replicate => ({
  kind: "replicate",
  target: node.instance,
  id: node.id,
  master: master.instance,
  masterId: master.id,
  why,
});

/** As many pairs on distinct hosts as there can be (augmenting paths), then whoever is left. */
function pairUp(
  masters: readonly NodeUp[],
  nodes: readonly NodeUp[],
): readonly (readonly [NodeUp, NodeUp])[] {
  const taken = new Map<NodeUp, number>();
  const seek = (index: number, tried: Set<NodeUp>): boolean => {
    const master = masters[index];
    if (master === undefined) return false;
    for (const node of nodes) {
      if (sharesHost(master, node) || tried.has(node)) continue;
      tried.add(node);
      const holder = taken.get(node);
      if (holder === undefined || seek(holder, tried)) {
        taken.set(node, index);
        return true;
      }
    }
    return false;
  };
  for (const index of masters.keys()) seek(index, new Set());
  const placed = new Map([...taken].map(([node, index]) => [index, node]));
  const left = nodes.filter((n) => !taken.has(n));
  return [...masters.entries()].flatMap(([index, master]) => {
    const node = placed.get(index) ?? left.shift();
    return node === undefined ? [] : [[master, node] as const];
  });
}

/**
 * On several hosts: a replica that shares its master's host changes places with another, then masters that crowd on
 * one host hand over to replicas elsewhere. Only asked for in a cluster that is whole.
 */
export function spread(view: View): readonly (Replicate | Failover)[] {
  const hosts = new Set(view.up.map((n) => n.host));
  if (hosts.has(undefined) || hosts.size < 2) return [];
  const pairs = view.owners.flatMap((master) =>
    replicasOf(view, master).map((replica) => ({ master, replica })),
  );
  for (const a of pairs) {
    if (!sharesHost(a.master, a.replica)) continue;
    const b = pairs.find(
      (p) => p.master !== a.master && !sharesHost(a.replica, p.master) && !sharesHost(p.replica, a.master),
    );
    if (b !== undefined) {
      return [
        replicate(a.replica, b.master, `it is on its master's host`),
        replicate(b.replica, a.master, `${a.replica.instance} shared the host of ${a.master.instance}`),
      ];
    }
  }
  const mastersOn = (host: string | undefined) => view.owners.filter((m) => m.host === host).length;
  const moves = pairs.filter((p) => mastersOn(p.master.host) - mastersOn(p.replica.host) >= 2);
  const [move] = moves;
  return move === undefined
    ? []
    : [
        {
          kind: "failover",
          target: move.replica.instance,
          how: "planned",
          id: move.replica.id,
          masterId: move.master.id,
          why: `${mastersOn(move.master.host)} masters are on one host`,
        },
      ];
}

/** What is short of the plan while nothing can be done about it. */
export function replicaProblems(spec: RedisSpec, view: View): readonly Text[] {
  const problems: Text[] = [];
  for (const master of view.owners) {
    const replicas = replicasOf(view, master);
    if (replicas.length < spec.replicasPerMaster) {
      problems.push(
        text(
          `${master.instance} has ${replicas.length} of ${spec.replicasPerMaster} replicas`,
          `${master.instance} 只有 ${replicas.length}/${spec.replicasPerMaster} 个副本`,
        ),
      );
    }
    for (const replica of replicas) {
      if (replica.masterLink !== "up") {
        problems.push(
          text(
            `${replica.instance} is not following ${master.instance} yet`,
            `${replica.instance} 尚未跟上 ${master.instance}`,
          ),
        );
      }
    }
  }
  return problems;
}
