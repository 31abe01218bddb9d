import { expect, test } from "vitest";
import { MallError } from "../errors.ts";
import { instancesOf } from "../plan/names.ts";
import { bundleOf } from "./bundle.ts";
import { ensureSecrets } from "./ensure.ts";
import { storeReader } from "./reader.ts";
import { finishSecretRotation, reissueLeaves, rotateCertificates, rotateSecret } from "./rotation.ts";
import { Killed, type MemoryBackend, memoryBackend, testPlan } from "./test-store.ts";

const external = { ref: { kind: "external", id: "s3.key" }, file: "s3-key" } as const;
const plan = testPlan([external]);
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

test("a password: old and new side by side until it is finished", async () => {
  const backend = await filled();
  const before = await value(backend, "db.root");
  expect(await rotateSecret(plan, backend, "db.root")).toEqual({ id: "db.root", resumed: false });
  const during = await value(backend, "db.root");
  expect(during.previous).toBe(before.current);
  expect(during.current).not.toBe(before.current);
  const { snapshot } = await ensureSecrets(plan, backend);
  const db = instancesOf(plan)[0]?.instance;
  if (db === undefined) throw new Error("no instance");
  expect(bundleOf(plan, db, snapshot).map((file) => file.path)).toContain("root-password.previous");
  expect(await rotateSecret(plan, backend, "db.root")).toEqual({ id: "db.root", resumed: true });
  expect(await value(backend, "db.root")).toEqual(during);
  await finishSecretRotation(plan, backend, "db.root");
  expect(await value(backend, "db.root")).toEqual({ current: during.current });
  expect(await codeOf(finishSecretRotation(plan, backend, "db.root"))).toBe("SECRET_NOT_ROTATING");
});

test("killed between its two writes a rotation goes on, and the value that servers hold is never lost", async () => {
  for (const write of [1, 2]) {
    const backend = await filled();
    const before = await value(backend, "db.root");
    backend.dieAt(write);
    await expect(rotateSecret(plan, backend, "db.root")).rejects.toBeInstanceOf(Killed);
    backend.dieAt(undefined);
    const left = await value(backend, "db.root");
    expect(left.current).toBe(before.current);
    expect(await rotateSecret(plan, backend, "db.root")).toEqual({ id: "db.root", resumed: false });
    const after = await value(backend, "db.root");
    expect(after.previous).toBe(before.current);
    expect(after.current).not.toBe(before.current);
  }
});

test("what is not ours to rotate, or not there, is refused by name", async () => {
  const backend = await filled();
  expect(await codeOf(rotateSecret(plan, backend, "s3.key"))).toBe("SECRET_EXTERNAL_ROTATION");
  expect(await codeOf(rotateSecret(plan, backend, "db-1"))).toBe("SECRET_UNKNOWN");
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
