/** Who must be told where whom is. Pure. */
import type { Meet, Meeting } from "./actions.ts";
import type { NodeUp } from "./state.ts";
import { knows, knowsItself, type View } from "./view.ts";

/**
 * Every pair that lacks each other's present address, told directly: gossip alone takes seconds to make a new
 * cluster's nodes known to all, and corrects an address only of a node that has been failing for the node timeout.
 */
export function meetings(view: View): readonly Meet[] {
  const { up } = view;
  const pairs = up.flatMap((node, i) =>
    up.flatMap((other, j): readonly Meeting[] => {
      if (node === other) return [];
      // Whoever is met learns its own address by that; one meeting of the pair is enough.
      const needed = !knows(node, other) || (!knowsItself(other) && i === (j === 0 ? 1 : 0));
      if (!needed || (j < i && !knows(other, node))) return [];
      const host = addressOf(other);
      if (host === undefined) return [];
      return [{ from: node.instance, fromId: node.id, to: other.instance, toId: other.id, host }];
    }),
  );
  if (pairs.length === 0) return [];
  const names = [...new Set(pairs.flatMap((p) => [p.from, p.to]))].sort();
  return [
    {
      kind: "meet",
      target: "service",
      pairs,
      why: `${names.join(", ")} lack each other's present address`,
    },
  ];
}

/** On the host, where names of the mall mean nothing, what the node announces of itself has to do. */
const addressOf = (node: NodeUp): string | undefined =>
  node.addresses[0] ?? (node.self.noAddress ? undefined : node.self.host);
