/**
 * Three servers small enough to enumerate, with the behaviour that decisions rest on: what a restart forgets, what
 * AFTER_SYNC acknowledges, what a replica fetches, what CLONE replaces. Real servers show the same in test/e2e.
 */
import type { InstanceName } from "../../../plan/model.ts";
import type { Action } from "../action.ts";
import { liveVariables } from "../config.ts";
import { staleAfterMs, stillRight } from "../decide.ts";
import { nodeAddress, nodeNames, ports, serverIdOf } from "../names.ts";
import type { MysqlSpec } from "../spec.ts";
import type { AccountState, ReachableNode, State, Term } from "../state.ts";
import { accounts } from "../users.ts";

export interface SimChannel {
  source: InstanceName;
  receiver: boolean;
  applier: boolean;
}

export interface SimNode {
  readonly name: InstanceName;
  uuid: string;
  up: boolean;
  /** The agent reaches it. */
  seen: boolean;
  /** Its peers and clients reach it. */
  linked: boolean;
  executed: Set<string>;
  received: Set<string>;
  purged: Set<string>;
  /** Written to its binary log and waiting for an acknowledgement. */
  pending: Set<string>;
  terms: Map<string, Term>;
  readOnly: boolean;
  superReadOnly: boolean;
  sourceEnabled: boolean;
  /** Transactions that its applier leaves lying per round. */
  slow: boolean;
  channel: SimChannel | undefined;
  accounts: boolean;
}

export interface World {
  readonly spec: MysqlSpec;
  readonly nodes: readonly SimNode[];
  /** Every transaction that some client was told is committed. */
  readonly acknowledged: Set<string>;
  nowMs: number;
  serial: number;
}

export const uuidOf = (id: number, incarnation = 0): string =>
  `0000000${id}-0000-0000-0000-00000000000${incarnation}`;

