import { expect, test } from "vitest";
import { MallError } from "../errors.ts";
import { instancesOf } from "../plan/names.ts";
import { bundleOf } from "./bundle.ts";
import { ensureSecrets } from "./ensure.ts";
import { storeReader } from "./reader.ts";
import {
  finishSecretRotation,
  reissueLeaves,
  rotateCertificates,
  rotateValue,
  type ValueRotationSteps,
} from "./rotation.ts";
import { Killed, type MemoryBackend, memoryBackend, testPlan } from "./test-store.ts";

const external = { ref: { kind: "external", id: "s3.key" }, file: "s3-key" } as const;
const plan = testPlan([external]);
const [firstWorkload] = plan.services.flatMap((service) => service.workloads);
if (firstWorkload === undefined) throw new Error("no workload");
const clientService = { service: "shop", routes: [], credentials: [] };
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no error",
    (error) => (error instanceof MallError ? error.code : String(error)),
  );
async function filled(): Promise<MemoryBackend> {
  const backend = memoryBackend();
  backend.entries.set("external/s3.key", "given");
  await ensureSecrets(plan, backend);
  return backend;
}
const value = async (backend: MemoryBackend, id: string) =>
  (await ensureSecrets(plan, backend)).snapshot.values.get(id) ?? { current: "" };
const certificates = (backend: MemoryBackend) =>
  Object.fromEntries([...backend.entries].filter(([key]) => key.startsWith("certificates/")));

const steps = (log: string[] = [], accepted = true): ValueRotationSteps => ({
  deliver: async (snapshot) => {
    const value = snapshot.values.get("db.root");
    log.push(`deliver ${Object.keys(value ?? {}).join(" ")}`);
  },
  waitAccepted: async () => {
    log.push("wait");
    return accepted;
  },
});

test("a password: servers first, then clients, and both values until it is finished", async () => {
  const backend = await filled();
  const before = await value(backend, "db.root");
  const log: string[] = [];
  expect(await rotateValue(plan, backend, "db.root", steps(log))).toBe("given");
  const during = await value(backend, "db.root");
  expect(during.previous).toBe(before.current);
  expect(during.current).not.toBe(before.current);
  expect(await rotateValue(plan, backend, "db.root", steps(log))).toBe("given");
  expect(await value(backend, "db.root")).toEqual(during);
  await finishSecretRotation(plan, backend, "db.root", steps(log));
  expect(await value(backend, "db.root")).toEqual({ current: during.current });
  expect(log).toEqual([
    ...["deliver current next", "wait", "deliver current previous", "wait"],
    ...["deliver current previous", "wait"],
    ...["deliver current previous", "wait", "deliver current", "wait"],
  ]);
  expect(await codeOf(finishSecretRotation(plan, backend, "db.root", steps()))).toBe("SECRET_NOT_ROTATING");
});

test("no client is given a value that servers were not seen to accept, and none loses its old one before", async () => {
  const backend = await filled();
  const before = await value(backend, "db.root");
  expect(await rotateValue(plan, backend, "db.root", steps([], false))).toBe("introduced");
  const { snapshot } = await ensureSecrets(plan, backend);
  const { next } = snapshot.values.get("db.root") ?? {};
  const [db, , keeper] = instancesOf(plan).map((one) => one.instance);
  if (db === undefined || keeper === undefined || next === undefined) throw new Error("no such world");
  // A container of another service that only presents it.
  const client = { ...db, name: "shop-1" };
  const withClient = {
    ...plan,
    services: [
      ...plan.services,
      { ...clientService, workloads: [{ ...firstWorkload, instances: [client] }] },
    ],
  };
  const contents = (instance: typeof db) =>
    Object.fromEntries(bundleOf(withClient, instance, snapshot).map((file) => [file.path, file.content]));
  expect(contents(db)).toMatchObject({ "root-password": next, "root-password.previous": before.current });
  expect(contents(keeper)).toMatchObject({
    "credentials/db.root": next,
    "credentials/db.root.previous": before.current,
  });
  expect(contents(client)).toMatchObject({ "root-password": before.current });
  expect(contents(client)).not.toHaveProperty("root-password.previous");
  expect(JSON.stringify(contents(client))).not.toContain(next);
  const reader = storeReader(plan, backend, "operator");
  expect([await reader.value("db.root"), await reader.previous("db.root")]).toEqual([before.current, next]);
  expect(await codeOf(finishSecretRotation(plan, backend, "db.root", steps()))).toBe("SECRET_NOT_TAKEN");
  expect(await rotateValue(plan, backend, "db.root", steps())).toBe("given");
  expect(await value(backend, "db.root")).toEqual({ current: next, previous: before.current });
  expect(await codeOf(finishSecretRotation(plan, backend, "db.root", steps([], false)))).toBe(
    "SECRET_NOT_TAKEN",
  );
  expect((await value(backend, "db.root")).previous).toBe(before.current);
});

