import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MallError } from "../errors.ts";
import type { KeyPair } from "../secrets/certificates.ts";
import { checkPatience } from "../services/patience.ts";
import type { AnyService, Check } from "../services/service.ts";
import { type RunningAgent, startAgent } from "./agent.ts";
import type { Identity } from "./api.ts";
import { type AgentClient, connectAgent } from "./client.ts";
import type { AgentEvent } from "./events.ts";
import { action, fakeService, mallOf } from "./testing/fake.ts";
import { authority, identityOf, leaf, writeGeneration } from "./testing/pki.ts";
import { timing } from "./timing.ts";

const check = (id: string, extra: Partial<Check> = {}): Check => ({
  id,
  requirements: ["GE-4"],
  title: { en: id, zh: id },
  kind: "read",
  needs: ["net"],
  run: async () => ({
    verdict: "pass",
    detail: { en: "as planned", zh: "符合计划" },
    evidence: [{ from: "x-1", read: "1" }],
  }),
  ...extra,
});

const one = fakeService("one");
const two = fakeService("two");
const withChecks: AnyService = {
  ...one.service,
  checks: [
    check("one.read", {
      run: async ({ patience }) => ({
        verdict: patience === checkPatience ? "pass" : "fail",
        detail: { en: `waits ${patience} times as long as the loop`, zh: `等待时间为循环的 ${patience} 倍` },
        evidence: [{ from: "x-1", read: "1" }],
      }),
    }),
    check("one.scratch", { kind: "scratch", requirements: ["MY-1"] }),
    check("one.engine", { needs: ["net", "engine"] }),
    check("one.disruptive", { kind: "disruptive" }),
  ],
};

let folder: string;
let ca: KeyPair;
let server: KeyPair;
let agent: RunningAgent;
let lines: string[] = [];
const clients: AgentClient[] = [];

const clientAs = async (commonName: string, by: KeyPair = ca): Promise<AgentClient> =>
  connect(identityOf(await leaf(by, commonName), ca));

function connect(identity: Identity): AgentClient {
  const client = connectAgent({ host: "127.0.0.1", port: agent.port, serverName: "localhost" }, identity);
  clients.push(client);
  return client;
}

const writeMall = (...names: readonly string[]) =>
  writeFile(join(folder, "mall.json"), JSON.stringify(mallOf(...names)));

const code = (error: unknown): unknown => (error instanceof MallError ? error.code : error);

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("it never came to hold");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const start = () =>
  startAgent({
    places: {
      config: folder,
      secrets: join(folder, "current"),
      data: folder,
      listen: { host: "127.0.0.1", port: 0 },
    },
    registry: [withChecks, two.service],
    target: "compose",
    timing,
    write: (line) => lines.push(line),
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-agent-"));
  ca = await authority(1);
  server = await leaf(ca, "agent");
  await writeGeneration(folder, 1, identityOf(server, ca));
  await writeMall("one", "two");
  agent = await start();
});

afterAll(async () => {
  await Promise.all(clients.map((c) => c.close()));
  await agent.stop();
  await rm(folder, { recursive: true });
});

test("without a certificate, or with another CA's, nothing is answered", async () => {
  const nobody = connect({ ca: ca.certificate, cert: "", key: "" });
  await expect(nobody.status().catch(code)).resolves.toBe("AGENT_UNREACHABLE");
  const foreign = await clientAs("operator", await authority(1));
  await expect(foreign.status().catch(code)).resolves.toBe("AGENT_UNREACHABLE");
});

test("a certificate opens what its name may do, and another server's opens nothing", async () => {
  const [own, collector, server] = await Promise.all(
    ["agent", "prometheus", "mysql-1"].map((n) => clientAs(n)),
  );
  await expect(collector?.metrics()).resolves.toContain("mall_agent_converged");
  await expect(collector?.status().catch(code)).resolves.toBe("AGENT_REFUSED");
  await expect(own?.reconcile({ waitMs: 0 }).catch(code)).resolves.toBe("AGENT_REFUSED");
  await expect(server?.metrics().catch(code)).resolves.toBe("AGENT_REFUSED");
});

test("the status says of each service what it is doing", async () => {
  const operator = await clientAs("operator");
  await until(async () => (await operator.status()).converged);
  expect(await operator.status()).toMatchObject({
    mall: "test",
    converged: true,
    lease: true,
    services: [
      { service: "one", converged: true, pending: [], summary: { ok: true } },
      { service: "two", converged: true },
    ],
  });
});

