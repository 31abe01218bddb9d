/**
 * Who the primary is, from what the nodes remember. Each term of office is a row that replicates with the data
 * (`mallstack.topology`); the highest epoch that any node knows counts. A new term is on two nodes before its primary
 * is opened, so any two nodes that hold data know the latest one: with fewer in sight nothing is opened and no empty
 * node is filled, for a hidden node might know better.
 */
import type { InstanceName } from "../../plan/model.ts";
import { countGtids, isEmptyGtids, parseGtids, sourcesOf } from "./gtid.ts";
import { nodeNames } from "./names.ts";
import { type Problem, problems } from "./problem.ts";
import {
  isReachable,
  isWritable,
  nodeOf,
  type ReachableNode,
  reachableNodes,
  type State,
  type Term,
} from "./state.ts";

export type Leadership =
  /** No node holds anything: the mall may begin, on this node. */
  | { readonly kind: "fresh"; readonly primary: InstanceName }
  | {
      readonly kind: "led";
      readonly term: Term;
      readonly history: readonly Term[];
      /** The primary, reachable and holding the data of its term. */
      readonly primary: ReachableNode | undefined;
      /** Enough nodes are in sight to be sure that no later term is hidden. */
      readonly confirmed: boolean;
      readonly problem: Problem | undefined;
    }
  | { readonly kind: "unknown"; readonly problem: Problem };

/** Transactions that the very first statements of a bootstrap leave, should it end before its term is written. */
const beginnings = 2;

/** Pure. */
export function leadershipOf(state: State): Leadership {
  const nodes = reachableNodes(state);
  const history = allTerms(nodes);
  if (history === "conflict") return unknown(problems.conflictingTerms());
  const foreign = history.find((term) => term.mall !== state.mall);
  if (foreign !== undefined) return unknown(problems.foreignData(foreign.mall));
  const term = history.at(-1);
  if (term === undefined) return unled(state, nodes);

  const found = nodeOf(state, term.primary);
  const confirmed =
    nodes.length === state.nodes.length || nodes.filter((node) => node.terms.length > 0).length >= 2;
  const led = { kind: "led", term, history, confirmed } as const;
  if (found === undefined || !isReachable(found)) {
    const reason = found === undefined ? "it is not part of this mall" : found.reason;
    return { ...led, primary: undefined, problem: problems.primaryUnreachable(term.primary, reason) };
  }
  if (found.serverUuid !== term.serverUuid || !found.terms.some((t) => t.epoch === term.epoch)) {
    return { ...led, primary: undefined, problem: problems.primaryLostData(term.primary) };
  }
  return {
    ...led,
    primary: found,
    // An open one was confirmed when it was opened; a later term cannot begin without closing or outliving it.
    problem: confirmed || isWritable(found) ? undefined : problems.unconfirmed(term.primary, hidden(state)),
  };
}

const unknown = (problem: Problem): Leadership => ({ kind: "unknown", problem });

const hidden = (state: State): readonly InstanceName[] =>
  state.nodes.filter((node) => !node.reachable).map((node) => node.name);

/** Every term that any node knows, oldest first, or that two nodes contradict each other. */
function allTerms(nodes: readonly ReachableNode[]): readonly Term[] | "conflict" {
  const byEpoch = new Map<number, Term>();
  for (const term of nodes.flatMap((node) => node.terms)) {
    const known = byEpoch.get(term.epoch);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(term)) return "conflict";
    byEpoch.set(term.epoch, term);
  }
  return [...byEpoch.values()].sort((a, b) => a.epoch - b.epoch);
}

/** No term anywhere in sight: a new mall, the remains of a beginning, or data that is not ours. */
function unled(state: State, nodes: readonly ReachableNode[]): Leadership {
  const filled = nodes.filter(
    (node) => !isEmptyGtids(parseGtids(node.executed)) || node.databases.length > 0,
  );
  const begun = filled[0];
  if (filled.length > 1 || (begun !== undefined && !isBeginning(begun))) {
    return unknown(problems.dataWithoutTerm(filled.map((node) => node.name)));
  }
  if (nodes.length < state.nodes.length || nodes.length < nodeNames.length) {
    return unknown(problems.waitingForAll(hidden(state)));
  }
  return { kind: "fresh", primary: begun?.name ?? nodes[0]?.name ?? "" };
}

function isBeginning(node: ReachableNode): boolean {
  const executed = parseGtids(node.executed);
  return (
    countGtids(executed) <= beginnings &&
    sourcesOf(executed).every((uuid) => uuid === node.serverUuid) &&
    node.databases.every((name) => name === "mallstack") &&
    node.channel === undefined
  );
}
