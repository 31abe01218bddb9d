/** Endpoints on a real HAProxy in its image: two little servers stand for a database's nodes. */
import { X509Certificate } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Route, ServicePlan, Workload } from "../../packages/platform/src/plan/model.ts";
import { actEndpoints } from "../../packages/platform/src/services/endpoints/act.ts";
import { endpointsChecks } from "../../packages/platform/src/services/endpoints/checks.ts";
import { decideEndpoints } from "../../packages/platform/src/services/endpoints/decide.ts";
import { planEndpoints } from "../../packages/platform/src/services/endpoints/plan.ts";
import { command } from "../../packages/platform/src/services/endpoints/runtime.ts";
import { type EndpointsSpec, endpointsSpec } from "../../packages/platform/src/services/endpoints/spec.ts";
import { readRoutes } from "../../packages/platform/src/services/endpoints/state.ts";
import { stateText } from "../../packages/platform/src/services/endpoints/state-text.ts";
import { checkPatience } from "../../packages/platform/src/services/patience.ts";
import type { Ctx } from "../../packages/platform/src/services/service.ts";
import { servedCertificate } from "../../packages/platform/src/services/tls-probe.ts";
import { readyImages } from "../support/ready-images.ts";
import { Bench, type Container } from "../support/standalone.ts";

/** Says its name and stays: what MySQL does too, speaking first. */
const server = `require("node:net").createServer((s) => {
  s.on("error", () => {});
  s.write(process.env.MALL_INSTANCE + "\\n");
}).listen(3306)`;

const names = ["db-1", "db-2"] as const;
const spec = endpointsSpec.parse({});
const site = {
  name: "test",
  profile: "small",
  bind: "127.0.0.1",
  portBase: 14000,
  accept: [],
  images: {},
  mirrors: {},
} as const;
const route = (name: string, port: number, role: string): Route => ({
  name,
  protocol: "x",
  port,
  hostPort: 0,
  members: names.map((instance) => ({ instance, port: 3306 })),
  select: { kind: "role", role },
});
const db: ServicePlan = {
  service: "db",
  workloads: [
    {
      name: "db",
      instances: names.map((name) => ({ name })),
      ports: [{ name: "sql", number: 3306, encryption: "starttls", protocol: "x", audience: "clients" }],
    } as unknown as Workload,
  ],
  routes: [route("db-primary", 3306, "primary"), route("db-replicas", 3307, "replica")],
  credentials: [],
};
const own = planEndpoints(spec, site, [db]);

let bench: Bench;
let images: ReadonlyMap<string, { readonly tag: string }>;
let haproxy: Container;
let state: string;
let roles: Readonly<Record<string, readonly string[] | undefined>> = {};
let agent: Readonly<Record<string, string>>;
const published = new Map<number, number>();

const identity = (of: Readonly<Record<string, string>>) => ({
  ca: of["ca.crt"] ?? "",
  cert: of["tls.crt"] ?? "",
  key: of["tls.key"] ?? "",
});

function ctx(who = agent, wanted?: string): Ctx<EndpointsSpec> {
  const at = (port: number) => ({
    host: "127.0.0.1",
    port: published.get(port) ?? 0,
    serverName: "localhost",
  });
  return {
    site,
    spec,
    own,
    plan: { mall: "test", services: [db, own] },
    net: {
      address: (instance, port) =>
        instance === "haproxy-1"
          ? at(own.workloads[0]?.ports.find((p) => p.name === port)?.number ?? 0)
          : { host: `${instance}.db`, port: 3306, serverName: instance },
      route: (r) => at(r.port),
      resolve: async () => [],
    },
    secrets: {
      value: async () => "",
      previous: async () => undefined,
      identity: async () => identity(who),
      fingerprint: async () => wanted,
    },
    roles: { holders: (role) => roles[role], unseenSince: () => undefined },
    patience: checkPatience,
    signal: AbortSignal.timeout(60_000),
    now: Date.now,
    log: () => {},
  };
}

const runDb = (name: string) =>
  bench.run(name, {
    image: images.get("agent")?.tag ?? "",
    uid: 10004,
    options: ["--network-alias", `${name}.db`, "--entrypoint", "node"],
    command: ["-e", server],
  });

async function runHaproxy(): Promise<void> {
  const file = own.workloads[0]?.instances[0]?.files[0];
  const ports = [3306, 3307, 9999, 8404];
  haproxy = await bench.run("haproxy-1", {
    image: images.get("haproxy")?.tag ?? "",
    uid: 10003,
    config: { "haproxy.cfg": file?.format === "text" ? file.content : "" },
    options: [
      ...["--volume", `${state}:/state:ro`],
      ...ports.flatMap((p) => ["--publish", `127.0.0.1::${p}`]),
    ],
  });
  const mapped = await bench.engine.docker(["port", haproxy.name]);
  for (const [, inner, outer] of mapped.matchAll(/^(\d+)\/tcp -> 127\.0\.0\.1:(\d+)$/gm))
    published.set(Number(inner), Number(outer));
  await haproxy.untilHealthy();
}