test("verify runs what needs only the network, and disruptive ones only by name", async () => {
  const operator = await clientAs("operator");
  const ids = async (...args: Parameters<AgentClient["verify"]>) =>
    (await operator.verify(...args)).map((r) => `${r.id} ${r.verdict}`);
  expect(await ids({})).toEqual([
    "one.read pass",
    "one.scratch pass",
    // No port in this plan: nothing is shown.
    "mall.ports-refuse-plaintext fail",
  ]);
  expect(await ids({ ids: ["MY-1"] })).toEqual(["one.scratch pass"]);
  expect(await ids({ ids: ["one.read", "one.engine"] })).toEqual(["one.read pass"]);
  expect(await ids({ kinds: ["disruptive"] })).toEqual(["one.disruptive pass"]);
});

test("what is not in a request's form is refused", async () => {
  const operator = await clientAs("operator");
  const wrong = operator.verify({ ids: [7 as unknown as string, ""] });
  await expect(wrong.catch(code)).resolves.toBe("AGENT_REFUSED");
  const unknown = operator.verify({ only: ["x"] } as object);
  await expect(unknown).rejects.toThrow(/must NOT have additional properties/);
  const large = operator.verify({ ids: Array.from({ length: 900 }, () => "x".repeat(99)) });
  await expect(large).rejects.toThrow(/413/);
  await expect(operator.reconcile({ service: "absent", waitMs: 0 })).rejects.toThrow(/no service absent/);
});

test("an operator's action runs, is logged, and hands its failure back", async () => {
  const operator = await clientAs("operator");
  await operator.perform("two", { ...action("handover"), expects: "x-1" } as ReturnType<typeof action>);
  expect(two.world.acts).toEqual(["handover"]);
  two.world.act = async () => {
    throw new Error("not now");
  };
  await expect(operator.perform("two", action("handover"))).rejects.toThrow(/not now/);
  const logged = lines.flatMap((l) => (l.includes("handover") ? [JSON.parse(l) as AgentEvent] : []));
  expect(logged.map((e) => [e.service, e.action, e.target, e.outcome])).toEqual([
    ["two", "handover", "x-1", "done"],
    ["two", "handover", "x-1", "failed"],
  ]);
});

test("reconcile answers when nothing is left to do", async () => {
  const operator = await clientAs("operator");
  one.world.state = { todo: [action("repair")] };
  const { converged } = await operator.reconcile({ service: "one", waitMs: 5_000 });
  expect(converged).toBe(true);
  expect(one.world.acts).toContain("repair");
});

test("a follower gets each event once, as it comes", async () => {
  const operator = await clientAs("operator");
  const { last } = await operator.events({ since: 0, waitMs: 0 });
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const event of operator.follow(last, stop.signal)) seen.push(event.action);
  })();
  two.world.act = async () => {};
  await operator.perform("two", action("first"));
  await operator.perform("two", action("second"));
  await until(() => seen.length === 2);
  stop.abort();
  await following;
  expect(seen).toEqual(["first", "second"]);
});

test("a changed mall is taken up, a cut one is refused and said", async () => {
  const operator = await clientAs("operator");
  await writeMall("one");
  await until(async () => (await operator.status()).services.length === 1);
  await writeFile(join(folder, "mall.json"), '{"site":');
  await until(async () => (await operator.status()).configError !== undefined);
  expect(await operator.status()).toMatchObject({ converged: false, services: [{ service: "one" }] });
  await writeMall("one", "two");
  await until(async () => (await operator.status()).services.length === 2);
  expect((await operator.status()).configError).toBeUndefined();
});

test("a new certificate and a new CA are served without a restart, and the old CA is refused then", async () => {
  const before = await clientAs("operator");
  await before.status();
  const next = await authority(2);
  const renewed = await leaf(next, "agent");
  await writeGeneration(folder, 2, identityOf(renewed, next));
  const after = connect(identityOf(await leaf(next, "operator"), next));
  await until(() =>
    after.status().then(
      () => true,
      () => false,
    ),
  );
  const old = connect(identityOf(await leaf(ca, "operator"), ca, next));
  await expect(old.status().catch(code)).resolves.toBe("AGENT_UNREACHABLE");
  ca = next;
});

test("after a restart events go on in their numbers, from the file", async () => {
  const operator = await clientAs("operator");
  const { last } = await operator.events({ since: 0, waitMs: 0 });
  await agent.stop();
  const stored = (await readFile(join(folder, "events.jsonl"), "utf8")).trim().split("\n");
  expect(stored).toHaveLength(last + 1); // and its own stop
  lines = [];
  agent = await start();
  const again = await clientAs("operator");
  const answer = await again.events({ since: last, waitMs: 0 });
  expect(answer.events.map((e) => [e.seq, e.action])).toEqual([
    [last + 1, "stop"],
    [last + 2, "start"],
  ]);
});
