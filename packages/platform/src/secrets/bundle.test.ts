import { expect, test } from "vitest";
import { instancesOf } from "../plan/names.ts";
import { bundleDigest, bundleOf, expectedFingerprints } from "./bundle.ts";
import { issueAuthority, issueLeaf, readCertificate } from "./certificates.ts";
import { ensureSecrets } from "./ensure.ts";
import type { SecretSnapshot } from "./store.ts";
import { certificate, memoryBackend, testPlan } from "./test-store.ts";

const plan = testPlan();
const instanceNamed = (name: string, of = plan) => {
  const found = instancesOf(of).find((one) => one.instance.name === name);
  if (found === undefined) throw new Error(name);
  return found.instance;
};

/** Placeholders instead of keys: a bundle only arranges texts. */
const fake: SecretSnapshot = {
  state: { version: 1, phase: "trust", issuer: 2, trusted: [1, 2], epoch: 4, generated: [] },
  authorities: new Map([
    [1, { key: "CA 1 KEY\n", certificate: "CA 1\n" }],
    [2, { key: "CA 2 KEY\n", certificate: "CA 2\n" }],
  ]),
  values: new Map([
    ["db.root", { current: "ROOT-NEW", previous: "ROOT-OLD" }],
    ["db.app", { current: "APP" }],
  ]),
  certificates: new Map([["db-1", { key: "KEY 1\n", certificate: "LEAF 1\n" }]]),
};

test("a server's folder: its pair in three forms, every trusted CA, passwords old and new", () => {
  expect(bundleOf(plan, instanceNamed("db-1"), fake)).toEqual([
    { path: "ca.crt", mode: 0o400, content: "CA 2\nCA 1\n" },
    { path: "root-password", mode: 0o400, content: "ROOT-NEW" },
    { path: "root-password.previous", mode: 0o400, content: "ROOT-OLD" },
    { path: "tls.crt", mode: 0o400, content: "LEAF 1\n" },
    { path: "tls.key", mode: 0o400, content: "KEY 1\n" },
    { path: "tls.pem", mode: 0o400, content: "KEY 1\nLEAF 1\n" },
  ]);
});

test("the keeper's folder has every credential and what each instance should serve, never a CA's key", async () => {
  const authority = await issueAuthority("shop", 1, Date.now());
  const ids = ["db-1", "db-2", "keeper-1"];
  const pairs = await Promise.all(ids.map((id) => issueLeaf(certificate(id), authority, 1, Date.now())));
  const certificates = new Map(ids.map((id, i) => [id, pairs[i] ?? authority]));
  const files = bundleOf(plan, instanceNamed("keeper-1"), { ...fake, certificates });
  expect(files.map((one) => one.path)).toEqual([
    "ca.crt",
    "credentials/db.app",
    "credentials/db.root",
    "credentials/db.root.previous",
    "fingerprints.json",
    "tls.crt",
    "tls.key",
    "tls.pem",
  ]);
  const fingerprints = JSON.parse(files.find((one) => one.path === "fingerprints.json")?.content ?? "");
  expect(fingerprints).toEqual(
    Object.fromEntries(ids.map((id, i) => [id, readCertificate(pairs[i]?.certificate ?? "").fingerprint])),
  );
  expect(JSON.stringify(files)).not.toContain("CA 1 KEY");
});

test("a client's certificate is in nobody's fingerprints, and an instance without secrets has no folder", async () => {
  const { snapshot } = await ensureSecrets(plan, memoryBackend());
  expect([...expectedFingerprints(plan, snapshot).keys()]).toEqual(["db-1", "db-2", "keeper-1"]);
  expect(bundleOf(plan, { ...instanceNamed("db-1"), secrets: [] }, snapshot)).toEqual([]);
});

test("two files of one name are a defect that is said", () => {
  const twice = testPlan([{ ref: { kind: "generated", id: "db.app" }, file: "root-password" }]);
  expect(() => bundleOf(twice, instanceNamed("db-1", twice), fake)).toThrow(/root-password/);
});

test("the digest tells bundles apart and equal ones alike", () => {
  const files = bundleOf(plan, instanceNamed("db-1"), fake);
  const digest = bundleDigest(files);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(bundleDigest(structuredClone(files))).toBe(digest);
  const [first, ...rest] = files;
  if (first === undefined) throw new Error("empty");
  for (const other of [
    rest,
    [{ ...first, mode: 0o440 }, ...rest],
    [{ ...first, path: "ca.crtC", content: first.content.slice(1) }, ...rest],
    [{ ...first, content: `${first.content}\n` }, ...rest],
  ]) {
    expect(bundleDigest(other)).not.toBe(digest);
  }
});
