import fc from "fast-check";
import { expect, test } from "vitest";
import type { Route, ServicePlan, Workload } from "../../plan/model.ts";
import type { Mall } from "../../spec/mall.ts";
import { decideEndpoints } from "./decide.ts";
import { endpoints } from "./index.ts";
import { planEndpoints } from "./plan.ts";
import { endpointsRules } from "./rules.ts";
import { parseServers, type Server } from "./runtime.ts";
import { endpointsSpec } from "./spec.ts";
import type { EndpointsState, RouteView } from "./state.ts";
import { stateText } from "./state-text.ts";
import { summary } from "./summary.ts";

const site = {
  name: "test",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 14000,
  accept: [],
  images: {},
  mirrors: {},
} as const;
const spec = endpointsSpec.parse({});

const route = (name: string, port: number, extra: Partial<Route> = {}): Route => ({
  name,
  protocol: "x",
  port,
  hostPort: 14000 + port,
  members: ["db-1", "db-2"].map((instance) => ({ instance, port: 3306 })),
  select: { kind: "role", role: name },
  ...extra,
});

const db = {
  name: "db",
  instances: [{ name: "db-1" }, { name: "db-2" }],
  ports: [{ name: "sql", number: 3306, encryption: "starttls", protocol: "x", audience: "clients" }],
} as unknown as Workload;

const owner = (...routes: readonly Route[]): readonly ServicePlan[] => [
  { service: "db", workloads: [db], routes, credentials: [] },
];

const plan = (others: readonly ServicePlan[]) => planEndpoints(spec, site, others);

const view = (
  name: string,
  holders: readonly string[] | undefined,
  open: readonly string[],
  extra: Partial<Server> = {},
): RouteView => ({
  name,
  role: name,
  holders,
  unseenMs: {},
  members: ["db-1", "db-2"].map((instance) => ({ instance, host: `${instance}.db`, port: 3306 })),
  servers: ["db-1", "db-2"].map((instance) => ({
    route: name,
    instance,
    open: open.includes(instance),
    up: open.includes(instance),
    address: "10.0.0.1",
    sessions: 0,
    ...extra,
  })),
});

const state = (routes: readonly RouteView[], extra: Partial<EndpointsState> = {}): EndpointsState => ({
  present: true,
  anyRoutes: [],
  problem: undefined,
  routes,
  stored: stateText(routes),
  certificate: undefined,
  ...extra,
});

const asked = (s: EndpointsState) =>
  decideEndpoints(s).map((a) => (a.kind === "store-state" ? a.kind : `${a.kind} ${a.route} ${a.server}`));

test("every route of the others is a port under its own name, closed to all until the agent speaks", () => {
  const own = plan(owner(route("db-primary", 3306), route("db-replicas", 3307)));
  const workload = own.workloads[0];
  expect(workload?.instances[0]).toMatchObject({
    aliases: ["db-primary", "db-replicas"],
    published: [
      { port: "db-primary", hostPort: 17306 },
      { port: "db-replicas", hostPort: 17307 },
    ],
  });
  expect(workload?.ports.map((p) => [p.name, p.encryption, p.protocol])).toEqual([
    ["db-primary", "starttls", "x"],
    ["db-replicas", "starttls", "x"],
    ["runtime", "tls", "haproxy"],
    ["metrics", "tls", "https"],
  ]);
  const file = workload?.instances[0]?.files[0];
  expect(file?.format === "text" && file.content).toContain(
    `listen db-primary
  bind *:3306
  balance leastconn
  # Addresses come from names alone, never from the state file; a server that is closed loses its sessions.
  default-server resolvers mall resolve-prefer ipv4 init-addr none on-marked-down shutdown-sessions
  server db-1 db-1.db:3306 disabled
  server db-2 db-2.db:3306 disabled
`,
  );
});

test("members of a route without a role are all open, and tried", () => {
  const own = plan(owner(route("db-any", 3306, { select: { kind: "any" } })));
  const file = own.workloads[0]?.instances[0]?.files[0];
  expect(file?.format === "text" && file.content).toContain("server db-1 db-1.db:3306 check inter 2s");
});

