import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { extract } from "tar-stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { instancesOf } from "../../plan/names.ts";
import { bundleOf } from "../../secrets/bundle.ts";
import { readCertificate } from "../../secrets/certificates.ts";
import { ensureSecrets } from "../../secrets/ensure.ts";
import type { SecretSnapshot } from "../../secrets/store.ts";
import { memoryBackend, testPlan } from "../../secrets/test-store.ts";
import { type Delivery, deliveries, deliverSecrets } from "./secret-volumes.ts";

const plan = testPlan();
const instances = instancesOf(plan).map((one) => one.instance.name);
let home: string;
let snapshot: SecretSnapshot;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "mallstack-volumes-"));
  ({ snapshot } = await ensureSecrets(plan, memoryBackend()));
});
afterEach(() => rm(home, { recursive: true, force: true }));

interface Fill {
  readonly instance: string;
  readonly args: readonly string[];
  readonly tar: Uint8Array;
}

/** An engine with volumes and containers that do nothing but take their input. */
function fakeEngine(onFill: (fill: Fill) => Promise<void> = async () => {}) {
  const volumes = new Map<string, Readonly<Record<string, string>>>();
  const fills: Fill[] = [];
  const engine: Delivery["engine"] = {
    async api(path, options) {
      if (path.startsWith("/volumes?")) {
        return { Volumes: [...volumes].map(([Name, Labels]) => ({ Name, Labels })) };
      }
      if (path === "/volumes/create") {
        const body = options?.body as { Name: string; Labels: Record<string, string> };
        volumes.set(body.Name, body.Labels);
        return {};
      }
      throw new Error(`404: ${path}`);
    },
    async docker(args, options) {
      const fill = { instance: args.at(-2) ?? "", args, tar: options?.input as Uint8Array };
      fills.push(fill);
      await onFill(fill);
      return "";
    },
  };
  return { engine, volumes, fills };
}

const deliver = (engine: Delivery["engine"], extra: Partial<Delivery> = {}): Promise<readonly string[]> =>
  deliverSecrets({
    engine,
    plan,
    snapshot,
    images: { db: "img/db", keeper: "img/keeper" },
    mallId: "id-1",
    stateHome: home,
    ...extra,
  });

test("the archive holds the bundle for the image's user, and its last entry says that it is whole", async () => {
  const { engine, fills, volumes } = fakeEngine();
  await deliver(engine);
  const keeper = fills.find((one) => one.instance === "keeper-1");
  const entries: { name: string; mode: number; owner: string; content: string }[] = [];
  const reading = extract();
  reading.end(keeper?.tar);
  for await (const entry of reading) {
    const { name, mode = 0, uid, gid } = entry.header;
    entries.push({ name, mode, owner: `${uid}:${gid}`, content: await text(entry) });
  }
  const instance = instancesOf(plan).find((one) => one.instance.name === "keeper-1")?.instance;
  if (instance === undefined) throw new Error("no keeper");
  const owner = "10001:10001";
  expect(entries).toEqual([
    { name: "credentials/", mode: 0o700, owner, content: "" },
    ...bundleOf(plan, instance, snapshot).map(({ path, mode, content }) => ({
      name: path,
      mode,
      owner,
      content,
    })),
    { name: ".complete", mode: 0o600, owner, content: "" },
  ]);
  expect(volumes.get("mall-shop_keeper-1-secrets")).toMatchObject({
    "io.mallstack.mall": "shop",
    "io.mallstack.id": "id-1",
  });
});

test("only what differs is filled: a changed bundle, a volume made anew, a record that is damaged", async () => {
  const { engine, volumes, fills } = fakeEngine();
  expect(await deliver(engine)).toEqual(instances);
  expect(await deliver(engine)).toEqual([]);
  const value = { current: "x".repeat(32) };
  const changed = { ...snapshot, values: new Map([...snapshot.values, ["db.app", value] as const]) };
  expect(await deliver(engine, { snapshot: changed })).toEqual(["keeper-1"]);
  volumes.delete("mall-shop_db-1-secrets");
  expect(await deliver(engine, { snapshot: changed })).toEqual(["db-1"]);
  await writeFile(join(home, "malls/shop/delivered.json"), "{");
  fills.length = 0;
  expect(await deliver(engine, { snapshot: changed })).toEqual(instances);
  expect(fills).toHaveLength(3);
});

test("no more than asked for at a time; a failure lets those at work finish and is remembered for none of them", async () => {
  let running = 0;
  let most = 0;
  const broken = fakeEngine(async ({ instance }) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, instance === "db-1" ? 5 : 20));
    running -= 1;
    if (instance === "db-1") throw new Error("the disk is full");
  });
  await expect(deliver(broken.engine, { parallel: 2 })).rejects.toThrow("the disk is full");
  expect({ most, running }).toEqual({ most: 2, running: 0 });
  expect(broken.fills.map((one) => one.instance)).toEqual(["db-1", "db-2"]);
  const mended = { ...broken.engine, docker: fakeEngine().engine.docker };
  expect(await deliver(mended)).toEqual(["db-1", "keeper-1"]);
});

test("the moment of each delivery is kept; no value is", async () => {
  const { engine } = fakeEngine();
  const before = Date.now();
  await deliver(engine);
  const times = await deliveries(home, "shop");
  expect([...times.keys()]).toEqual(instances);
  for (const { at } of times.values()) expect(at).toBeGreaterThanOrEqual(before);
  const record = await readFile(join(home, "malls/shop/delivered.json"), "utf8");
  for (const { current } of snapshot.values.values()) expect(record).not.toContain(current);
});

test("what a certificate replaced is remembered until its volume is made anew, through other deliveries", async () => {
  const { engine, volumes } = fakeEngine();
  const former = async () => (await deliveries(home, "shop")).get("db-1")?.formerEndsAt;
  const store = memoryBackend();
  const short = await ensureSecrets(plan, store, { now: Date.now() - 300 * 86_400_000 });
  await deliver(engine, { snapshot: short.snapshot });
  expect(await former()).toBeUndefined();
  const renewed = await ensureSecrets(plan, store);
  expect(renewed.changes).toContainEqual({ kind: "certificate", id: "db-1", reason: "expiring" });
  await deliver(engine, { snapshot: renewed.snapshot });
  const pair = short.snapshot.certificates.get("db-1");
  expect(await former()).toBe(readCertificate(pair?.certificate ?? "").notAfter);
  const values = new Map([...renewed.snapshot.values, ["db.root", { current: "y".repeat(32) }] as const]);
  expect(await deliver(engine, { snapshot: { ...renewed.snapshot, values } })).toContain("db-1");
  expect(await former()).toBe(readCertificate(pair?.certificate ?? "").notAfter);
  volumes.delete("mall-shop_db-1-secrets");
  await deliver(engine, { snapshot: renewed.snapshot });
  expect(await former()).toBeUndefined();
});
