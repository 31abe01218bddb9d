import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { authority, identityOf, leaf } from "../../agent/testing/pki.ts";
import type { MallPlan, Port } from "../../plan/model.ts";
import { sendPlaintext } from "../../services/plaintext-probe.ts";
import type { AnyService, ContainerState, Ctx } from "../../services/service.ts";
import { text } from "../../text.ts";
import { containersHealthy } from "./containers-healthy.ts";
import { onlyPlannedPorts } from "./only-planned-ports.ts";
import { portsRefusePlaintext } from "./ports-refuse-plaintext.ts";
import { parseListeners } from "./proc-net.ts";

const open: Server[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((s) => new Promise((resolve) => s.close(resolve))));
});

async function listen<S extends Server>(server: S): Promise<number> {
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const at = (port: number) => ({ host: "127.0.0.1", port, serverName: "localhost" });
const never = new AbortController().signal;

const planOf = (...ports: readonly Partial<Port>[]): MallPlan =>
  ({
    mall: "test",
    services: [
      {
        service: "db",
        routes: [],
        credentials: [],
        workloads: [
          {
            name: "db",
            instances: [{ name: "db-1" }],
            ports: ports.map((p) => ({ name: "sql", number: 1, encryption: "tls", protocol: "x", ...p })),
          },
        ],
      },
    ],
  }) as unknown as MallPlan;

const kernel = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000 10001        0 1 1 0 100 0 0 10 0
   1: 0B00007F:8F4B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 0281C90A:0CEA 0381C90A:A1B2 01 00000000:00000000 00:00000000 00000000 10001        0 3 1 0 100 0 0 10 0
  sl  local_address                         remote_address                        st tx_queue rx_queue tr
   0: 00000000000000000000000000000000:8124 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   2: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
`;

test("the kernel's tables: listening sockets of both families, loopback apart, connections not", () => {
  expect(parseListeners(kernel).map((l) => [l.port, l.loopback])).toEqual([
    [3306, false],
    [36683, true],
    [33060, false],
    [80, true],
    [81, true],
  ]);
});

const listeningIn = (stdout: string, plan: MallPlan) =>
  onlyPlannedPorts.run({
    plan,
    inside: { exec: async () => ({ code: 0, stdout, stderr: "gone" }) },
  } as unknown as Ctx);

test("a port that listens and is not planned fails, and so does a planned one that does not listen", async () => {
  expect(await listeningIn(kernel, planOf({ number: 3306 }, { number: 33060 }))).toMatchObject({
    verdict: "pass",
  });
  expect(await listeningIn(kernel, planOf({ number: 3306 }))).toMatchObject({
    verdict: "fail",
    evidence: [
      { from: "db-1", read: "listens: 3306, 33060; on loopback only: 80, 81, 36683; not in the plan: 33060" },
    ],
  });
  expect(await listeningIn(kernel, planOf({ number: 3306 }, { number: 33060 }, { number: 9 }))).toMatchObject(
    {
      verdict: "fail",
    },
  );
  expect(await listeningIn("", planOf({ number: 3306 }))).toMatchObject({
    verdict: "fail",
    evidence: [{ read: "gone" }],
  });
  expect(await listeningIn(kernel, { mall: "test", services: [] })).toMatchObject({ verdict: "fail" });
});

test("a port of the one that leads may be closed elsewhere, and must be open somewhere", async () => {
  const { services } = planOf({ number: 3306 }, { number: 33060 }, { number: 2888, onlyLeader: true });
  const plan = {
    services: services.map((s) => ({
      ...s,
      workloads: s.workloads.map((w) => ({ ...w, instances: [{ name: "db-1" }, { name: "db-2" }] })),
    })),
  } as unknown as MallPlan;
  const leads = kernel.replaceAll("00000000:0CEA 00000000:0000", "00000000:0B48 00000000:0000");
  const run = (leader: string) =>
    onlyPlannedPorts.run({
      plan,
      inside: {
        exec: async (instance: string) => ({
          code: 0,
          stdout: instance === leader ? `${kernel}${leads}` : kernel,
          stderr: "",
        }),
      },
    } as unknown as Ctx);
  expect(await run("db-2")).toMatchObject({ verdict: "pass" });
  expect(await run("nobody")).toMatchObject({ verdict: "fail" });
});

const healthIn = (state: Partial<ContainerState>) =>
  containersHealthy.run({
    plan: planOf({}),
    engine: {
      state: async (instance: string) => ({
        instance,
        status: "running",
        health: "healthy",
        oomKilled: false,
        restarts: 0,
        ...state,
      }),
    },
  } as unknown as Ctx);

test("a container that is not running, not healthy or without a health check fails", async () => {
  expect(await healthIn({})).toMatchObject({ verdict: "pass" });
  expect(await healthIn({ health: "unhealthy" })).toMatchObject({ verdict: "fail" });
  expect(await healthIn({ health: "none" })).toMatchObject({
    verdict: "fail",
    evidence: [{ read: "running, no health check" }],
  });
  expect(await healthIn({ status: "exited", health: "none", oomKilled: true })).toMatchObject({
    verdict: "fail",
  });
});

test("plaintext: an answer is one, whether asked for or not; an alert, a close and silence are none", async () => {
  const echoes = await listen(createServer((s) => s.on("error", () => {}).on("data", (d) => s.write(d))));
  const greets = await listen(
    createServer((s) =>
      s
        .on("error", () => {})
        .resume()
        .write("220 hello\r\n"),
    ),
  );
  const closes = await listen(
    createServer((s) =>
      s
        .on("error", () => {})
        .resume()
        .end(),
    ),
  );
  const silent = await listen(createServer((s) => s.on("error", () => {}).resume()));
  const ask = (port: number) => sendPlaintext({ signal: never, patience: 1 }, at(port));
  expect((await ask(echoes)).refused).toBe(false);
  expect(await ask(greets)).toEqual({ refused: false, read: 'answered "220 hello\\r\\n"' });
  expect((await ask(closes)).refused).toBe(true);
  expect(await ask(silent)).toEqual({ refused: true, read: "no answer" });
  const http = (status: string) =>
    listen(
      createServer((s) => s.on("error", () => {}).on("data", () => s.end(`HTTP/1.1 ${status}\r\n\r\n`))),
    );
  expect((await ask(await http("400 Bad Request"))).refused).toBe(true);
  expect((await ask(await http("403 Forbidden"))).refused).toBe(false);
  open.pop()?.close();
  await expect(ask(1)).rejects.toThrow(/ECONNREFUSED/);
});

test("the scan: TLS passes, plaintext fails although it is silent, and an upgrading port is its service's to ask", async () => {
  const ca = await authority(1);
  const own = await leaf(ca, "db-1");
  const { cert, key } = identityOf(own, ca);
  const tls = await listen(createTlsServer({ cert, key }, (s) => s.on("error", () => {}).resume()));
  const silent = await listen(createServer((s) => s.on("error", () => {}).resume()));
  const ctx = (plan: MallPlan, port: number) =>
    ({
      plan,
      net: { address: () => at(port) },
      secrets: { identity: async () => identityOf(own, ca) },
      signal: AbortSignal.timeout(20_000),
      patience: 1,
    }) as unknown as Ctx;
  const scan = (plan: MallPlan, port: number, services: readonly AnyService[] = []) =>
    portsRefusePlaintext(services.map((service) => ({ service, ctx: { own: plan.services[0] } as Ctx }))).run(
      ctx(plan, port),
    );
  expect(await scan(planOf({}), tls)).toMatchObject({
    verdict: "pass",
    evidence: [{ from: "db-1:1", read: expect.stringMatching(/^TLSv1\.3; plaintext: (TLS alert|closed)/) }],
  });
  expect(await scan(planOf({}), silent)).toMatchObject({ verdict: "fail" });
  const leader = await scan(planOf({ onlyLeader: true }), tls);
  expect(leader).toMatchObject({ verdict: "pass" });
  expect(await scan(planOf({ onlyLeader: true }), 1)).toMatchObject({ verdict: "fail" });
  const upgrading = planOf({ encryption: "starttls" });
  expect(await scan(upgrading, silent)).toMatchObject({
    verdict: "fail",
    evidence: [{ read: "no service knows how to ask x without TLS" }],
  });
  const speaker = (refused: boolean) =>
    ({ name: "db", plaintextProbe: async () => ({ refused, read: "ERROR 3159" }) }) as unknown as AnyService;
  expect(await scan(upgrading, silent, [speaker(true)])).toMatchObject({ verdict: "pass" });
  expect(await scan(upgrading, silent, [speaker(false)])).toMatchObject({
    verdict: "fail",
    evidence: [{ read: "ERROR 3159" }],
  });
  // Media waits for what only a browser that was let in can say; what greets anybody is not that.
  expect(await scan(planOf({ encryption: "dtls" }), silent)).toMatchObject({ verdict: "pass" });
  const greeting = await listen(
    createServer((s) =>
      s
        .on("error", () => {})
        .resume()
        .write("220 hello\r\n"),
    ),
  );
  expect(await scan(planOf({ encryption: "dtls" }), greeting)).toMatchObject({ verdict: "fail" });
  const because = text("publishers without TLS", "推流端不用 TLS");
  const plain = await scan(planOf({ encryption: "plain", plainBecause: because }), silent);
  expect(plain).toMatchObject({
    verdict: "deviates",
    detail: { en: expect.stringContaining(because.en), zh: expect.stringContaining(because.zh) },
  });
  // Nothing speaks TCP behind a UDP port: asking there would say nothing.
  expect(await scan(planOf({ transport: "udp" }), silent)).toMatchObject({ verdict: "fail", evidence: [] });
}, 30_000);
