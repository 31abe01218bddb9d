import { expect, test } from "vitest";
import type { Action } from "./action.ts";
import { assess, decide, rolesOf, stillRight } from "./decide.ts";
import { mysqlRollout } from "./rollout.ts";
import { type MysqlSpec, mysqlSpec } from "./spec.ts";
import type { AccountState, Channel, ReachableNode, State } from "./state.ts";
import { mysqlSummary } from "./summary.ts";
import { emptyWorld, live, nodeAt, observeWorld, performAction, uuidOf } from "./testing/world.ts";

const spec = mysqlSpec.parse({});

/** A whole mall, as the agent sees it. */
function whole(of: MysqlSpec = spec): State {
  const world = emptyWorld(of);
  for (let i = 0; i < 6; i++) {
    for (const action of decide(of, observeWorld(world))) performAction(world, action);
    live(world);
  }
  return observeWorld(world);
}

const at = (state: State, name: string): ReachableNode => {
  const node = state.nodes.find((n) => n.name === name);
  if (node?.reachable !== true) throw new Error(`no ${name}`);
  return node;
};
const change = (state: State, name: string, changes: Partial<ReachableNode>): State => ({
  ...state,
  nodes: state.nodes.map((node) => (node.name === name && node.reachable ? { ...node, ...changes } : node)),
});
const channel = (state: State, name: string, changes: Partial<Channel>): State => {
  const before = at(state, name).channel;
  if (before === undefined) throw new Error(`${name} has no channel`);
  return change(state, name, { channel: { ...before, ...changes } });
};
const unreachable = (state: State, name: string): State => ({
  ...state,
  nodes: state.nodes.map((node) =>
    node.name === name ? { name, reachable: false, reason: "ECONNREFUSED" } : node,
  ),
});
const steps = (state: State, of: MysqlSpec = spec): readonly string[] =>
  decide(of, state).map((action) => `${action.kind} ${action.target}`);
const problemIds = (state: State, of: MysqlSpec = spec) => assess(of, state).problems.map((p) => p.id);

test("a whole mall asks for nothing and says so in both languages", () => {
  expect(steps(whole())).toEqual([]);
  expect(mysqlSummary(spec, whole())).toEqual({
    ok: true,
    text: {
      en: "primary mysql-1; 2 of 2 replicas serve (semi-sync)",
      zh: "主库 mysql-1；2 个从库中 2 个可用（半同步）",
    },
  });
  expect(rolesOf(spec, whole())).toEqual({
    "mysql-primary": ["mysql-1"],
    "mysql-replica": ["mysql-2", "mysql-3"],
  });
});

test.each<[string, Partial<Channel>, readonly string[]]>([
  ["follows another node", { sourceHost: "mysql-3.mysql" }, ["configure-replica mysql-2"]],
  ["follows a stranger", { sourceHost: "10.0.0.9" }, ["configure-replica mysql-2"]],
  ["without auto-position or TLS", { settingsRight: false }, ["configure-replica mysql-2"]],
  ["rotated password", { passwordCurrent: false }, ["configure-replica mysql-2"]],
  ["stopped receiver", { receiver: "off" }, ["start-replica mysql-2"]],
  ["stopped applier", { applier: "off" }, ["start-replica mysql-2"]],
  ["a lock wait", { applier: "off", applierError: 1205, applierMessage: "lock" }, ["start-replica mysql-2"]],
  ["a row that is not there", { applier: "off", applierError: 1032 }, ["clone-replica mysql-2"]],
  ["unreadable relay logs", { applier: "off", applierError: 13121 }, ["configure-replica mysql-2"]],
  ["connecting", { receiver: "connecting" }, []],
])("a replica: %s", (_, changes, expected) => {
  expect(steps(channel(whole(), "mysql-2", changes))).toEqual(expected);
});

test("unreadable relay logs are fetched again, what was only received is not dropped otherwise", () => {
  const discards = (changes: Partial<Channel>) =>
    decide(spec, channel(whole(), "mysql-2", changes)).map(
      (a) => a.kind === "configure-replica" && a.discardRelayLogs,
    );
  expect(discards({ applier: "off", applierError: 13121 })).toEqual([true]);
  expect(discards({ passwordCurrent: false })).toEqual([false]);
});

test("a replica that does not acknowledge connects anew", () => {
  const state = change(whole(), "mysql-3", {
    semiSync: { ...at(whole(), "mysql-3").semiSync, replicaActive: false },
  });
  expect(steps(state)).toEqual(["restart-receiver mysql-3"]);
});