test("members of a route that says how to ask are asked, over TLS", () => {
  const own = plan(owner(route("db-web", 3306, { select: { kind: "any" }, ready: "/ready" })));
  const file = own.workloads[0]?.instances[0]?.files[0];
  const content = file?.format === "text" ? file.content : "";
  expect(content).toContain(
    "http-check send meth GET uri /ready ver HTTP/1.1 hdr Host db-web\n  http-check expect status 200",
  );
  expect(content).toMatch(/server db-1 db-1\.db:3306 check .* check-ssl verify none\n/);
});

test("without a route there is no proxy, and that is well", () => {
  expect(plan(owner()).workloads).toEqual([]);
  expect(summary({ ...state([]), present: false }).ok).toBe(true);
});

test("two routes on one port, and a route to nowhere, are defects that planning refuses", () => {
  expect(() => plan(owner(route("a", 3306), route("b", 3306)))).toThrow(/a and b both ask for port 3306/);
  expect(() => plan(owner(route("a", 9999)))).toThrow(/runtime and a/);
  const nowhere = route("a", 3306, { members: [{ instance: "db-9", port: 3306 }] });
  expect(() => plan(owner(nowhere))).toThrow(/db-9:3306/);
});

test("it is planned from the mall like any other, whatever plans it", () => {
  const mall: Mall = { site, services: {} };
  expect(endpoints.plan(spec, site, owner(route("a", 3306)), mall)).toEqual(plan(owner(route("a", 3306))));
});

test("a role that moves closes the former holder on every route before it opens the new one", () => {
  const moved = state([view("db-primary", ["db-2"], ["db-1"]), view("db-replicas", ["db-1"], ["db-2"])]);
  expect(asked(moved)).toEqual([
    "close db-primary db-1",
    "close db-replicas db-2",
    "open db-primary db-2",
    "open db-replicas db-1",
  ]);
});

test("roles that nobody knows change nothing, an unheld role closes all", () => {
  expect(asked(state([view("db-primary", undefined, ["db-1"])]))).toEqual([]);
  expect(asked(state([view("db-primary", [], ["db-1"])]))).toEqual(["close db-primary db-1"]);
});

test("a server that its owner cannot read stays open for a while, unless another takes the role", () => {
  const lost = (ms: number, holders: readonly string[], open: readonly string[]) =>
    asked(state([{ ...view("db-primary", holders, open), unseenMs: { "db-1": ms } }]));
  expect(lost(9_999, [], ["db-1"])).toEqual([]);
  expect(lost(10_000, [], ["db-1"])).toEqual(["close db-primary db-1"]);
  expect(lost(0, ["db-2"], ["db-1"])).toEqual(["close db-primary db-1", "open db-primary db-2"]);
  // A replica beside one that serves on.
  expect(lost(0, ["db-2"], ["db-1", "db-2"])).toEqual([]);
  // It is closed already: being out of sight opens nothing.
  expect(lost(0, [], [])).toEqual([]);
});

test("a session on a closed server is cut", () => {
  expect(asked(state([view("db-primary", [], [], { sessions: 1 })]))).toEqual([
    "cut db-primary db-1",
    "cut db-primary db-2",
  ]);
});

test("what stands open is stored once nothing is left to move; an unreachable HAProxy is left alone", () => {
  const settled = [view("db-primary", ["db-1"], ["db-1"])];
  expect(asked(state(settled))).toEqual([]);
  expect(asked(state(settled, { stored: undefined }))).toEqual(["store-state"]);
  expect(asked(state(settled, { stored: "garbage" }))).toEqual(["store-state"]);
  // Also while the roles are unknown: the file says what is, not what should be.
  expect(asked(state([view("db-primary", undefined, ["db-1"])], { stored: "" }))).toEqual(["store-state"]);
  expect(asked(state(settled, { stored: undefined, problem: "refused" }))).toEqual([]);
});

