import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fakeService, mallOf } from "../agent/testing/fake.ts";
import { checkPatience } from "../services/patience.ts";
import type { AnyService, Check, CheckResult, Ctx } from "../services/service.ts";
import { age } from "./age.ts";
import { recordOutcome } from "./record.ts";
import { type CheckReport, totalsOf } from "./report.ts";
import { requirements } from "./requirements.ts";
import { type VerifyInput, verify } from "./run.ts";
import { describe, runChecks } from "./run-checks.ts";
import { folderStore, stamped } from "./store.ts";

const now = Date.parse("2026-11-24T12:00:00Z");
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-verify-"));
});
afterEach(() => rm(folder, { recursive: true }));

const pass: CheckResult = { verdict: "pass", detail: { en: "ok", zh: "好" }, evidence: [] };
const check = (id: string, extra: Partial<Check> = {}): Check => ({
  id,
  requirements: ["GE-4"],
  title: { en: id, zh: id },
  kind: "read",
  needs: ["net"],
  run: async () => pass,
  ...extra,
});

const shop: AnyService = {
  ...fakeService("shop").service,
  checks: [
    check("shop.net"),
    check("shop.inside", {
      needs: ["inside"],
      requirements: ["MY-1"],
      run: async ({ patience }) =>
        patience === checkPatience ? pass : { ...pass, verdict: "fail", detail: { en: "hasty", zh: "急躁" } },
    }),
    check("shop.engine", { needs: ["engine"] }),
    check("shop.rough", { kind: "disruptive", needs: ["inside"] }),
    check("shop.rough-net", { kind: "disruptive" }),
  ],
};
const other: AnyService = { ...fakeService("other").service, checks: [check("other.net")] };

/** The agent as it is: runs what needs the network alone. */
const asked: unknown[] = [];
const agent: VerifyInput["agent"] = {
  verify: async (request) => {
    asked.push(request);
    const wanted = shop.checks.filter((c) => request.ids?.includes(c.id));
    return runChecks(
      wanted.map((c) => ({ service: "shop", check: c, ctx: () => ({}) as Ctx })),
      { signal: new AbortController().signal, concurrency: 1, timeoutMs: 1_000, now: () => now },
    );
  },
};

const input = (extra: Partial<VerifyInput> = {}): VerifyInput => ({
  mall: mallOf("shop"),
  configuration: "abc",
  registry: [shop, other],
  local: () => [
    { service: shop, ctx: { inside: {}, plan: { mall: "test", services: [] } } as unknown as Ctx },
  ],
  agent,
  store: folderStore(folder),
  ids: [],
  disruptive: false,
  signal: new AbortController().signal,
  now: () => now,
  note: () => {},
  ...extra,
});

const said = async (given: VerifyInput) =>
  Object.fromEntries(
    (await verify(given)).groups
      .filter((g) => g.service !== "later" && g.service !== "mall")
      .flatMap((g) => g.reports.map((r) => [r.id, `${r.verdict}: ${r.detail.en}`])),
  );

test("each check runs where its ports are; what cannot run here says what it needs", async () => {
  expect(await said(input())).toEqual({
    "shop.net": "pass: ok",
    "shop.inside": "pass: ok",
    "shop.engine": "not-run-here: needs an operator with: engine",
    "shop.rough": "not-run-here: never run on this mall; `mall verify --disruptive` runs it",
    "shop.rough-net": "not-run-here: never run on this mall; `mall verify --disruptive` runs it",
    "other.net": "not-run-here: its service is left out of this mall",
  });
});

test("an agent that does not answer, or does not know a check, has not shown it", async () => {
  const silent = { verify: () => Promise.reject(new Error("refused")) };
  const result = await verify(input({ agent: silent, ids: ["shop.net"] }));
  expect(result.ok).toBe(false);
  expect(result.groups[0]?.reports[0]).toMatchObject({
    verdict: "fail",
    evidence: [{ from: "agent", read: "refused" }],
  });
  const old = { verify: async () => [] };
  expect(await said(input({ agent: old, ids: ["shop.net"] }))).toEqual({
    "shop.net": "fail: The agent does not know this check; `mall up` renews it",
  });
});

test("a check, a line of the requirements or a service can be named; a misspelt one is met with a suggestion", async () => {
  expect(Object.keys(await said(input({ ids: ["shop.net"] })))).toEqual(["shop.net"]);
  expect(Object.keys(await said(input({ ids: ["MY-1"] })))).toEqual(["shop.inside"]);
  expect(Object.keys(await said(input({ ids: ["other"] })))).toEqual(["other.net"]);
  await expect(verify(input({ ids: ["shop.nett"] }))).rejects.toThrow(/shop\.nett/);
});

