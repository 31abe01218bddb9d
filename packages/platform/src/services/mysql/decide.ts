/**
 * From an observation to the next steps. Pure: creating, healing and (later) failing over are this one function run
 * again and again until it returns nothing. Its three promises are enumerated in worlds.test.ts: never two writable
 * nodes, never a node opened that lacks an acknowledged transaction, nothing done on a stale observation.
 */
import type { InstanceName } from "../../plan/model.ts";
import { type Action, sameAction } from "./action.ts";
import { isAbandonedTerm, isBlank, replicaNeeds, servesReads, surplus } from "./decide-replica.ts";
import {
  certificateActions,
  closedPrimaryAccountActions,
  localAccountActions,
  primaryAccountActions,
  variableActions,
} from "./decide-upkeep.ts";
import { formatGtids, type GtidSet, isEmptyGtids, isSubsetOf, parseGtids, sourcesOf } from "./gtid.ts";
import { type Leadership, leadershipOf } from "./leadership.ts";
import { roles } from "./names.ts";
import { type Problem, problems } from "./problem.ts";
import type { MysqlSpec } from "./spec.ts";
import { isWritable, type ReachableNode, reachableNodes, type State, type Term } from "./state.ts";

export interface Assessment {
  readonly leadership: Leadership;
  readonly actions: readonly Action[];
  readonly problems: readonly Problem[];
  /** Replicas fit for reads. */
  readonly readers: readonly InstanceName[];
}

/** An observation older than this decides nothing; `act` observes again and holds itself to it as well. */
export const staleAfterMs = 5_000;

/** Pure. Everything that follows from an observation. */
export function assess(spec: MysqlSpec, state: State): Assessment {
  const leadership = leadershipOf(state);
  const nodes = reachableNodes(state);
  const absent = state.nodes.flatMap((node) =>
    node.reachable ? [] : [problems.nodeUnreachable(node.name, node.reason)],
  );
  // First of all, and whatever else is unknown: no node but the primary may be open.
  const closing = nodes
    .filter((node) => node.name !== rightful(leadership))
    .flatMap((node) => closeActions(node, leadership));
  const upkeep = nodes
    .filter((node) => !node.cloning)
    .flatMap((node) => [
      ...variableActions(spec, node),
      ...certificateActions(node),
      ...localAccountActions(node),
    ]);
  if (leadership.kind === "unknown") {
    return { leadership, actions: closing, problems: [leadership.problem, ...absent], readers: [] };
  }
  if (leadership.kind === "fresh") {
    const bootstrap: Action = {
      kind: "bootstrap-primary",
      target: leadership.primary,
      why: "no node holds any data: a new mall begins",
    };
    return { leadership, actions: [...closing, bootstrap], problems: absent, readers: [] };
  }
  const found = leadership.problem === undefined ? [] : [leadership.problem];
  const { primary } = leadership;
  if (primary === undefined || !leadership.confirmed) {
    const readers = nodes.filter((n) => n.name !== leadership.term.primary && servesReads(spec, n));
    const restarts = nodes.flatMap((n) => resume(n, leadership.term));
    const actions = [...closing, ...upkeep, ...restarts];
    const waiting = primary !== undefined && isWritable(primary) && !commits(spec, primary);
    const alone = waiting ? [problems.noReplicaConnected(primary.name)] : [];
    return {
      leadership,
      actions,
      problems: [...found, ...alone, ...absent],
      readers: readers.map((n) => n.name),
    };
  }
  return led(spec, nodes, { ...leadership, primary }, [...closing, ...upkeep], [...found, ...absent]);
}

/** The node that may be open, also while it is out of sight. */
const rightful = (leadership: Leadership): InstanceName | undefined =>
  leadership.kind === "led" && leadership.primary !== undefined ? leadership.primary.name : undefined;

function closeActions(node: ReachableNode, leadership: Leadership): readonly Action[] {
  const target = node.name;
  // A copy drops what was there, which needs super_read_only off; clients are kept out by read_only all the while.
  if (node.cloning && !isWritable(node)) return [];
  if (!node.superReadOnly || isWritable(node)) {
    const why =
      leadership.kind === "led"
        ? `the primary is ${leadership.term.primary}`
        : "it is not known to be the primary";
    return [{ kind: "close-writes", target, why }];
  }
  // Only once it is closed: switched off under a waiting commit it would tell the client that all is well.
  if (!node.semiSync.sourceEnabled) return [];
  const why = "a node that is not the primary must wait for no acknowledgement";
  return [{ kind: "disable-source-semisync", target, why }];
}