test("whatever is open and whoever holds what: following decide ends with the holders alone open", () => {
  const nodes = ["db-1", "db-2"] as const;
  const some = fc.subarray([...nodes]);
  fc.assert(
    fc.property(
      fc.array(fc.record({ holders: fc.option(some, { nil: undefined }), open: some }), { maxLength: 3 }),
      (given) => {
        const open = new Map(given.map((g, i) => [`r${i}`, new Set<string>(g.open)]));
        const views = () => given.map((g, i) => view(`r${i}`, g.holders, [...(open.get(`r${i}`) ?? [])]));
        let stored: string | undefined;
        for (let round = 0; round < 3; round += 1) {
          for (const action of decideEndpoints(state(views(), { stored }))) {
            if (action.kind === "store-state") stored = stateText(views());
            else if (action.kind === "open") {
              // Never open beside a server that has to be closed.
              for (const [i, g] of given.entries())
                if (g.holders !== undefined)
                  for (const s of open.get(`r${i}`) ?? []) expect(g.holders).toContain(s);
              open.get(action.route)?.add(action.server);
            } else open.get(action.route)?.delete(action.server);
          }
        }
        expect(decideEndpoints(state(views(), { stored }))).toEqual([]);
        for (const [i, g] of given.entries())
          expect([...(open.get(`r${i}`) ?? [])].sort()).toEqual([...(g.holders ?? g.open)].sort());
      },
    ),
  );
});

test("HAProxy's answer is read by its column names, in the form of 3.2", () => {
  const answer = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight
3 db-primary 1 db-1 10.201.129.2 2 4 1 1
3 db-primary 2 db-2 - 0 37 1 1
5 runtime-socket 1 admin - 2 0 1 1

# pxname,svname,qcur,qmax,scur,smax,
db-primary,db-1,0,0,7,9,
db-primary,db-2,0,0,0,1,
`;
  expect(parseServers(answer, ["db-primary"])).toEqual([
    { route: "db-primary", instance: "db-1", open: true, up: true, address: "10.201.129.2", sessions: 7 },
    { route: "db-primary", instance: "db-2", open: false, up: false, address: undefined, sessions: 0 },
  ]);
  expect(() => parseServers("Unknown command", [])).toThrow(/Unknown command/);
});

test("the state file names hosts and ports of today and opens none by mistake", () => {
  const lines = stateText([view("db-primary", undefined, ["db-2"])]).split("\n");
  expect(lines[0]).toBe("1");
  const columns = (lines[1] ?? "").slice(2).split(" ");
  const rows = lines.slice(2, 4).map((l) => Object.fromEntries(l.split(" ").map((v, i) => [columns[i], v])));
  expect(rows.map((r) => [r.srv_name, r.srv_addr, r.srv_op_state, r.srv_admin_state, r.srv_port])).toEqual([
    ["db-1", "-", "0", "5", "3306"],
    ["db-2", "-", "2", "4", "3306"],
  ]);
  expect(lines[2]?.split(" ")).toHaveLength(columns.length);
});

test("the summary names who is behind each endpoint, and is well only when every holder is", () => {
  const well = state([view("db-primary", ["db-1"], ["db-1"])]);
  expect(summary(well)).toMatchObject({ ok: true, text: { en: "db-primary → db-1" } });
  expect(summary(state([view("db-primary", ["db-1"], [])])).ok).toBe(false);
  expect(summary(state([view("db-primary", undefined, ["db-1"])])).ok).toBe(false);
  expect(summary({ ...well, problem: "refused" }).ok).toBe(false);
  const certificate = { served: { fingerprint: "aa" }, wanted: "bb" };
  expect(summary({ ...well, certificate }).ok).toBe(false);
});

test("a route that no role decides is well as soon as one of its servers answers", () => {
  const server = (instance: string, up: boolean) => ({
    ...{ route: "web", instance, open: true, up, address: "10.0.0.1", sessions: 0 },
  });
  const of = (...ups: readonly boolean[]) =>
    summary(
      state([], { anyRoutes: [{ name: "web", servers: ups.map((up, i) => server(`web-${i + 1}`, up)) }] }),
    );
  expect(of(false, true)).toMatchObject({ ok: true, text: { en: "web → web-2" } });
  expect(of(false, false)).toMatchObject({ ok: false, text: { en: "web → -" } });
  expect(of().ok).toBe(false);
});

test("connections that may not fit the memory are said, with what would fit", () => {
  expect(endpointsRules(spec)).toEqual([]);
  const [finding] = endpointsRules({ ...spec, maxConnections: 10_000 });
  expect(finding).toMatchObject({ id: "EP-MEMORY", severity: "error", acceptable: true });
  expect(finding?.fix.en).toMatch(/maxConnections to \d+ at most/);
  for (const profile of Object.values(endpoints.profiles))
    expect(endpointsRules(endpointsSpec.parse(profile))).toEqual([]);
});