/** Observes, decides and acts until nothing is left, storing the state as the agent does. */
async function settle(): Promise<readonly string[]> {
  const done: string[] = [];
  for (let round = 0; round < 10; round += 1) {
    const routes = await readRoutes(ctx());
    const stored = stateText(routes);
    const actions = decideEndpoints({
      present: true,
      problem: undefined,
      routes,
      anyRoutes: [],
      stored,
      certificate: undefined,
    });
    if (actions.length === 0) {
      await writeFile(join(state, "haproxy.state"), stored);
      return done;
    }
    for (const action of actions) {
      await actEndpoints(ctx(), action);
      done.push(action.why);
    }
  }
  throw new Error("it does not settle");
}

interface Client {
  readonly greeting: string;
  readonly socket: Socket;
  readonly closed: Promise<void>;
}

/** Greeting of the server behind a route's port, "" when it is closed without one. */
function client(port: number): Promise<Client> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: published.get(port) ?? 0 });
    const closed = new Promise<void>((done) => socket.once("close", () => done()));
    socket.on("error", () => {});
    socket.once("data", (data) => resolve({ greeting: data.toString().trim(), socket, closed }));
    closed.then(() => resolve({ greeting: "", socket, closed }), reject);
  });
}

async function greeting(port: number): Promise<string> {
  const { greeting, socket } = await client(port);
  socket.destroy();
  return greeting;
}

async function until(port: number, expected: string): Promise<void> {
  for (const end = Date.now() + 30_000; (await greeting(port)) !== expected; ) {
    if (Date.now() > end) throw new Error(`port ${port} never led to ${expected || "nobody"}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

beforeAll(async () => {
  bench = await Bench.open();
  images = await readyImages(bench.engine, ["haproxy", "agent"]);
  state = await mkdtemp(join(tmpdir(), "mall-state-"));
  await chmod(state, 0o755);
  agent = await bench.identity("agent");
  await Promise.all(names.map(runDb));
  await runHaproxy();
}, 300_000);
afterAll(async () => {
  await bench.close();
  await rm(state, { recursive: true, force: true });
}, 60_000);

test("it leads nowhere until the agent has spoken", async () => {
  expect([await greeting(3306), await greeting(3307)]).toEqual(["", ""]);
  expect(await settle()).toEqual([]);
});

test("each route leads to the holder of its role; a role that moves takes its clients' sessions with it", async () => {
  roles = { primary: ["db-1"], replica: ["db-2"] };
  expect(await settle()).toEqual(["db-primary: db-1 holds primary", "db-replicas: db-2 holds replica"]);
  expect([await greeting(3306), await greeting(3307)]).toEqual(["db-1", "db-2"]);
  const before = await client(3306);
  roles = { primary: ["db-2"], replica: ["db-1"] };
  await settle();
  await before.closed;
  expect([await greeting(3306), await greeting(3307)]).toEqual(["db-2", "db-1"]);
  for (const check of endpointsChecks)
    expect(await check.run(ctx()), check.id).toMatchObject({ verdict: "pass" });
});

test("a role that moved meanwhile stops an action that was decided before", async () => {
  const action = {
    kind: "open",
    target: "haproxy-1",
    why: "",
    route: "db-primary",
    role: "primary",
    server: "db-1",
  } as const;
  await expect(actEndpoints(ctx(), action)).rejects.toThrow("db-1 no longer holds primary");
  roles = {};
  await expect(actEndpoints(ctx(), action)).rejects.toThrow("not known any more");
  expect(await greeting(3306)).toBe("db-2");
});

test("a restart without the agent keeps what was stored, and follows new addresses", async () => {
  const addresses = new Map(
    (await readRoutes(ctx())).flatMap((r) => r.servers.map((s) => [s.instance, s.address])),
  );
  await bench.engine.docker(["stop", "--time", "2", haproxy.name]);
  await Promise.all(names.map((name) => bench.remove(name)));
  // Two others take two of the three addresses that came free: one of the servers must get a new one.
  for (const name of ["guest-1", "guest-2", ...names]) await runDb(name);
  await runHaproxy();
  await until(3306, "db-2");
  await until(3307, "db-1");
  const now = (await readRoutes(ctx())).flatMap((r) =>
    r.servers.map((s) => [s.instance, s.address] as const),
  );
  expect(new Map(now)).not.toEqual(addresses);
});

test("a state file that is garbage opens nothing", async () => {
  await writeFile(join(state, "haproxy.state"), Buffer.from("1\n# be_id be_na\u0000\u00ff"));
  await runHaproxy();
  expect([await greeting(3306), await greeting(3307)]).toEqual(["", ""]);
  roles = { primary: ["db-2"], replica: ["db-1"] };
  await settle();
  await until(3306, "db-2");
});

test("a renewed certificate is served within seconds, and no session ends for it", async () => {
  const held = await client(3306);
  const next = (await haproxy.renew())["tls.crt"] ?? "";
  const wanted = new X509Certificate(next).fingerprint256.replaceAll(":", "").toLowerCase();
  for (const end = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const { served } = await servedCertificate(ctx(agent, wanted), "haproxy-1", "runtime");
    if ("fingerprint" in served && served.fingerprint === wanted) break;
    if (Date.now() > end)
      throw new Error(`still not served: ${JSON.stringify(served)}\n${await haproxy.logs()}`);
  }
  expect(held.socket.closed).toBe(false);
  held.socket.destroy();
});

test("another server's certificate commands nothing", async () => {
  const other = await bench.identity("db-1");
  await expect(command(ctx(other), "show info")).rejects.toThrow(/closed without an answer|ECONNRESET/);
  await expect(command(ctx(), "show info")).resolves.toMatch(/^Name: HAProxy/);
});