test("a disruptive result is kept and shown with its age, on the same mall only", async () => {
  expect(await said(input({ ids: ["shop.rough", "shop.rough-net"], disruptive: true }))).toEqual({
    "shop.rough": "pass: ok",
    "shop.rough-net": "pass: ok",
  });
  const later = { ids: ["shop.rough"], now: () => now + 3 * 3_600_000 };
  expect(await said(input(later))).toEqual({ "shop.rough": "pass: ok (3 h ago)" });
  expect(await said(input({ ...later, configuration: "changed" }))).toEqual({
    "shop.rough":
      "not-run-here: pass 3 h ago, before this mall was changed; `mall verify --disruptive` runs it",
  });
});

test("a stored result that is damaged counts as absent", async () => {
  await said(input({ ids: ["shop.rough"], disruptive: true }));
  await writeFile(join(folder, "shop.rough.json"), '{"configuration":"abc","report":{"id":"shop.rough"');
  expect((await said(input({ ids: ["shop.rough"] })))["shop.rough"]).toMatch(/^not-run-here: never/);
});

test("what another program measures is never run, only shown", async () => {
  const measured: AnyService = {
    ...shop,
    checks: [check("shop.cache", { kind: "disruptive", needs: [], recordedBy: "examples/x" })],
  };
  const local = () => [
    { service: measured, ctx: { plan: { mall: "test", services: [] } } as unknown as Ctx },
  ];
  const given = input({ registry: [measured], local, disruptive: true, ids: ["shop.cache"] });
  expect(await said(given)).toEqual({
    "shop.cache": "not-run-here: never run on this mall; examples/x measures it",
  });
  const report: CheckReport = {
    ...describe("shop", check("shop.cache")),
    verdict: "deviates",
    detail: { en: "hit rate 0.93", zh: "命中率 0.93" },
    evidence: [],
    durationMs: 5,
  };
  await folderStore(folder).write(stamped(report, "2026-11-24T11:58:00Z", "abc"));
  expect(await said(given)).toEqual({ "shop.cache": "deviates: hit rate 0.93 (2 min ago)" });
});

test("each line of a later step is pending and none of them is passed; totals count each verdict apart", async () => {
  const { groups, totals, ok } = await verify(input({ local: () => [], registry: [] }));
  const later = groups.find((g) => g.service === "later")?.reports ?? [];
  expect(later.length).toBeGreaterThan(20);
  expect(later.every((r) => r.verdict === "pending")).toBe(true);
  expect(totals.pending).toBe(later.length);
  expect(later.find((r) => r.id === "GE-8")?.detail.en).toBe("metrics and alerts: a later step");
  expect(later.some((r) => r.id === "MY-1")).toBe(false);
  expect(requirements.length).toBeGreaterThan(later.length);
  // Without any context nothing of the mall as a whole could be read.
  expect(ok).toBe(false);
  expect(Object.values(totalsOf([])).every((n) => n === 0)).toBe(true);
});

test.each([
  [-5, "0 s"],
  [999, "0 s"],
  [61_000, "1 min"],
  [2 * 86_400_000, "2 d"],
])("%i ms is %s", (ms, expected) => {
  expect(age(ms).en).toBe(expected);
});

test("a measured result is taken in when it is one, and of a check that a program records", async () => {
  const cache = check("shop.cache", { kind: "disruptive", needs: [], recordedBy: "examples/x" });
  const all = [cache, check("shop.net")].map((c) => ({ service: "shop", title: c.title, check: c }));
  const store = folderStore(folder);
  const take = (content: unknown) =>
    recordOutcome(typeof content === "string" ? content : JSON.stringify(content), {
      file: "result.json",
      all,
      configuration: "abc",
      store,
      now,
    });
  const outcome = {
    id: "shop.cache",
    verdict: "deviates",
    detail: { en: "hit rate 0.93", zh: "命中率 0.93" },
    evidence: [{ from: "storefront", read: "93 of 100" }],
    durationMs: 1_000,
  };
  await take(outcome);
  expect(await store.read("shop.cache")).toMatchObject({
    configuration: "abc",
    report: { ...outcome, ranAt: "2026-11-24T12:00:00.000Z", service: "shop", requirements: ["GE-4"] },
  });
  await expect(take("{")).rejects.toThrow(/VERIFY_RECORD_INVALID: result\.json/);
  await expect(take({ ...outcome, verdict: "great" })).rejects.toThrow(/verdict/);
  await expect(take({ ...outcome, more: 1 })).rejects.toThrow(/more/);
  await expect(take({ ...outcome, id: "shop.net" })).rejects.toThrow(/none of: shop\.cache/);
});
