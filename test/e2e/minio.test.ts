/** MinIO against four real servers: created, broken in every way that a mall meets, and healed. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { giveValue, introduceValue, reissueLeaves } from "../../packages/platform/src/secrets/rotation.ts";
import type { MinioAction } from "../../packages/platform/src/services/minio/action.ts";
import * as admin from "../../packages/platform/src/services/minio/admin.ts";
import { isOverQuota } from "../../packages/platform/src/services/minio/checks/buckets.ts";
import { minioChecks } from "../../packages/platform/src/services/minio/checks/index.ts";
import {
  type Answer,
  ask,
  codeOf,
  type Login,
  type Node,
  withNode,
} from "../../packages/platform/src/services/minio/client.ts";
import { minio } from "../../packages/platform/src/services/minio/index.ts";
import {
  appAccount,
  nodeNames,
  policyName,
  rootSecret,
  secretId,
} from "../../packages/platform/src/services/minio/names.ts";
import { rootOf, wantedKeys } from "../../packages/platform/src/services/minio/observe.ts";
import { setLifecycle } from "../../packages/platform/src/services/minio/s3.ts";
import type { MinioSpec } from "../../packages/platform/src/services/minio/spec.ts";
import { isRead, type MinioState } from "../../packages/platform/src/services/minio/state.ts";
import type { CheckResult, Ctx } from "../../packages/platform/src/services/service.ts";
import { ServiceMall } from "../support/service-mall.ts";
import { startTraffic } from "../support/traffic.ts";

let mall: ServiceMall<MinioSpec, MinioState, MinioAction>;
const figures: string[] = [];
const bucket = "products";
/** Filled over its quota by objects that are each below it: MinIO counts at its scans. */
const full = "full";
let filledAt = 0;

/** The agent's net, with the engine and the insides that checks ask for. */
const ctx = (): Ctx<MinioSpec> => {
  const { inside, engine } = mall.hostCtx();
  return { ...mall.ctx(), ...(inside && { inside }), ...(engine && { engine }) };
};

const healed = async (what: string, limitMs?: number): Promise<readonly string[]> => {
  const { seconds, actions } = await mall.heal(limitMs);
  figures.push(`${what}: ${seconds} s (${actions.join(", ")})`);
  return actions;
};

const asRoot = <T>(work: (node: Node, root: Login) => Promise<T>, instance = "minio-1"): Promise<T> =>
  withNode(mall.ctx(), instance, async (node) => work(node, (await rootOf(mall.ctx(), node)).login), {
    timeoutMs: 20_000,
  });

const app = async (): Promise<Login> => {
  const [key] = await wantedKeys(mall.ctx(), appAccount);
  if (key === undefined) throw new Error("no application's secret");
  return key;
};

/** As S3's clients do: another node, and again after a moment, up to four times. Only what is answered counts. */
async function request(n: number, login: Login, what: Parameters<Node["send"]>[0]): Promise<Answer> {
  let last: unknown;
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const instance = nodeNames[(n + attempt) % nodeNames.length] ?? "minio-1";
    try {
      const answer = await withNode(mall.ctx(), instance, (node) => node.send(what, login), {
        timeoutMs: 20_000,
      });
      if (answer.status < 500) return answer;
      last = new Error(`${answer.status}`);
    } catch (error) {
      last = error;
    }
    await sleep(200 * 2 ** attempt);
  }
  throw last;
}

/** Numbered objects: what was acknowledged, and what each holds. */
const ledger = new Map<string, Buffer>();
async function write(n: number, login: Login): Promise<void> {
  const key = `ledger/${n}`;
  const body = randomBytes(20_000);
  const answer = await request(n, login, { method: "PUT", path: `/${bucket}/${key}`, body });
  if (answer.status !== 200) throw new Error(`PUT ${key}: ${answer.status}`);
  ledger.set(key, body);
}
/**
 * What is not read back as it was acknowledged. For a moment after nodes were away MinIO may say 404 of an object that
 * was written without one of them: it is asked again, and how long that took is said.
 */
async function missing(): Promise<readonly string[]> {
  const started = performance.now();
  for (let first: readonly string[] | undefined; ; await sleep(500)) {
    const gone = await missingNow();
    const seconds = (performance.now() - started) / 1000;
    if (first !== undefined)
      figures.push(`  read as absent at first: ${first.join(", ")}; all there after ${seconds.toFixed(1)} s`);
    if (gone.length === 0 || seconds > 15) return gone;
    first = gone;
  }
}
async function missingNow(): Promise<readonly string[]> {
  const login = await app();
  const gone: string[] = [];
  for (const [n, [key, body]] of [...ledger].entries()) {
    const answer = await request(n, login, { method: "GET", path: `/${bucket}/${key}` });
    if (!answer.body.equals(body))
      gone.push(`${key} by ${nodeNames[n % 4]}: ${answer.status} ${codeOf(answer)}`);
  }
  return gone;
}

