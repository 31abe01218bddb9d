import { expect, test } from "vitest";
import { breaker, RedisUnavailable } from "./redis.ts";
import { classify, retry } from "./retry.ts";

const failure = (parts: object) => Object.assign(new Error("failed"), parts);
const patient = { withinMs: 1_000, sleep: async () => {}, random: () => 0.5 };

test.each([
  ["a deadlock", { errno: 1213, code: "ER_LOCK_DEADLOCK" }, "retry"],
  ["a lock that took too long", { errno: 1205, code: "ER_LOCK_WAIT_TIMEOUT" }, "retry"],
  ["a primary that is read-only", { errno: 1290, code: "ER_OPTION_PREVENTS_STATEMENT" }, "retry"],
  ["no more connections", { errno: 1040, code: "ER_CON_COUNT_ERROR", fatal: true }, "retry"],
  ["a server that shuts down", { errno: 1053, code: "ER_SERVER_SHUTDOWN" }, "unknown"],
  ["a connection that broke", { code: "ECONNRESET", fatal: true }, "unknown"],
  ["nobody there", { code: "ECONNREFUSED", fatal: true }, "unknown"],
  ["a statement out of time", { code: "PROTOCOL_SEQUENCE_TIMEOUT", fatal: true }, "unknown"],
  ["a duplicate key", { errno: 1062, code: "ER_DUP_ENTRY" }, "fatal"],
  ["a mistake in a statement", { errno: 1064, code: "ER_PARSE_ERROR" }, "fatal"],
] as const)("%s is told apart", (_, parts, kind) => {
  expect(classify(failure(parts))).toBe(kind);
});

test("what is not a failure of the database is no reason to try again", () => {
  expect(classify("text")).toBe("fatal");
  expect(classify(new TypeError("undefined is not a function"))).toBe("fatal");
  expect(classify(new Error("Can't add new command when connection is in closed state"))).toBe("unknown");
});

test("it tries until it succeeds, and says how often", async () => {
  const outcome = await retry(async (attempt) => {
    if (attempt < 4) throw failure({ errno: 1213 });
    return "in";
  }, patient);
  expect(outcome).toEqual({ kind: "done", value: "in", attempts: 4 });
});

test("what fails for good is thrown at once", async () => {
  let calls = 0;
  const work = async () => {
    calls += 1;
    throw failure({ errno: 1064, code: "ER_PARSE_ERROR" });
  };
  await expect(retry(work, patient)).rejects.toThrow("failed");
  expect(calls).toBe(1);
});

test("when its time is over, or it is stopped, the outcome is open", async () => {
  let clock = 0;
  const lost = async () => {
    throw failure({ code: "ECONNREFUSED" });
  };
  const late = await retry(lost, { ...patient, now: () => (clock += 400) });
  expect(late).toMatchObject({ kind: "open", attempts: 3, waitedMs: 1_200 });
  const stopped = await retry(lost, { ...patient, signal: AbortSignal.abort() });
  expect(stopped).toMatchObject({ kind: "open", attempts: 1 });
});

test("waits grow, never past a second", async () => {
  const waits: number[] = [];
  let clock = 0;
  await retry(
    async () => {
      throw failure({ code: "ECONNREFUSED" });
    },
    {
      withinMs: 20_000,
      random: () => 1,
      now: () => clock,
      sleep: async (ms) => {
        waits.push(ms);
        clock += ms;
      },
    },
  );
  expect(waits.slice(0, 4)).toEqual([21, 41, 81, 161]);
  expect(Math.max(...waits)).toBe(1_001);
});

test("a cluster that fails again and again is left alone for a while", async () => {
  let clock = 0;
  const ask = breaker({ timeoutMs: 50, failures: 3, restMs: 100 }, () => clock);
  let calls = 0;
  const fail = async () => {
    calls += 1;
    throw new Error("CLUSTERDOWN");
  };
  for (let i = 0; i < 5; i += 1) await expect(ask(fail)).rejects.toThrow(RedisUnavailable);
  expect(calls).toBe(3);
  clock = 101;
  expect(await ask(async () => "PONG")).toBe("PONG");
});

test("a command without an answer is given up", async () => {
  const ask = breaker({ timeoutMs: 20, failures: 3, restMs: 100 });
  await expect(ask(() => new Promise(() => {}))).rejects.toThrow("no answer in 20 ms");
});