export const nodeAt = (world: World, name: InstanceName): SimNode => {
  const node = world.nodes.find((n) => n.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return node;
};

export const blankNode = (name: InstanceName, incarnation = 0): SimNode => ({
  name,
  uuid: uuidOf(serverIdOf(name), incarnation),
  up: true,
  seen: true,
  linked: true,
  executed: new Set(),
  received: new Set(),
  purged: new Set(),
  pending: new Set(),
  terms: new Map(),
  readOnly: true,
  superReadOnly: true,
  sourceEnabled: false,
  slow: false,
  channel: undefined,
  accounts: false,
});

export const emptyWorld = (spec: MysqlSpec): World => ({
  spec,
  nodes: nodeNames.map((name) => blankNode(name)),
  acknowledged: new Set(),
  nowMs: 1_000_000,
  serial: 100,
});

const gtidText = (transactions: ReadonlySet<string>): string => [...transactions].join(",");

/** The source of a node whose receiver really has a connection now. */
export function connectedSource(world: World, node: SimNode): SimNode | undefined {
  if (!node.up || !node.linked || node.channel?.receiver !== true) return undefined;
  const source = nodeAt(world, node.channel.source);
  return source.up && source.linked && source.accounts ? source : undefined;
}

const clientsOf = (world: World, node: SimNode): number =>
  world.nodes.filter((n) => n !== node && connectedSource(world, n) === node).length;

const variablesBySpec = new Map<string, Readonly<Record<string, string>>>();
function variables(spec: MysqlSpec, name: InstanceName): Readonly<Record<string, string>> {
  const key = `${name} ${spec.replication} ${spec.onNoReplica}`;
  const known = variablesBySpec.get(key);
  if (known !== undefined) return known;
  const made = Object.fromEntries(liveVariables(spec, name));
  variablesBySpec.set(key, made);
  return made;
}

const accountStates = (spec: MysqlSpec): readonly AccountState[] =>
  accounts(spec).map((account) => ({
    user: account.user,
    host: "%",
    passwordCurrent: true,
    previousKept: false,
    rotating: false,
    require: account.require,
    maxUserConnections: account.maxUserConnections,
    locked: false,
    grants: account.grants,
  }));

/** What the agent would read of the servers at this moment. */
export function observeWorld(world: World): State {
  return {
    observedAt: world.nowMs,
    mall: "mall",
    nodes: world.nodes.map((node) =>
      node.up && node.seen
        ? observeNode(world, node)
        : { name: node.name, reachable: false, reason: "timeout" },
    ),
  };
}

function observeNode(world: World, node: SimNode): ReachableNode {
  const { channel } = node;
  const source = channel === undefined ? undefined : nodeAt(world, channel.source);
  const connected = connectedSource(world, node) !== undefined;
  const semiSync = world.spec.replication === "semi-sync";
  const executed = gtidText(node.executed);
  return {
    name: node.name,
    reachable: true,
    version: "9.7.4",
    serverUuid: node.uuid,
    serverId: serverIdOf(node.name),
    uptimeSeconds: 60,
    readOnly: node.readOnly,
    superReadOnly: node.superReadOnly,
    executed,
    executedAfter: executed,
    purged: gtidText(node.purged),
    terms: [...node.terms].filter(([gtid]) => node.executed.has(gtid)).map(([, term]) => term),
    held: false,
    channel:
      channel === undefined || source === undefined
        ? undefined
        : {
            sourceHost: nodeAddress(channel.source),
            sourcePort: ports.mysql,
            sourceUuid: source.uuid,
            user: "replication",
            settingsRight: true,
            passwordCurrent: true,
            receiver: channel.receiver ? (connected ? "on" : "connecting") : "off",
            receiverError: 0,
            receiverMessage: "",
            applier: channel.applier ? "on" : "off",
            applierError: 0,
            applierMessage: "",
            received: gtidText(node.received),
            contactAgeMs: connected ? 500 : 60_000,
            lagMs: 0,
          },
    semiSync: {
      installed: true,
      sourceEnabled: node.sourceEnabled,
      sourceActive: node.sourceEnabled,
      clients: semiSync ? clientsOf(world, node) : 0,
      replicaEnabled: semiSync,
      replicaActive: semiSync && connected,
    },
    cloning: false,
    variables: variables(world.spec, node.name),
    certificate: { served: { fingerprint: "same" }, wanted: "same" },
    accounts: node.accounts ? accountStates(world.spec) : [],
    databases: node.accounts ? ["mallstack", ...world.spec.databases] : [],
  };
}

/** As `act` does it: observed anew, decided anew, refused when the step is no longer right. */
export function performAction(world: World, action: Action, pausedMs = 0): "done" | "refused" {
  const fresh = observeWorld(world);
  world.nowMs += pausedMs;
  if (world.nowMs - fresh.observedAt > staleAfterMs) return "refused";
  if (!stillRight(world.spec, fresh, action)) return "refused";
  apply(world, nodeAt(world, action.target), action);
  return "done";
}

function apply(world: World, node: SimNode, action: Action): void {
  switch (action.kind) {
    case "bootstrap-primary":
      commitTerm(world, node, 1);
      node.accounts = true;
      return;
    case "open-writes":
      node.superReadOnly = false;
      node.readOnly = false;
      return;
    case "close-writes":
      // Clients are cut first: what they waited for is committed here, but no one was told so.
      for (const gtid of node.pending) node.executed.add(gtid);
      node.pending.clear();
      node.superReadOnly = true;
      node.readOnly = true;
      return;
    case "enable-source-semisync":
      node.sourceEnabled = true;
      return;
    case "disable-source-semisync":
      for (const gtid of node.pending) {
        node.executed.add(gtid);
        if (!node.readOnly) acknowledge(world, node, gtid);
      }
      node.pending.clear();
      node.sourceEnabled = false;
      return;
    case "remove-channel":
      node.channel = undefined;
      return;
    case "configure-replica":
      node.channel = { source: action.source, receiver: true, applier: true };
      if (action.discardRelayLogs) node.received = new Set(node.executed);
      return;
    case "start-replica":
    case "restart-receiver":
      if (node.channel !== undefined) node.channel = { ...node.channel, receiver: true, applier: true };
      return;
    case "clone-replica": {
      const donor = nodeAt(world, action.donor);
      node.executed = new Set(donor.executed);
      node.received = new Set();
      node.purged = new Set(donor.executed);
      node.terms = new Map(donor.terms);
      node.accounts = donor.accounts;
      node.channel = undefined;
      node.readOnly = true;
      node.superReadOnly = true;
      node.sourceEnabled = false;
      return;
    }
    default:
      throw new Error(`the small world has nothing for ${action.kind}`);
  }
}

export function commitTerm(world: World, node: SimNode, epoch: number): void {
  const gtid = `${node.uuid}:${world.serial++}`;
  node.terms.set(gtid, { epoch, mall: "mall", primary: node.name, serverUuid: node.uuid });
  node.executed.add(gtid);
}

/** One moment of the servers' own life: replication, then a client that tries to write everywhere. */
export function live(world: World): void {
  world.nowMs += 1_000;
  replicate(world);
  for (const node of world.nodes) if (node.up && node.linked && !node.readOnly) write(world, node);
  replicate(world);
}

function replicate(world: World): void {
  for (const node of world.nodes) {
    const source = connectedSource(world, node);
    if (source !== undefined && node.channel !== undefined) fetchFrom(world, node, node.channel, source);
    if (!node.up || node.channel?.applier !== true) continue;
    const waiting = [...node.received].filter((gtid) => !node.executed.has(gtid));
    for (const gtid of node.slow ? waiting.slice(0, 1) : waiting) node.executed.add(gtid);
  }
}

function fetchFrom(world: World, node: SimNode, channel: SimChannel, source: SimNode): void {
  const has = (gtid: string) => node.executed.has(gtid) || node.received.has(gtid);
  if ([...source.purged].some((gtid) => !has(gtid))) {
    channel.receiver = false;
    return;
  }
  for (const gtid of [...source.executed, ...source.pending]) {
    if (!has(gtid)) node.received.add(gtid);
    const term = source.terms.get(gtid);
    if (term !== undefined) node.terms.set(gtid, term);
    if (source.accounts) node.accounts = true;
  }
  if (world.spec.replication !== "semi-sync") return;
  for (const gtid of source.pending) {
    source.executed.add(gtid);
    world.acknowledged.add(gtid);
  }
  source.pending.clear();
}

function write(world: World, node: SimNode): void {
  const gtid = `${node.uuid}:${world.serial++}`;
  if (node.sourceEnabled && world.spec.onNoReplica === "block") {
    node.pending.add(gtid);
    return;
  }
  node.executed.add(gtid);
  acknowledge(world, node, gtid);
}

/** Where a commit waits for no second copy, what an overtaken primary still says is lost by the spec's own word. */
function acknowledge(world: World, node: SimNode, gtid: string): void {
  const waits = world.spec.replication === "semi-sync" && world.spec.onNoReplica === "block";
  const terms = world.nodes.flatMap((n) => [...n.terms.values()]);
  const latest = terms.reduce((a, b) => (b.epoch > a.epoch ? b : a), terms[0] ?? { epoch: 0, primary: "" });
  if (waits || latest.primary === node.name) world.acknowledged.add(gtid);
}

/** The server starts anew: closed, its binary log's last transactions committed, its relay logs kept. */
export function restart(node: SimNode): void {
  for (const gtid of node.pending) node.executed.add(gtid);
  node.pending.clear();
  node.up = true;
  node.readOnly = true;
  node.superReadOnly = true;
  node.sourceEnabled = false;
  if (node.channel !== undefined) node.channel = { ...node.channel, receiver: true, applier: true };
}