test("killed before any of its writes a rotation goes on, and servers are always given what clients have", async () => {
  for (const write of [1, 2, 3, 4]) {
    const backend = await filled();
    const before = await value(backend, "db.root");
    backend.dieAt(write);
    await expect(rotateValue(plan, backend, "db.root", steps())).rejects.toBeInstanceOf(Killed);
    backend.dieAt(undefined);
    const { snapshot } = await ensureSecrets(plan, backend);
    const [db] = instancesOf(plan).map((one) => one.instance);
    if (db === undefined) throw new Error("no database");
    const given = bundleOf(plan, db, snapshot)
      .filter((file) => file.path.startsWith("root-password"))
      .map((file) => file.content);
    expect(given).toContain(snapshot.values.get("db.root")?.current);
    // Clients whose folders are not filled yet still have the old one.
    expect(given).toContain(before.current);
    expect(await rotateValue(plan, backend, "db.root", steps())).toBe("given");
    const after = await value(backend, "db.root");
    expect(after.previous).toBe(before.current);
    expect(after.current).not.toBe(before.current);
    expect(after.next).toBeUndefined();
  }
});

test("what is not ours to rotate, or not there, is refused by name", async () => {
  const backend = await filled();
  expect(await codeOf(rotateValue(plan, backend, "s3.key", steps()))).toBe("SECRET_EXTERNAL_ROTATION");
  expect(await codeOf(rotateValue(plan, backend, "db-1", steps()))).toBe("SECRET_UNKNOWN");
  expect(await codeOf(reissueLeaves(plan, backend, ["db-9"]))).toBe("SECRET_UNKNOWN");
  expect(backend.entries.get("external/s3.key")).toBe("given");
});

test("certificates: all of them, or those of the instances named, delivered and waited for", async () => {
  const backend = await filled();
  const before = certificates(backend);
  const log: string[] = [];
  const steps = {
    deliver: async () => log.push("deliver"),
    waitServed: async (expected: ReadonlyMap<string, string>) => {
      const reader = storeReader(plan, backend, "operator");
      for (const [name, fingerprint] of expected) expect(await reader.fingerprint(name)).toBe(fingerprint);
      log.push(`served ${expected.size}`);
    },
  };
  expect(await rotateCertificates({ scope: "leaf", names: ["db-2"] }, plan, backend, steps)).toEqual([
    "db-2",
  ]);
  const one = certificates(backend);
  expect(Object.keys(one).filter((key) => one[key] !== before[key])).toEqual(["certificates/db-2.pem"]);
  expect(await rotateCertificates({ scope: "leaf" }, plan, backend, steps)).toHaveLength(4);
  const all = certificates(backend);
  expect(Object.keys(all).filter((key) => all[key] === one[key])).toEqual([]);
  expect(log).toEqual(["deliver", "served 3", "deliver", "served 3"]);
  expect((await ensureSecrets(plan, backend)).changes).toEqual([]);
});

test("killed while all certificates are issued anew, the next run of anything issues the rest", async () => {
  const backend = await filled();
  const before = certificates(backend);
  backend.dieAt(4);
  await expect(reissueLeaves(plan, backend)).rejects.toBeInstanceOf(Killed);
  backend.dieAt(undefined);
  await ensureSecrets(plan, backend);
  const after = certificates(backend);
  expect(Object.keys(after).filter((key) => after[key] === before[key])).toEqual([]);
});

test("the host's reader gives values, the operator's identity, and says what is not there", async () => {
  const backend = await filled();
  const reader = storeReader(plan, backend, "operator");
  expect(await reader.value("db.app")).toBe(backend.entries.get("passwords/db.app"));
  expect(await reader.value("s3.key")).toBe("given");
  expect(await reader.previous("db.app")).toBeUndefined();
  const identity = await reader.identity();
  expect(`${identity.key}${identity.cert}`).toBe(backend.entries.get("certificates/operator.pem"));
  expect(identity.ca).toBe(backend.entries.get("ca.crt"));
  expect(await reader.fingerprint("operator")).toBeUndefined();
  expect(await codeOf(reader.value("db.none"))).toBe("SECRET_ABSENT");
  expect(await codeOf(storeReader(plan, backend, "nobody").identity())).toBe("SECRET_ABSENT");
});