/** Without a primary in sight a replica still resumes what it was told to do: its threads, nothing else. */
function resume(node: ReachableNode, term: Term): readonly Action[] {
  const { channel } = node;
  if (node.name === term.primary || channel === undefined || node.cloning) return [];
  const stopped =
    (channel.applier === "off" && channel.applierError === 0) ||
    (channel.receiver === "off" && channel.receiverError === 0);
  return stopped
    ? [
        {
          kind: "start-replica",
          target: node.name,
          epoch: term.epoch,
          why: "a replication thread is stopped",
        },
      ]
    : [];
}

type Led = Extract<Leadership, { kind: "led" }> & { readonly primary: ReachableNode };

function led(
  spec: MysqlSpec,
  nodes: readonly ReachableNode[],
  leadership: Led,
  before: readonly Action[],
  found: readonly Problem[],
): Assessment {
  const { primary, term, history } = leadership;
  const others = nodes.filter((node) => node.name !== primary.name);
  const donorFor = (node: ReachableNode): InstanceName =>
    others.find((o) => o.name !== node.name && isDonor(spec, o, primary))?.name ?? primary.name;
  const lacking = others.flatMap((node) => {
    const gtids = acknowledgeable(node, primary, history);
    return isEmptyGtids(gtids) ? [] : [problems.primaryLacks(primary.name, node.name, formatGtids(gtids))];
  });
  // What a client was told of is somewhere else: nothing is opened, and no node is filled or overwritten from here.
  if (lacking.length > 0)
    return { leadership, actions: before, problems: [...found, ...lacking], readers: [] };
  const replicas = others.map((node) => ({
    node,
    ...replicaNeeds({ spec, node, primary, term, history, donor: donorFor(node) }),
  }));
  const first = replicas.find((replica) => replica.actions.some((a) => a.kind === "clone-replica"));
  const opening = primaryNeeds(spec, leadership, others);
  return {
    leadership,
    actions: [
      ...before,
      ...opening.actions,
      // One copy at a time: two would leave the primary alone meanwhile, and share one donor's disk.
      ...replicas.flatMap((replica) =>
        replica.actions.filter((a) => a.kind !== "clone-replica" || replica === first),
      ),
      ...(opening.open ? primaryAccountActions(spec, primary) : []),
    ],
    problems: [...found, ...opening.problems, ...replicas.flatMap((replica) => replica.problems)],
    readers: replicas.filter((r) => r.sound && servesReads(spec, r.node)).map((r) => r.node.name),
  };
}

/** A replica that follows and has all that the primary's binary logs no longer hold. */
function isDonor(spec: MysqlSpec, node: ReachableNode, primary: ReachableNode): boolean {
  return (
    servesReads(spec, node) &&
    !isBlank(node) &&
    isEmptyGtids(surplus(node, primary)) &&
    isSubsetOf(parseGtids(primary.purged), parseGtids(node.executed))
  );
}

interface PrimaryNeeds {
  readonly actions: readonly Action[];
  readonly problems: readonly Problem[];
  /** Writes of ours would be committed now. */
  readonly open: boolean;
}

const closed = (actions: readonly Action[], ...found: readonly Problem[]): PrimaryNeeds => ({
  actions,
  problems: found,
  open: false,
});

/** Whether a write on the open primary is answered now, or waits for a second copy. */
const commits = (spec: MysqlSpec, primary: ReachableNode): boolean =>
  spec.replication === "async" || spec.onNoReplica === "async" || primary.semiSync.clients > 0;

