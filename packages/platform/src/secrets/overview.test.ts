import { expect, test } from "vitest";
import { ensureSecrets } from "./ensure.ts";
import { certificateList, secretList, servedVerdicts } from "./overview.ts";
import { giveValue, introduceValue } from "./rotation.ts";
import { readStore } from "./store.ts";
import { memoryBackend, testPlan } from "./test-store.ts";
import { wantedSecrets } from "./wanted.ts";

const plan = testPlan();
const now = Date.parse("2026-11-24T12:00:00Z");

test("each certificate with its holder, names, issuer and days, what is due, and what is served", async () => {
  const backend = memoryBackend();
  const { snapshot } = await ensureSecrets(plan, backend, { now });
  const fresh = certificateList(plan, snapshot, now);
  expect(fresh.certificates.map((row) => [row.kind, row.id, row.daysLeft])).toEqual([
    ["authority", "ca-1", 3650],
    ["leaf", "db-1", 365],
    ["leaf", "db-2", 365],
    ["leaf", "keeper-1", 365],
    ["leaf", "operator", 365],
  ]);
  const [authority, first, second] = fresh.certificates;
  expect(first).toMatchObject({
    dnsNames: ["db-1", "db-1.db", "localhost"],
    issuer: authority?.commonName,
    notAfter: "2027-11-24T12:00:00.000Z",
    holders: ["db-1"],
    rotate: "command",
    served: "unknown",
  });
  expect(first).not.toHaveProperty("due");
  expect(fresh.certificates.at(-1)).not.toHaveProperty("served");
  const nodes = [
    { certificate: { served: { fingerprint: first?.fingerprint }, wanted: first?.fingerprint } },
    { certificate: { served: { fingerprint: "00" }, wanted: second?.fingerprint } },
  ];
  const later = certificateList(plan, snapshot, now + 300 * 86_400_000, [{ nodes }, null, "text"]);
  expect(later.certificates.slice(1, 4).map((row) => [row.id, row.served, row.due, row.daysLeft])).toEqual([
    ["db-1", "served", "expiring", 65],
    ["db-2", "stale", "expiring", 65],
    ["keeper-1", "unknown", "expiring", 65],
  ]);
  expect(JSON.stringify([fresh, later])).not.toContain("PRIVATE");
});

test("before the first run everything is missing, and nothing is made by looking", async () => {
  const backend = memoryBackend();
  const snapshot = await readStore(backend, wantedSecrets(plan));
  expect(certificateList(plan, snapshot, now)).toEqual({
    phase: undefined,
    certificates: [],
    missing: ["db-1", "db-2", "keeper-1", "operator"],
  });
  expect(secretList(plan, snapshot).map((row) => row.state)).toEqual(["absent", "absent"]);
  expect(backend.writes()).toBe(0);
});

test("secrets with who holds them and whether a rotation is under way, and no value", async () => {
  const backend = memoryBackend();
  const { snapshot } = await ensureSecrets(plan, backend);
  await introduceValue(plan, backend, "db.app");
  await introduceValue(plan, backend, "db.root");
  await giveValue(plan, backend, "db.root");
  const after = await readStore(backend, wantedSecrets(plan));
  const rows = secretList(plan, after);
  expect(rows).toEqual([
    { id: "db.app", kind: "generated", holders: ["keeper-1"], state: "introduced" },
    { id: "db.root", kind: "generated", holders: ["db-1", "db-2", "keeper-1"], state: "rotating" },
  ]);
  for (const value of [...snapshot.values.values(), ...after.values.values()]) {
    expect(JSON.stringify(rows)).not.toContain(value.current);
  }
});

test("a certificate that one port shows and another does not is stale; an unreachable port says nothing", () => {
  const seen = (fingerprint: string, wanted: string) => ({ served: { fingerprint }, wanted });
  expect(servedVerdicts([{ a: seen("aa", "aa"), b: [seen("bb", "aa"), seen("aa", "aa")] }])).toEqual(
    new Map([["aa", "stale"]]),
  );
  expect(servedVerdicts([{ served: { error: "refused" }, wanted: "aa" }])).toEqual(new Map());
});