const run = async (id: string): Promise<CheckResult> => {
  const check = minioChecks.find((c) => c.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.run(ctx());
};

beforeAll(async () => {
  mall = await ServiceMall.start(minio, {
    portBase: 23_000,
    spec: { accounts: { live: { writes: ["replays"] }, report: { reads: ["products"] } } },
  });
}, 900_000);

afterAll(async () => {
  console.log(figures.join("\n"));
  await mall?.close();
}, 120_000);

test("four fresh servers become one set with buckets, policy and the application's key", async () => {
  const actions = await healed("created");
  expect(actions.filter((a) => a.startsWith("("))).toEqual([]);
  expect(new Set(actions.map((a) => a.split(" ")[0]))).toEqual(
    new Set([
      "create-bucket",
      "enable-versioning",
      "set-quota",
      "set-lifecycle",
      "set-key",
      "join-group",
      "set-policy",
      "set-group-policy",
    ]),
  );
  for (let n = 0; n < 20; n += 1) await write(n, await app());
  expect(await missing()).toEqual([]);
  await asRoot(async (node, root) => {
    await ask(node, { method: "PUT", path: `/${full}` }, root);
    await admin.setQuota(node, root, full, 512 * 1024);
    for (let n = 0; n < 6; n += 1)
      await ask(node, { method: "PUT", path: `/${full}/${n}`, body: randomBytes(100_000) }, root);
  });
  filledAt = performance.now();
}, 120_000);

test("a whole cluster asks for nothing, and one look at it is quick", async () => {
  const started = performance.now();
  expect((await mall.heal(1_000)).actions).toEqual([]);
  figures.push(`one observation: ${Math.round(performance.now() - started)} ms`);
}, 30_000);

test("every check holds, and fails when what it looks at is wrong; what was changed is put right", async () => {
  for (const check of minioChecks) {
    const started = performance.now();
    const result = await check.run(ctx());
    figures.push(`${check.id}: ${result.verdict} in ${Math.round(performance.now() - started)} ms`);
    if (check.kind === "disruptive") {
      figures.push(...result.evidence.map((e) => `  ${e.from}: ${e.read}`));
      await healed("after two nodes were away");
    }
    // A virtual disk may call itself rotational.
    expect(
      ["pass", ...(check.id === "minio.requests-and-disk" ? ["deviates"] : [])],
      JSON.stringify(result),
    ).toContain(result.verdict);
    expect(JSON.stringify(result)).not.toContain(await mall.ctx().secrets.value(rootSecret.id));
  }
  const key = (await app()).accessKey;
  await asRoot(async (node, root) => {
    const suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    await ask(node, { method: "PUT", path: `/${bucket}`, query: { versioning: "" }, body: suspended }, root);
    await setLifecycle(node, root, "replays", { keepVersions: 1 });
    await admin.setQuota(node, root, bucket, 0);
    await admin.setUser(node, root, { accessKey: key, secretKey: "AnotherSecret123" });
    await admin.setPolicy(node, root, policyName(appAccount), {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::products/*"] }],
    });
    await admin.setUser(node, root, { accessKey: "app-stranger", secretKey: "AnotherSecret123" });
    await admin.joinGroup(node, root, appAccount, "app-stranger");
  });
  for (const id of ["minio.keys", "minio.versions-come-back", "minio.quotas"])
    expect((await run(id)).verdict, id).toBe("fail");
  const actions = await healed("settings, rights and secret as they were");
  for (const kind of [
    "enable-versioning",
    "set-lifecycle",
    "set-quota",
    "set-key",
    "set-policy",
    "remove-key",
  ])
    expect(actions.join("\n"), kind).toContain(kind);
  await asRoot(async (node, root) => {
    await admin.removeUser(node, root, key);
    const empty = {
      method: "DELETE",
      path: "/replays",
      headers: { "x-minio-force-delete": "true" },
    } as const;
    await ask(node, empty, root);
  });
  expect((await healed("a user and a bucket dropped")).join("\n")).toMatch(/create-bucket[\s\S]*set-key/);
  await mall.compose("stop", "minio-4");
  for (const id of ["minio.erasure-set", "minio.tls", "minio.requests-and-disk"])
    expect((await run(id)).verdict, id).toBe("fail");
  await mall.compose("start", "minio-4");
  await healed("a node stopped and started");
}, 300_000);

test("a node killed in the middle of writes: every acknowledged object is there", async () => {
  const login = await app();
  const before = ledger.size;
  const traffic = startTraffic({
    request: async (n) => write(1_000 + n, login).then(() => 1),
    connect: async () => {},
    pauseMs: { request: 20, connect: 1_000 },
    close: () => {},
  });
  await sleep(1_500);
  await mall.docker("kill", mall.container("minio-2"));
  await sleep(3_000);
  await mall.compose("start", "minio-2");
  await sleep(1_500);
  const { failures } = await traffic.stop();
  await healed("a killed node back");
  figures.push(`a node killed: ${ledger.size - before} objects acknowledged, ${failures.length} not`);
  expect(failures).toEqual([]);
  expect(ledger.size - before).toBeGreaterThan(20);
  expect(await missing()).toEqual([]);
}, 120_000);

test("all four at once with new addresses", async () => {
  const before = nodeNames.map(mall.addressOf);
  await mall.recreateElsewhere(nodeNames);
  expect(nodeNames.filter((name, i) => mall.addressOf(name) === before[i])).toEqual([]);
  await healed("all four with new addresses");
  expect(await missing()).toEqual([]);
}, 120_000);

test("a drive that was lost is filled again, with a part of every object", async () => {
  await mall.emptyOut("minio-3");
  await healed("an emptied drive", 180_000);
  // What stands on a drive beside MinIO's own: a part of each object, as on the three that were never touched.
  const parts = async (instance: string): Promise<string> =>
    mall.docker(
      "exec",
      mall.container(instance),
      "sh",
      "-c",
      "cd /data/drive && find products -name xl.meta | sort",
    );
  const [mine, other] = await Promise.all([parts("minio-3"), parts("minio-4")]);
  expect(mine.split("\n").length).toBeGreaterThan(ledger.size);
  expect(mine).toBe(other);
  expect(await missing()).toEqual([]);
}, 300_000);

test("the application's secret and all certificates change under traffic without a failed request", async () => {
  const { plan, backend } = mall;
  let login = await app();
  const old = login;
  const traffic = startTraffic({
    request: async (n) => write(50_000 + n, login).then(() => 1),
    connect: async (n) => {
      const answer = await request(n, login, { method: "GET", path: `/${bucket}/ledger/0` });
      if (answer.status !== 200) throw new Error(`GET: ${answer.status}`);
    },
    pauseMs: { request: 50, connect: 100 },
    close: () => {},
  });
  await introduceValue(plan, backend, secretId(appAccount));
  expect((await healed("a second key beside the first")).join("\n")).toContain("set-key");
  await giveValue(plan, backend, secretId(appAccount));
  login = await app();
  expect(login.accessKey).not.toBe(old.accessKey);
  await reissueLeaves(plan, backend, nodeNames);
  await mall.deliver();
  for (const instance of nodeNames) {
    await mall.compose("restart", instance);
    await mall.heal();
  }
  const { failures, requests } = await traffic.stop();
  figures.push(`secret and certificates changed: ${requests} writes, ${failures.length} failed`);
  expect(failures).toEqual([]);
  expect(await missing()).toEqual([]);
}, 240_000);

test("a bucket that several objects filled together refuses more", async () => {
  let answer: Answer;
  let n = 0;
  const until = performance.now() + 150_000;
  do {
    // Filled at the beginning: by now the drives have mostly been scanned; a server that starts begins anew.
    n += 1;
    const path = `/${full}/more-${n}`;
    answer = await asRoot((node, root) => node.send({ method: "PUT", path, body: randomBytes(1_000) }, root));
    if (answer.status === 200) await sleep(1_000);
  } while (answer.status === 200 && performance.now() < until);
  figures.push(
    `over quota refused ${Math.round((performance.now() - filledAt) / 1000)} s after it was filled, or before`,
  );
  expect(isOverQuota(answer), codeOf(answer)).toBe(true);
}, 200_000);

test("a new root password: all servers end, come back with it, and the old one is refused", async () => {
  const { plan, backend } = mall;
  const former = await mall.ctx().secrets.value(rootSecret.id);
  await introduceValue(plan, backend, rootSecret.id);
  await mall.deliver();
  // As the agent is told: the new one is the present one, the former the one before.
  await giveValue(plan, backend, rootSecret.id);
  expect((await healed("a new root password")).join("\n")).toContain("restart-servers");
  const state = await mall.observe();
  expect(isRead(state.cluster) && state.cluster.rootCurrent).toBe(true);
  const answer = await withNode(mall.ctx(), "minio-1", (node) =>
    admin.storageInfo(node, { accessKey: "root", secretKey: former }),
  );
  expect(answer).toBeUndefined();
  expect(await missing()).toEqual([]);
}, 120_000);