test("reads: not from a replica that lags, is cut off for long, or has errant transactions", () => {
  const readers = (state: State) => assess(spec, state).readers;
  expect(readers(channel(whole(), "mysql-2", { lagMs: 10_001 }))).toEqual(["mysql-3"]);
  expect(readers(channel(whole(), "mysql-2", { receiver: "connecting", contactAgeMs: 4_000 }))).toEqual([
    "mysql-2",
    "mysql-3",
  ]);
  expect(readers(channel(whole(), "mysql-2", { receiver: "connecting", contactAgeMs: 11_000 }))).toEqual([
    "mysql-3",
  ]);
  const errant = change(whole(), "mysql-2", {
    executed: `${at(whole(), "mysql-2").executed},${uuidOf(2)}:1`,
  });
  expect(readers(errant)).toEqual(["mysql-3"]);
  expect(problemIds(errant)).toEqual(["errant"]);
  expect(steps(errant)).toEqual([]);
});

test("with no replica fit the replicas' role is empty and does not fall to the primary", () => {
  const state = channel(channel(whole(), "mysql-2", { applier: "off" }), "mysql-3", { applier: "off" });
  expect(rolesOf(spec, state)).toEqual({ "mysql-primary": ["mysql-1"], "mysql-replica": [] });
});

test("the primary out of the agent's sight keeps its role while a replica hears it, and loses it after", () => {
  const state = unreachable(whole(), "mysql-1");
  expect(rolesOf(spec, state)["mysql-primary"]).toEqual(["mysql-1"]);
  expect(steps(state)).toEqual([]);
  expect(problemIds(state)).toEqual(["primary-unreachable", "node-unreachable"]);
  const silent = channel(channel(state, "mysql-2", { contactAgeMs: 60_000 }), "mysql-3", {
    contactAgeMs: 60_000,
  });
  expect(rolesOf(spec, silent)["mysql-primary"]).toEqual([]);
});

test("one copy at a time, from the other replica where it is fit, else from the primary", () => {
  const broken: Partial<Channel> = { applier: "off", applierError: 1062 };
  const donors = (state: State) =>
    decide(spec, state).flatMap((a) => (a.kind === "clone-replica" ? [`${a.donor} to ${a.target}`] : []));
  expect(donors(channel(whole(), "mysql-3", broken))).toEqual(["mysql-2 to mysql-3"]);
  expect(donors(channel(channel(whole(), "mysql-2", broken), "mysql-3", broken))).toEqual([
    "mysql-1 to mysql-2",
  ]);
});

test("a node being copied is left alone, its read-only switch included", () => {
  const state = change(whole(), "mysql-3", {
    cloning: true,
    superReadOnly: false,
    variables: { sync_binlog: "0" },
  });
  expect(steps(state)).toEqual([]);
  expect(problemIds(state)).toEqual(["cloning"]);
});

test("variables, certificates and local accounts are mended on any node", () => {
  const account: AccountState = {
    user: "agent",
    host: "%",
    passwordCurrent: false,
    previousKept: false,
    rotating: true,
    require: "SSL",
    maxUserConnections: 0,
    locked: false,
    grants: [],
  };
  const one = at(whole(), "mysql-3");
  const withLocal = (changes: Partial<AccountState>) =>
    change(whole(), "mysql-3", { accounts: [...one.accounts, { ...account, ...changes }] });
  expect(steps(change(whole(), "mysql-3", { variables: { ...one.variables, sync_binlog: "0" } }))).toEqual([
    "set-variable mysql-3",
  ]);
  expect(steps(withLocal({}))).toEqual(["rotate-local-password mysql-3"]);
  expect(steps(withLocal({ passwordCurrent: true, previousKept: true }))).toEqual([]);
  expect(steps(withLocal({ passwordCurrent: true, previousKept: true, rotating: false }))).toEqual([
    "discard-local-password mysql-3",
  ]);
});

test.each<[string, (accounts: readonly AccountState[]) => readonly AccountState[], readonly string[]]>([
  ["dropped", (a) => a.filter((x) => x.user !== "app"), ["ensure-account mysql-1"]],
  ["other password", (a) => edit(a, { passwordCurrent: false }), ["ensure-account mysql-1"]],
  ["locked", (a) => edit(a, { locked: true }), ["ensure-account mysql-1"]],
  ["without TLS", (a) => edit(a, { require: "NONE" }), ["ensure-account mysql-1"]],
  [
    "more privileges",
    (a) => edit(a, { grants: [{ on: "*.*", privileges: ["SUPER"] }] }),
    ["ensure-account mysql-1"],
  ],
  ["rotation under way", (a) => edit(a, { previousKept: true, rotating: true }), []],
  ["rotation over", (a) => edit(a, { previousKept: true }), ["discard-previous-password mysql-1"]],
  ["from another host", (a) => [...a, stray(a, { host: "10.%" })], ["drop-account mysql-1"]],
  ["a root from elsewhere", (a) => [...a, stray(a, { user: "root" })], ["drop-account mysql-1"]],
  ["without a name", (a) => [...a, stray(a, { user: "" })], ["drop-account mysql-1"]],
])("an account: %s", (_, changed, expected) => {
  const state = whole();
  expect(steps(change(state, "mysql-1", { accounts: changed(at(state, "mysql-1").accounts) }))).toEqual(
    expected,
  );
});

