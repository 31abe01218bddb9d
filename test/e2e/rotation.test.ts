/** Certificates, the CA and a password of a running mall are replaced while an application works with it. */
import { randomBytes, randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../packages/platform/src/engine/engine.ts";
import { ensureEngine } from "../../packages/platform/src/engine/find.ts";
import { containerFileLimit } from "../../packages/platform/src/engine/limits.ts";
import type { MallPlan } from "../../packages/platform/src/plan/model.ts";
import { instancesOn } from "../../packages/platform/src/plan/names.ts";
import { silent } from "../../packages/platform/src/progress.ts";
import { expectedFingerprints } from "../../packages/platform/src/secrets/bundle.ts";
import { issueLeaf, leafLifeMs, readCertificate } from "../../packages/platform/src/secrets/certificates.ts";
import { certificateList } from "../../packages/platform/src/secrets/overview.ts";
import { storeReader } from "../../packages/platform/src/secrets/reader.ts";
import {
  finishSecretRotation,
  rotateCertificates,
  rotateValue,
} from "../../packages/platform/src/secrets/rotation.ts";
import {
  certificateKey,
  issuerOf,
  joinPair,
  openStore,
  readStore,
  type SecretSnapshot,
} from "../../packages/platform/src/secrets/store.ts";
import { wantedSecrets } from "../../packages/platform/src/secrets/wanted.ts";
import { mallSchema, thisHost } from "../../packages/platform/src/services/mall-schema.ts";
import { planMall } from "../../packages/platform/src/services/plan-mall.ts";
import { loadMall } from "../../packages/platform/src/spec/load.ts";
import type { Mall } from "../../packages/platform/src/spec/mall.ts";
import { agentOf } from "../../packages/platform/src/targets/compose/agent.ts";
import { down } from "../../packages/platform/src/targets/compose/down.ts";
import {
  type ComposeRotation,
  composeRotation,
} from "../../packages/platform/src/targets/compose/rotation.ts";
import { mallFolders } from "../../packages/platform/src/targets/compose/state.ts";
import { type UpResult, up } from "../../packages/platform/src/targets/compose/up.ts";
import { servicesOnly } from "../support/left-out.ts";
import {
  clusterOf,
  databaseOf,
  type KnownMall,
  startMallTraffic,
  statesOf,
} from "../support/mall-traffic.ts";
import { openAsApplication, presentLogin } from "../support/mysql-traffic.ts";
import { repositoryRoot } from "../support/ready-images.ts";
import { connectOnce } from "../support/redis-traffic.ts";
import type { Traffic } from "../support/traffic.ts";

const name = `rotation-${randomBytes(3).toString("hex")}`;
/** Those that reload what is replaced; a service that restarts for it is rotated in its own suite. */
const about = ["mysql", "redis"];
const portBase = 40_000 + 1_000 * randomInt(20);
const { signal } = new AbortController();
let engine: Engine;
let home: string;
let mall: Mall;
let plan: MallPlan;
/** How long it took to replace every certificate under traffic. */
let replacedMs = 0;

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

const known = (): KnownMall => ({ mall, plan, backend: backend() });
const states = () => statesOf(known());
const database = () => databaseOf(known());
const cluster = () => clusterOf(known());

interface Application {
  readonly password: string;
  current(): Promise<string>;
  /** A new connection, used once. */
  open(login: { readonly ca: string; readonly password: string }): Promise<void>;
}

async function applications(): Promise<readonly Application[]> {
  const [redis, mysql] = [await cluster(), database()];
  return [
    {
      password: redis.password,
      current: () => reader().value(redis.password),
      open: async (login) => {
        for (const node of redis.nodes) await connectOnce(redis, node, login);
      },
    },
    {
      password: mysql.password,
      current: () => reader().value(mysql.password),
      open: async (login) => (await openAsApplication(mysql, login)).destroy(),
    },
  ];
}

/** Work beside traffic; the traffic must have been real, and not one request or connection may have failed. */
async function underTraffic(work: () => Promise<unknown>): Promise<void> {
  const traffics = await startMallTraffic(known());
  let seen: readonly Traffic[] = [];
  try {
    await work();
  } finally {
    seen = await Promise.all(traffics.map((traffic) => traffic.stop()));
  }
  for (const { failures, requests, connections } of seen) {
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(50);
    expect(connections).toBeGreaterThan(10);
  }
}

const bringUp = async (): Promise<UpResult> =>
  up({
    mall,
    engine,
    root: repositoryRoot,
    stateHome: home,
    maxFiles: await containerFileLimit(),
    keepSurplus: false,
    progress: silent,
    signal,
  });

beforeAll(async () => {
  engine = await ensureEngine();
  home = await mkdtemp(join(tmpdir(), "mallstack-e2e-rotation-"));
  const text = `name: ${name}\nportBase: ${portBase}\n${servicesOnly(about)}`;
  mall = loadMall(text, "(test)", mallSchema(), thisHost()).mall;
  plan = planMall(mall);
  await bringUp();
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
  const started = Date.now();
  await underTraffic(async () => rotateCertificates({ scope: "leaf" }, plan, backend(), await rotation()));
  replacedMs = Date.now() - started;
  const after = await snapshot();
  for (const [id, pair] of after.certificates) {
    expect(pair.certificate, id).not.toBe(before.certificates.get(id)?.certificate);
  }
  const list = certificateList(plan, after, Date.now(), await states());
  const servers = list.certificates.filter((row) => row.served !== undefined);
  expect(servers.map((row) => `${row.id} ${row.served}`)).toEqual(servers.map((row) => `${row.id} served`));
  expect(servers.length).toBeGreaterThan(10);
}, 300_000);

test("the CA is replaced under traffic; afterwards the old one opens nothing", async () => {
  const before = await reader().identity();
  await underTraffic(async () => rotateCertificates({ scope: "ca" }, plan, backend(), await rotation()));
  const after = await snapshot();
  expect(after.state).toMatchObject({ phase: "stable", issuer: 2, trusted: [2] });
  for (const pair of after.certificates.values()) {
    expect(readCertificate(pair.certificate).issuer).toMatch(/ CA 2 /);
  }
  for (const { open, password } of await applications()) {
    await expect(open({ ca: before.ca, password: await reader().value(password) })).rejects.toThrow(
      /self-signed|verif|issuer/,
    );
  }
}, 300_000);

test("passwords are replaced under traffic; both are accepted until it is finished, then one", async () => {
  const { ca } = await reader().identity();
  const apps = await applications();
  const old = new Map(await Promise.all(apps.map(async (app) => [app, await app.current()] as const)));
  await underTraffic(async () => {
    for (const { password } of apps) {
      expect(await rotateValue(plan, backend(), password, await rotation())).toBe("given");
    }
  });
  for (const app of apps) {
    expect(await app.current()).not.toBe(old.get(app));
    await app.open({ ca, password: old.get(app) ?? "" });
    await app.open({ ca, password: await app.current() });
  }
  await underTraffic(async () => {
    for (const { password } of apps) {
      await finishSecretRotation(plan, backend(), password, await rotation());
    }
  });
  for (const app of apps) {
    await expect(app.open({ ca, password: old.get(app) ?? "" })).rejects.toThrow(/WRONGPASS|Access denied/);
    await app.open({ ca, password: await app.current() });
  }
}, 300_000);

/** Every certificate of the mall anew, so that it ends then, in the store and served by the servers. */
async function endAllAt(endsAt: number): Promise<void> {
  const before = await snapshot();
  const issuer = issuerOf(before);
  const epoch = before.state?.epoch;
  if (issuer === undefined || epoch === undefined) throw new Error("a store without a CA");
  const issued = await Promise.all(
    wantedSecrets(plan).certificates.map(async (secret) => {
      const pair = await issueLeaf(secret, issuer, epoch, endsAt - leafLifeMs);
      await backend().put(certificateKey(secret.id), joinPair(pair));
      return [secret.id, pair] as const;
    }),
  );
  const short = { ...before, certificates: new Map(issued) };
  const steps = await rotation();
  await steps.deliver(short);
  await steps.waitServed(expectedFingerprints(plan, short));
}

test("certificates that end under running servers are healed by up: issued, delivered, restarted for", async () => {
  const apps = await applications();
  const sql = database();
  const write = await openAsApplication(sql, await presentLogin(sql));
  await write.query("CREATE TABLE kept (n INT PRIMARY KEY)");
  await write.query("INSERT INTO kept VALUES (1), (2), (3)");
  write.destroy();

  // All of them were replaced before: what that took here is what these may take.
  const endsAt = Date.now() + Math.min(Math.max(20_000, 3 * replacedMs), 150_000);
  await endAllAt(endsAt);
  expect(Date.now(), "the servers were too slow for the test").toBeLessThan(endsAt);
  await sleep(endsAt + 1_500 - Date.now());
  const login = { ca: (await reader().identity()).ca, password: "" };
  for (const { open, current } of apps)
    await expect(open({ ...login, password: await current() })).rejects.toThrow(/expired/);

  const result = await bringUp();
  console.log("up with expired certificates, ms", result.phases);
  const own = instancesOn(plan, "compose").filter(({ instance }) => /^(mysql|redis)-/.test(instance.name));
  expect([...result.restarted].sort()).toEqual(own.map(({ instance }) => instance.name).sort());
  expect(await bringUp()).toMatchObject({ unchanged: true });
  for (const { open, current } of apps) await open({ ...login, password: await current() });
  const read = await openAsApplication(sql, await presentLogin(sql));
  expect((await read.query("SELECT n FROM kept ORDER BY n"))[0]).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  read.destroy();
  const agent = agentOf(mall, plan, await snapshot());
  const reports = await agent.verify({}).finally(() => agent.close());
  expect(reports.filter((one) => one.verdict === "fail")).toEqual([]);
  expect(reports.filter((one) => one.verdict === "pass").length).toBeGreaterThan(10);
}, 600_000);

test("a mall that mall.yaml describes otherwise than it runs is not rotated", async () => {
  const text = `name: ${name}\nportBase: ${portBase}\n${servicesOnly(about, "  redis:\n    memory: 320Mi\n")}`;
  const other = loadMall(text, "(test)", mallSchema(), thisHost()).mall;
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
