/** Slots that nobody serves: whose they were, who takes them, and when nobody may. Pure. */
import { type Text, text } from "../../text.ts";
import type { Claim, Failover, Forget } from "./actions.ts";
import { allSlots, countSlots, formatSlots, joinSlots, splitSlots, subtractSlots } from "./slots.ts";
import type { RedisSpec } from "./spec.ts";
import type { NodeUp } from "./state.ts";
import { type Ghost, sharesHost, type View } from "./view.ts";

export interface Part<A> {
  readonly actions: readonly A[];
  readonly problems: readonly Text[];
}

/**
 * Gives slots without an owner to nodes without slots and keys. Only when every instance answers and no table
 * names a node that does not: then nobody anywhere can have their data. Creation is the case that all are free.
 */
export function claims(spec: RedisSpec, view: View): readonly Claim[] {
  const free = subtractSlots(allSlots, view.owned);
  if (!view.allUp || view.ghosts.length > 0 || free.length === 0) return [];
  const creation = view.owners.length === 0;
  const why = creation
    ? "a new cluster: six empty nodes".replace("six", `${view.up.length}`)
    : "no node has these slots or their keys any more";
  const missing = spec.masters - view.owners.length;
  if (missing <= 0) {
    const least = [...view.owners].sort((a, b) => countSlots(a.self.slots) - countSlots(b.self.slots))[0];
    return least === undefined
      ? []
      : [{ kind: "claim-slots", target: least.instance, id: least.id, slots: free, epoch: undefined, why }];
  }
  // Fewer empty nodes than masters wanted: it would be begun with another shape than planned.
  const chosen = chooseMasters(view, missing);
  if (chosen.length < missing) return [];
  const shares = splitSlots(free, missing);
  return chosen.map((node, i) => ({
    kind: "claim-slots",
    target: node.instance,
    id: node.id,
    slots: shares[i] ?? [],
    epoch: node.table.length === 1 && node.currentEpoch === 0 ? epochOf(view, node) : undefined,
    why,
  }));
}

/** 1 for the first instance, 2 for the second: distinct, and the same again after a crash half-way. */
const epochOf = (view: View, node: NodeUp): number => view.up.indexOf(node) + 1;