const edit = (accounts: readonly AccountState[], changes: Partial<AccountState>): readonly AccountState[] =>
  accounts.map((account) => (account.user === "app" ? { ...account, ...changes } : account));
const stray = (accounts: readonly AccountState[], changes: Partial<AccountState>): AccountState => {
  const [first] = accounts.filter((account) => account.user === "app");
  if (first === undefined) throw new Error("no account");
  return { ...first, ...changes };
};

test("while a commit would wait for ever, no account is touched; the reason is said", () => {
  const one = at(whole(), "mysql-1");
  const lonely = change(whole(), "mysql-1", { accounts: [], semiSync: { ...one.semiSync, clients: 0 } });
  expect(steps(lonely)).toEqual([]);
  expect(problemIds(lonely)).toEqual(["no-replica-connected"]);
  expect(mysqlSummary(spec, lonely).ok).toBe(false);
});

test("a closed primary whose replication account is gone gets that account first, or no replica could let it open", () => {
  const state = change(whole(), "mysql-1", {
    readOnly: true,
    superReadOnly: true,
    accounts: [],
    semiSync: { ...at(whole(), "mysql-1").semiSync, sourceEnabled: false, clients: 0 },
  });
  expect(decide(spec, state).map((a) => (a.kind === "ensure-account" ? a.user : a.kind))).toEqual([
    "replication",
  ]);
});

test("a primary held for its restart is not opened", () => {
  const state = change(whole(), "mysql-1", { readOnly: true, superReadOnly: true, held: true });
  expect(steps(state)).toEqual([]);
  expect(problemIds(state)).toEqual(["held"]);
  expect(steps(change(state, "mysql-1", { held: false }))).toEqual(["open-writes mysql-1"]);
});

test("another mall's data, contradicting terms, data without a term: nothing but closing", () => {
  const state = whole();
  const terms = at(state, "mysql-1").terms;
  const everywhere = (changes: Partial<ReachableNode>): State =>
    ["mysql-1", "mysql-2", "mysql-3"].reduce((s, name) => change(s, name, changes), state);
  const foreign = everywhere({ terms: terms.map((t) => ({ ...t, mall: "other" })) });
  expect([problemIds(foreign), steps(foreign)]).toEqual([["foreign-data"], ["close-writes mysql-1"]]);
  const conflict = change(state, "mysql-2", { terms: terms.map((t) => ({ ...t, primary: "mysql-2" })) });
  expect([problemIds(conflict), steps(conflict)]).toEqual([["conflicting-terms"], ["close-writes mysql-1"]]);
  const none = everywhere({ terms: [] });
  expect([problemIds(none), steps(none)]).toEqual([["data-without-term"], ["close-writes mysql-1"]]);
});

test("a bootstrap that was cut short goes on where it was; more than its beginnings is not taken for one", () => {
  const world = emptyWorld(spec);
  nodeAt(world, "mysql-2").executed.add(`${uuidOf(2)}:1`);
  expect(steps(observeWorld(world))).toEqual(["bootstrap-primary mysql-2"]);
  for (let i = 2; i < 9; i++) nodeAt(world, "mysql-2").executed.add(`${uuidOf(2)}:${i}`);
  expect(steps(observeWorld(world))).toEqual([]);
  expect(problemIds(observeWorld(world))).toEqual(["data-without-term"]);
});

test("a step is right only if the fresh observation asks for the very same", () => {
  const open: Action = { kind: "open-writes", target: "mysql-1", epoch: 1, why: "as decided" };
  const closed = change(whole(), "mysql-1", { readOnly: true, superReadOnly: true });
  expect(stillRight(spec, closed, { ...open, why: "in other words" })).toBe(true);
  expect(stillRight(spec, closed, { ...open, epoch: 2 })).toBe(false);
  expect(stillRight(spec, whole(), open)).toBe(false);
});

test("a rolling change: replicas first, one by one, the primary last and closed in order before", () => {
  const changes = ["mysql-1", "mysql-2", "mysql-3"].map((instance) => ({
    instance,
    apply: "restart" as const,
    what: ["memory"],
  }));
  const rolled = mysqlRollout(whole(), changes);
  expect(rolled.map((s) => [s.instance, s.action, s.until, s.prepare?.kind])).toEqual([
    ["mysql-3", "restart", "converged", undefined],
    ["mysql-2", "restart", "converged", undefined],
    ["mysql-1", "restart", "converged", "quiesce-primary"],
  ]);
  expect(mysqlRollout(undefined, changes).map((s) => s.instance)).toEqual(["mysql-3", "mysql-2", "mysql-1"]);
  expect(mysqlRollout(whole(), [{ instance: "mysql-2", apply: "live", what: ["max_connections"] }])).toEqual(
    [],
  );
});
