/** What one node that is not the primary needs, to hold the primary's data and follow it. */
import type { InstanceName } from "../../plan/model.ts";
import type { Action } from "./action.ts";
import {
  emptyGtids,
  formatGtids,
  type GtidSet,
  isEmptyGtids,
  isSubsetOf,
  parseGtids,
  sourcesOf,
  subtractGtids,
  unionGtids,
  withoutSource,
} from "./gtid.ts";
import { accountNames, nodeAddress, ports } from "./names.ts";
import { type Problem, problems } from "./problem.ts";
import type { MysqlSpec } from "./spec.ts";
import { isWritable, type ReachableNode, type Term } from "./state.ts";

/** Everything a node has been given: applied, or received and kept in its relay logs. */
export const holdings = (node: ReachableNode): GtidSet =>
  unionGtids(parseGtids(node.executed), parseGtids(node.channel?.received ?? ""));

/**
 * What the node has and the primary has not. The primary's own transactions count only while it is closed: an open
 * one commits between two readings, and under AFTER_SYNC a replica may even have a transaction first.
 */
export function surplus(node: ReachableNode, primary: ReachableNode): GtidSet {
  const extra = subtractGtids(holdings(node), parseGtids(primary.executedAfter));
  return primary.readOnly ? extra : withoutSource(extra, primary.serverUuid);
}

/**
 * True when the surplus is provably no acknowledged write: the node was the primary of an earlier term, and these are
 * transactions it committed itself and no later primary received. A later term begins only with all that had been
 * acknowledged, so they never were.
 */
export function isAbandonedTerm(node: ReachableNode, extra: GtidSet, history: readonly Term[]): boolean {
  const earlier = history
    .slice(0, -1)
    .some((t) => t.serverUuid === node.serverUuid && t.primary === node.name);
  return earlier && sourcesOf(extra).every((uuid) => uuid === node.serverUuid);
}

/** Server errors that say: this copy no longer is what the source thinks it is (Server Error Message Reference). */
const diverged = new Set([
  1007, // database exists
  1008, // database does not exist
  1032, // row not found
  1049, // unknown database
  1050, // table exists
  1051, // unknown table
  1054, // unknown column
  1062, // duplicate key
  1146, // no such table
  1396, // account exists, or not
  13146, // column types differ
]);

/** The relay logs cannot be read or do not fit their index, as after a lost page of a crashed machine. */
const relayLogsBroken = new Set([1594, 13117, 13121, 13122, 13124]);

export interface ReplicaView {
  readonly spec: MysqlSpec;
  readonly node: ReachableNode;
  readonly primary: ReachableNode;
  readonly term: Term;
  readonly history: readonly Term[];
  /** A node to copy from, when copying is needed. */
  readonly donor: InstanceName;
}

export interface ReplicaNeeds {
  readonly actions: readonly Action[];
  readonly problems: readonly Problem[];
  /** Its data is a part of the primary's: fit to read from and to copy from once it follows. */
  readonly sound: boolean;
}

const quiet = (sound: boolean, ...found: readonly Problem[]): ReplicaNeeds => ({
  actions: [],
  problems: found,
  sound,
});
const needs = (sound: boolean, action: Action, found?: Problem): ReplicaNeeds => ({
  actions: [action],
  problems: found === undefined ? [] : [found],
  sound,
});

/** Pure. At most one step: the next is decided on what the first has led to. */
export function replicaNeeds(view: ReplicaView): ReplicaNeeds {
  const { node, primary, term, history } = view;
  if (node.cloning) return quiet(false, problems.cloning(node.name));
  // Open against its term: first it is closed, and seen closed.
  if (isWritable(node)) return quiet(false);
  const extra = surplus(node, primary);
  if (!isEmptyGtids(extra)) {
    return isAbandonedTerm(node, extra, history)
      ? needs(
          false,
          clone(
            view,
            `its last transactions (${formatGtids(extra)}) belong to a term that ended without them`,
          ),
        )
      : quiet(false, problems.errant(node.name, formatGtids(extra)));
  }
  const lost = subtractGtids(parseGtids(primary.purged), holdings(node));
  if (!isEmptyGtids(lost)) {
    return needs(false, clone(view, `the primary's binary logs no longer hold what it lacks`));
  }
  return channelNeeds(view, term);
}

function clone({ node, donor, term }: ReplicaView, why: string): Action {
  return { kind: "clone-replica", target: node.name, donor, epoch: term.epoch, why };
}

function channelNeeds(view: ReplicaView, term: Term): ReplicaNeeds {
  const { node, primary, spec } = view;
  const epoch = term.epoch;
  const configure = (why: string, discardRelayLogs = false): ReplicaNeeds =>
    needs(true, {
      kind: "configure-replica",
      target: node.name,
      source: primary.name,
      epoch,
      discardRelayLogs,
      why,
    });
  const { channel } = node;
  if (channel === undefined) return configure("it follows no source");
  if (channel.sourceHost !== nodeAddress(primary.name) || channel.sourcePort !== ports.mysql)
    return configure(`it follows ${channel.sourceHost}:${channel.sourcePort} and not the primary`);
  if (!channel.settingsRight || channel.user !== accountNames.replication)
    return configure("its channel's settings are not the plan's");
  if (!channel.passwordCurrent) return configure("the replication password was rotated");

  const says = channel.applierMessage || channel.receiverMessage;
  const stopped = problems.notReplicating(node.name, says);
  if (channel.applier === "off" && relayLogsBroken.has(channel.applierError))
    return { ...configure("its relay logs cannot be read; they are fetched again", true), sound: false };
  if (channel.applier === "off" && diverged.has(channel.applierError)) {
    return isSubsetOf(holdings(node), parseGtids(primary.executedAfter))
      ? needs(false, clone(view, `its data is not the primary's any more: ${says}`), stopped)
      : quiet(false, stopped);
  }
  if (channel.applier === "off" || channel.receiver === "off") {
    return needs(
      true,
      { kind: "start-replica", target: node.name, epoch, why: says || "a replication thread is stopped" },
      says === "" ? undefined : stopped,
    );
  }
  if (channel.receiver === "connecting")
    return quiet(true, problems.notReplicating(node.name, says || "connecting to the primary"));

  const { replicaActive, replicaEnabled } = node.semiSync;
  if (replicaEnabled === (spec.replication === "semi-sync") && replicaActive !== replicaEnabled) {
    return needs(true, {
      kind: "restart-receiver",
      target: node.name,
      epoch,
      why: replicaEnabled ? "it replicates, but does not acknowledge" : "it still acknowledges",
    });
  }
  return quiet(true);
}

/**
 * Pure. Fit for reads: the applier runs and is not far behind, and the source was heard of within the same bound. A
 * receiver that connects again is no reason by itself: while the primary restarts there is nothing newer to read.
 */
export function servesReads(spec: MysqlSpec, node: ReachableNode): boolean {
  const { channel } = node;
  return (
    node.superReadOnly &&
    !node.cloning &&
    channel !== undefined &&
    channel.applier === "on" &&
    channel.receiver !== "off" &&
    channel.contactAgeMs !== undefined &&
    channel.contactAgeMs <= spec.maxReplicaLag &&
    channel.lagMs <= spec.maxReplicaLag
  );
}

/** Nothing was ever executed or received here. */
export const isBlank = (node: ReachableNode): boolean => isEmptyGtids(unionGtids(emptyGtids, holdings(node)));
