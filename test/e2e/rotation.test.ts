/** Certificates, the CA and a password of a running mall are replaced while an application works with it. */
import { randomBytes, randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import { containerFileLimit } from "../../packages/platform/src/engine/limits.ts";
import type { MallPlan } from "../../packages/platform/src/plan/model.ts";
import { silent } from "../../packages/platform/src/progress.ts";
import { readCertificate } from "../../packages/platform/src/secrets/certificates.ts";
import { certificateList } from "../../packages/platform/src/secrets/overview.ts";
import { storeReader } from "../../packages/platform/src/secrets/reader.ts";
import {
  finishSecretRotation,
  rotateCertificates,
  rotateValue,
} from "../../packages/platform/src/secrets/rotation.ts";
import { openStore, readStore, type SecretSnapshot } from "../../packages/platform/src/secrets/store.ts";
import { wantedSecrets } from "../../packages/platform/src/secrets/wanted.ts";
import { mallSchema, thisHost } from "../../packages/platform/src/services/mall-schema.ts";
import { narrowTo } from "../../packages/platform/src/services/narrow.ts";
import { planMall } from "../../packages/platform/src/services/plan-mall.ts";
import { connectRedis } from "../../packages/platform/src/services/redis/connect.ts";
import type { RedisState } from "../../packages/platform/src/services/redis/state.ts";
import { loadMall } from "../../packages/platform/src/spec/load.ts";
import type { Mall } from "../../packages/platform/src/spec/mall.ts";
import { agentOf } from "../../packages/platform/src/targets/compose/agent.ts";
import { down } from "../../packages/platform/src/targets/compose/down.ts";
import { hostNet } from "../../packages/platform/src/targets/compose/ports.ts";
import {
  type ComposeRotation,
  composeRotation,
} from "../../packages/platform/src/targets/compose/rotation.ts";
import { mallFolders } from "../../packages/platform/src/targets/compose/state.ts";
import { up } from "../../packages/platform/src/targets/compose/up.ts";
import { repositoryRoot } from "../support/ready-images.ts";
import { connectOnce, startTraffic, type TrafficTarget } from "../support/redis-traffic.ts";

const name = `rotation-${randomBytes(3).toString("hex")}`;
const portBase = 40_000 + 1_000 * randomInt(20);
const password = "redis.default";
const { signal } = new AbortController();
let engine: Engine;
let home: string;
let mall: Mall;
let plan: MallPlan;

const backend = () => openStore(home, name);
const reader = () => storeReader(plan, backend(), "operator");
const snapshot = (): Promise<SecretSnapshot> => readStore(backend(), wantedSecrets(plan));
const rotation = (): Promise<ComposeRotation> =>
  composeRotation({
    mall,
    plan,
    engine,
    stateHome: home,
    folders: mallFolders(home, name),
    progress: silent,
    signal,
  });

/** What the agent says of each service. */
async function states(): Promise<readonly unknown[]> {
  const agent = agentOf(mall, plan, await snapshot());
  try {
    return (await agent.status()).services.map((service) => service.state);
  } finally {
    await agent.close();
  }
}

async function target(): Promise<TrafficTarget> {
  const own = plan.services.find((service) => service.service === "redis");
  const state = (await states()).find(
    (one): one is RedisState => typeof one === "object" && one !== null && "nodes" in one,
  );
  if (own === undefined) throw new Error("a mall without redis");
  const [info] = connectRedis(own, hostNet(plan, mall.site.bind), state);
  const { nodes, serverName, natMap } = info?.settings ?? {};
  return {
    nodes: nodes as readonly string[],
    serverName: String(serverName),
    natMap: natMap as Readonly<Record<string, string>>,
    secrets: reader(),
    password,
  };
}

/** Work beside traffic; the traffic must have been real, and not one request or connection may have failed. */
async function underTraffic(work: () => Promise<unknown>): Promise<void> {
  const traffic = await startTraffic(await target());
  let seen: Awaited<ReturnType<typeof traffic.stop>> | undefined;
  try {
    await work();
  } finally {
    seen = await traffic.stop();
  }
  expect(seen.failures).toEqual([]);
  expect(seen.requests).toBeGreaterThan(50);
  expect(seen.connections).toBeGreaterThan(10);
}

beforeAll(async () => {
  engine = await ensureEngine();
  home = await mkdtemp(join(tmpdir(), "mallstack-e2e-rotation-"));
  const text = `name: ${name}\nportBase: ${portBase}\n`;
  mall = narrowTo(loadMall(text, "(test)", mallSchema(), thisHost()).mall, ["redis"]);
  plan = planMall(mall);
  await up({
    mall,
    engine,
    root: repositoryRoot,
    stateHome: home,
    maxFiles: await containerFileLimit(),
    keepSurplus: false,
    progress: silent,
    signal,
  });
}, 600_000);

afterAll(async () => {
  await down({
    mall: name,
    engine,
    folders: mallFolders(home, name),
    progress: silent,
    signal,
    volumes: true,
  });
  await rm(home, { recursive: true, force: true });
}, 120_000);

test("every certificate is replaced under traffic, and each server is seen to serve its new one", async () => {
  const before = await snapshot();
  await underTraffic(async () => rotateCertificates({ scope: "leaf" }, plan, backend(), await rotation()));
  const after = await snapshot();
  for (const [id, pair] of after.certificates) {
    expect(pair.certificate, id).not.toBe(before.certificates.get(id)?.certificate);
  }
  const list = certificateList(plan, after, Date.now(), await states());
  const servers = list.certificates.filter((row) => row.served !== undefined);
  expect(servers.map((row) => `${row.id} ${row.served}`)).toEqual(servers.map((row) => `${row.id} served`));
  expect(servers.length).toBeGreaterThan(6);
}, 300_000);

test("the CA is replaced under traffic; afterwards the old one opens nothing", async () => {
  const before = await reader().identity();
  await underTraffic(async () => rotateCertificates({ scope: "ca" }, plan, backend(), await rotation()));
  const after = await snapshot();
  expect(after.state).toMatchObject({ phase: "stable", issuer: 2, trusted: [2] });
  for (const pair of after.certificates.values()) {
    expect(readCertificate(pair.certificate).issuer).toMatch(/ CA 2 /);
  }
  const traffic = await target();
  const login = { ca: before.ca, password: await reader().value(password) };
  for (const node of traffic.nodes)
    await expect(connectOnce(traffic, node, login)).rejects.toThrow(/self-signed|verif|issuer/);
}, 300_000);

test("a password is replaced under traffic; both are accepted until it is finished, then one", async () => {
  const old = await reader().value(password);
  await underTraffic(async () => {
    expect(await rotateValue(plan, backend(), password, await rotation())).toBe("given");
  });
  const traffic = await target();
  const { ca } = await reader().identity();
  const current = await reader().value(password);
  expect(current).not.toBe(old);
  for (const node of traffic.nodes) {
    await connectOnce(traffic, node, { ca, password: old });
    await connectOnce(traffic, node, { ca, password: current });
  }
  await underTraffic(async () => finishSecretRotation(plan, backend(), password, await rotation()));
  for (const node of traffic.nodes) {
    await expect(connectOnce(traffic, node, { ca, password: old })).rejects.toThrow(/WRONGPASS/);
    await connectOnce(traffic, node, { ca, password: current });
  }
}, 300_000);

test("a mall that mall.yaml describes otherwise than it runs is not rotated", async () => {
  const other = narrowTo(
    loadMall(
      `name: ${name}\nportBase: ${portBase}\nservices:\n  redis:\n    memory: 320Mi\n`,
      "(test)",
      mallSchema(),
      thisHost(),
    ).mall,
    ["redis"],
  );
  await expect(
    composeRotation({
      mall: other,
      plan: planMall(other),
      engine,
      stateHome: home,
      folders: mallFolders(home, name),
      progress: silent,
      signal,
    }),
  ).rejects.toThrow(/PLAN_NOT_APPLIED/);
});