/** The steps up to an open primary: its own channel gone, semi-sync in place, then and only then writes. */
function primaryNeeds(
  spec: MysqlSpec,
  { primary, term }: Led,
  others: readonly ReachableNode[],
): PrimaryNeeds {
  const on = { target: primary.name, epoch: term.epoch };
  if (primary.cloning) return closed([], problems.cloning(primary.name));
  if (primary.channel !== undefined) {
    const applied = isSubsetOf(parseGtids(primary.channel.received), parseGtids(primary.executed));
    if (applied) return closed([{ ...on, kind: "remove-channel", why: "the primary follows no other node" }]);
    return closed(
      [],
      problems.notReplicating(primary.name, "it still applies what it received before its term"),
    );
  }
  const semiSync = semiSyncActions(spec, primary, term);
  if (isWritable(primary)) {
    return {
      actions: semiSync,
      problems: commits(spec, primary) ? [] : [problems.noReplicaConnected(primary.name)],
      open: commits(spec, primary),
    };
  }
  if (primary.held) return closed([], problems.held(primary.name));
  // One step at a time: each is decided on what the one before has really led to.
  if (semiSync.length > 0) return closed(semiSync);
  const accounts = closedPrimaryAccountActions(spec, primary);
  if (accounts.length > 0 && !primary.semiSync.sourceEnabled) return closed(accounts);
  if (spec.replication === "semi-sync" && !primary.semiSync.sourceEnabled)
    return closed([], problems.noReplicaConnected(primary.name));
  // An open node elsewhere is closed first, and seen closed, before this one opens.
  if (others.some(isWritable)) return closed([]);
  return closed([
    { ...on, kind: "open-writes", why: "it is the primary of the latest term and holds all its data" },
  ]);
}

/**
 * What another node has, the closed primary has not, and some client may have been told of: transactions committed
 * under any term, other than a former primary's own that its successor never received.
 */
function acknowledgeable(node: ReachableNode, primary: ReachableNode, history: readonly Term[]): GtidSet {
  const extra = surplus(node, primary);
  if (isAbandonedTerm(node, extra, history)) return new Map();
  const uuids = new Set(history.map((term) => term.serverUuid));
  const counted = new Set(sourcesOf(extra).filter((uuid) => uuids.has(uuid)));
  return new Map([...extra].filter(([source]) => counted.has(source.slice(0, 36))));
}

function semiSyncActions(spec: MysqlSpec, primary: ReachableNode, term: Term): readonly Action[] {
  const { installed, sourceEnabled, clients } = primary.semiSync;
  const target = primary.name;
  if (spec.replication === "async") {
    return sourceEnabled
      ? [{ kind: "disable-source-semisync", target, why: "the spec says replication: async" }]
      : [];
  }
  if (!installed) return [];
  const enable: Action = {
    kind: "enable-source-semisync",
    target,
    epoch: term.epoch,
    why: clients > 0 ? "a replica that acknowledges is connected" : "commits must wait for a second copy",
  };
  // Open without it, a commit would be acknowledged on one node alone: at once, also with no replica there.
  if (isWritable(primary)) return sourceEnabled ? [] : [enable];
  if (spec.onNoReplica === "async") return sourceEnabled ? [] : [enable];
  if (clients > 0) return sourceEnabled ? [] : [enable];
  // Closed and alone, waiting for acknowledgements would only stall our own repairs.
  return sourceEnabled
    ? [{ kind: "disable-source-semisync", target, why: "no replica is connected, and nobody may write" }]
    : [];
}

/** Pure. Empty when all is well, or when nothing may be done: `assess` says why. */
export const decide = (spec: MysqlSpec, state: State): readonly Action[] => assess(spec, state).actions;

/** Pure. Whether a step that was decided before is still right by a fresh observation. */
export const stillRight = (spec: MysqlSpec, fresh: State, action: Action): boolean =>
  decide(spec, fresh).some((now) => sameAction(now, action));

/**
 * Pure. The primary keeps its role while it is out of sight and a replica still hears it: then only the observer is
 * cut off, and whoever balances connections has its own checks.
 */
export function rolesOf(spec: MysqlSpec, state: State): Readonly<Record<string, readonly InstanceName[]>> {
  const { leadership, readers } = assess(spec, state);
  return { [roles.primary]: primaryRole(spec, state, leadership), [roles.replica]: readers };
}

function primaryRole(spec: MysqlSpec, state: State, leadership: Leadership): readonly InstanceName[] {
  if (leadership.kind !== "led") return [];
  const { primary, term } = leadership;
  if (primary !== undefined) return isWritable(primary) ? [primary.name] : [];
  const seen = state.nodes.find((node) => node.name === term.primary);
  const heard = reachableNodes(state).some(
    (node) => node.channel?.sourceUuid === term.serverUuid && servesReads(spec, node),
  );
  return seen?.reachable === false && heard ? [term.primary] : [];
}