/** Empty nodes on the hosts with the fewest masters first, then in the plan's order. */
function chooseMasters(view: View, count: number): readonly NodeUp[] {
  const chosen: NodeUp[] = [];
  const left = [...view.blanks];
  while (chosen.length < count && left.length > 0) {
    const mastersBeside = (n: NodeUp) => [...view.owners, ...chosen].filter((m) => sharesHost(m, n)).length;
    const next = left.reduce((best, n) => (mastersBeside(n) < mastersBeside(best) ? n : best));
    chosen.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return chosen.sort((a, b) => view.up.indexOf(a) - view.up.indexOf(b));
}

/** A master's failure is seen after one node timeout and voted on within two more; past four it was not. */
export const promotionPatienceMs = (spec: RedisSpec): number => spec.nodeTimeout * 4;

/** Masters that do not answer while replicas of theirs do. The cluster promotes by itself; this is for when not. */
export function promotions(spec: RedisSpec, view: View): Part<Failover> {
  const actions: Failover[] = [];
  const problems: Text[] = [];
  const lost = view.ghosts.filter((g) => g.slots.length > 0);
  const masters = view.owners.length + lost.length;
  const canVote = view.owners.length >= Math.floor(masters / 2) + 1;
  for (const ghost of lost) {
    const best = [...ghost.replicas].sort((a, b) => b.offset - a.offset)[0];
    if (best === undefined) continue;
    const name = ghost.instance ?? ghost.id.slice(0, 8);
    const slots = formatSlots(ghost.slots);
    const gone = isGone(view, ghost);
    // A node without its data does not come back, and one without an address is never voted to have failed.
    if (!ghost.silent) {
      problems.push(
        text(
          `${name} does not answer the agent, though its peers reach it: it goes on serving slots ${slots}`,
          `${name} 没有应答代理，但其他节点仍可连通：它继续提供槽位 ${slots}`,
        ),
      );
    } else if (!gone && view.at - ghost.lastAnswerAt < promotionPatienceMs(spec)) {
      problems.push(
        text(
          `${name} does not answer; ${best.instance} is about to take over its slots ${slots}`,
          `${name} 没有应答，${best.instance} 即将接管其槽位 ${slots}`,
        ),
      );
    } else if (canVote || gone) {
      actions.push({
        kind: "failover",
        target: best.instance,
        how: canVote ? "force" : "takeover",
        id: best.id,
        masterId: ghost.id,
        why: `slots ${slots} have had no master for ${Math.round((view.at - ghost.lastAnswerAt) / 1_000)} s`,
      });
    } else {
      problems.push(
        text(
          `most masters do not answer, so no replica may be promoted: start ${silent(view)}`,
          `多数主节点没有应答，副本不能晋升：请启动 ${silent(view)}`,
        ),
      );
    }
  }
  return { actions, problems };
}

/**
 * Whether the id's data is proven to be lost: all instances answer, nobody reaches the id, and, if slots still are
 * its, there is an empty instance for each such id. That is what losing a volume leaves; a node that is merely not
 * planned any more leaves no empty instance.
 */
function isGone(view: View, ghost: Ghost): boolean {
  if (!view.allUp || !ghost.silent) return false;
  return (
    ghost.slots.length === 0 || view.ghosts.filter((g) => g.slots.length > 0).length <= view.blanks.length
  );
}

const silent = (view: View): string => view.down.map((d) => d.instance).join(", ");

/** Strikes the ids of nodes whose data is proven to be lost, once no replica of theirs is left to promote. */
export function forgetting(view: View): Part<Forget> {
  const problems: Text[] = [];
  if (!view.allUp) return { actions: [], problems };
  const gone: Ghost[] = [];
  for (const ghost of view.ghosts) {
    if (ghost.replicas.length > 0) continue;
    if (isGone(view, ghost)) gone.push(ghost);
    else if (!ghost.silent) {
      problems.push(
        text(
          `a node ${ghost.id.slice(0, 8)} that this mall does not plan is part of the cluster`,
          `集群中有一个不在本商城规划内的节点 ${ghost.id.slice(0, 8)}`,
        ),
      );
    } else {
      problems.push(
        text(
          `slots ${formatSlots(ghost.slots)} belong to a node ${ghost.id.slice(0, 8)} that is not there, and no instance lost its data: bring that node back`,
          `槽位 ${formatSlots(ghost.slots)} 属于已不存在的节点 ${ghost.id.slice(0, 8)}，且没有实例丢失数据：请恢复该节点`,
        ),
      );
    }
  }
  const actions = view.up.flatMap((node): readonly Forget[] => {
    const ids = gone.filter((g) => g.knownBy.includes(node)).map((g) => g.id);
    return ids.length === 0
      ? []
      : [
          {
            kind: "forget",
            target: node.instance,
            ids,
            why: "their data is lost: no instance has this id any more",
          },
        ];
  });
  return { actions, problems };
}

/** What is not served, and why nothing is done about it. */
export function unserved(spec: RedisSpec, view: View): readonly Text[] {
  const promised = joinSlots(...view.ghosts.filter((g) => g.replicas.length > 0).map((g) => g.slots));
  const free = subtractSlots(subtractSlots(allSlots, view.owned), promised);
  if (free.length === 0) return [];
  if (view.down.length > 0) {
    return [
      text(
        `slots ${formatSlots(free)} have no node: their owner may be ${silent(view)}, which must answer first`,
        `槽位 ${formatSlots(free)} 没有节点：其所有者可能是 ${silent(view)}，需先恢复应答`,
      ),
    ];
  }
  if (view.ghosts.length === 0 && spec.masters - view.owners.length > view.blanks.length) {
    const keys = view.up.filter((n) => n.self.role === "master" && n.self.slots.length === 0 && n.keys > 0);
    return [
      text(
        `slots ${formatSlots(free)} have no node, and too few nodes are empty${keys.length === 0 ? "" : `: ${keys.map((n) => n.instance).join(", ")} hold keys`}`,
        `槽位 ${formatSlots(free)} 没有节点，空节点也不足${keys.length === 0 ? "" : `：${keys.map((n) => n.instance).join("、")} 中有数据`}`,
      ),
    ];
  }
  return [];
}
