import { expect, test } from "vitest";
import type { Check, CheckResult, Ctx } from "../services/service.ts";
import { type CheckToRun, missingPorts, portsOf, runChecks } from "./run-checks.ts";

const pass: CheckResult = { verdict: "pass", detail: { en: "ok", zh: "好" }, evidence: [] };

const check = (id: string, run: Check["run"]): CheckToRun => ({
  service: "x",
  check: { id, requirements: ["GE-4"], title: { en: id, zh: id }, kind: "read", needs: ["net"], run },
  ctx: (signal) => ({ signal }) as Ctx,
});

const limits = { signal: new AbortController().signal, concurrency: 2, timeoutMs: 50, now: Date.now };

test("reports keep the order given, however long each takes", async () => {
  const slow = check("slow", () => new Promise((resolve) => setTimeout(() => resolve(pass), 20)));
  const reports = await runChecks([slow, check("quick", async () => pass)], limits);
  expect(reports.map((r) => [r.id, r.verdict])).toEqual([
    ["slow", "pass"],
    ["quick", "pass"],
  ]);
});

test("a check that throws, or does not end in time, has failed and says so", async () => {
  const throws = check("throws", () => {
    throw new Error("refused");
  });
  const hangs = check("hangs", () => new Promise(() => {}));
  const reports = await runChecks([throws, hangs], limits);
  expect(reports.map((r) => [r.verdict, r.evidence[0]?.read])).toEqual([
    ["fail", "refused"],
    ["fail", "no verdict within 50 ms"],
  ]);
});

test("no more run at once than allowed", async () => {
  let now = 0;
  let most = 0;
  const run = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 2));
    now -= 1;
    return pass;
  };
  await runChecks(
    Array.from({ length: 8 }, (_, i) => check(`c${i}`, run)),
    limits,
  );
  expect(most).toBe(2);
});

test("those that wait have a lane of their own, the longest first; those that work are not behind them", async () => {
  const began: string[] = [];
  let open: () => void = () => {};
  const worked = new Promise<void>((resolve) => {
    open = resolve;
  });
  const waiting = (id: string, waitsMs: number) => {
    const one = check(id, async () => {
      began.push(id);
      // Were it in the others' lane, nothing would ever end.
      await worked;
      return pass;
    });
    return { ...one, check: { ...one.check, waitsMs } };
  };
  const working = check("works", async () => {
    began.push("works");
    open();
    return pass;
  });
  const checks = [waiting("short", 1), waiting("long", 9), waiting("middle", 5), working];
  const reports = await runChecks(checks, { ...limits, concurrency: 1, waiting: 2, timeoutMs: 5_000 });
  expect(began).toEqual(["long", "middle", "works", "short"]);
  expect(reports.map((r) => [r.id, r.verdict])).toEqual(
    ["short", "long", "middle", "works"].map((id) => [id, "pass"]),
  );
  began.length = 0;
  await runChecks(checks.toReversed(), { ...limits, concurrency: 1, timeoutMs: 5_000 });
  expect(began, "without a lane of their own they are as any other").toEqual([
    "works",
    "middle",
    "long",
    "short",
  ]);
});

test("the caller's abort ends every check", async () => {
  const stop = new AbortController();
  const hangs = check("hangs", () => new Promise(() => {}));
  const running = runChecks([hangs], { ...limits, timeoutMs: 60_000, signal: stop.signal });
  stop.abort(new Error("ended by the user"));
  expect((await running)[0]?.evidence[0]?.read).toBe("ended by the user");
});

test("the ports a check lacks are named", () => {
  const needy = { ...check("c", async () => pass).check, needs: ["net", "inside", "engine"] as const };
  expect(missingPorts(needy, portsOf({}))).toEqual(["inside", "engine"]);
});
