/** Who must be told where whom is. Pure. */
import type { Meet } from "./actions.ts";
import type { NodeUp } from "./state.ts";
import { knows, knowsItself, type View } from "./view.ts";

/**
 * Nodes that know nobody in common are first brought together through one of them; what the others still lack is
 * told to each, which is quicker than to wait for the gossip: that corrects an address only of a node that has been
 * failing for the node timeout.
 */
export function meetings(view: View): readonly Meet[] {
  const groups = acquainted(view.up);
  const [largest] = [...groups].sort((a, b) => weight(b) - weight(a));
  if (groups.length > 1) {
    const hub = largest?.[0];
    return hub === undefined ? [] : meet(hub, strangersTo(hub, view.up), "not all nodes know each other");
  }
  return view.up.flatMap((node, i) =>
    meet(
      node,
      view.up.filter((other, j) => {
        if (other === node) return false;
        // A node learns its own address from whoever meets it; one meeting is enough.
        const lost = !knowsItself(other) && node === view.up.find((n) => n !== other);
        return lost || !knows(node, other) ? !(j < i && !knows(other, node)) : false;
      }),
      "it has no present address of them",
    ),
  );
}

/** Data outweighs numbers: the part that owns slots takes the others in. */
const weight = (group: readonly NodeUp[]): number =>
  group.filter((n) => n.self.slots.length > 0).length * 100 + group.length;

const strangersTo = (hub: NodeUp, up: readonly NodeUp[]): readonly NodeUp[] =>
  up.filter((n) => n !== hub && !(knows(hub, n) && knows(n, hub)));

function meet(node: NodeUp, others: readonly NodeUp[], why: string): readonly Meet[] {
  const peers = others.flatMap((n) => {
    const host = n.addresses[0] ?? (n.self.noAddress ? undefined : n.self.host);
    return host === undefined ? [] : [{ instance: n.instance, id: n.id, host }];
  });
  return peers.length === 0 ? [] : [{ kind: "meet", target: node.instance, peers, why }];
}

/** Groups of nodes connected by mutual knowledge, each in the plan's order. */
function acquainted(up: readonly NodeUp[]): readonly (readonly NodeUp[])[] {
  const groups: NodeUp[][] = [];
  for (const node of up) {
    const mine = groups.filter((g) => g.some((other) => knows(node, other) && knows(other, node)));
    const joined = [...mine.flat(), node].sort((a, b) => up.indexOf(a) - up.indexOf(b));
    for (const group of mine) groups.splice(groups.indexOf(group), 1);
    groups.push(joined);
  }
  return groups.sort((a, b) => up.indexOf(first(a)) - up.indexOf(first(b)));
}

const first = (group: readonly NodeUp[]): NodeUp => {
  const [node] = group;
  if (node === undefined) throw new Error("a group has a member");
  return node;
};
