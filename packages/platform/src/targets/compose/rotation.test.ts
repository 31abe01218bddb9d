import { expect, test } from "vitest";
import type { RotateBy } from "../../plan/model.ts";
import { certificate, testPlan } from "../../secrets/test-store.ts";
import { lateReaders } from "./rotation.ts";

const delivered = Date.parse("2026-11-24T12:00:00Z");

/** The test plan, its first database with a second certificate that is taken up in that way. */
const planWith = (rotate: RotateBy) =>
  testPlan([{ ref: certificate("db-1-client", { rotate }), file: "client" }]);

const late = (rotate: RotateBy, container: { status: "running" | "exited"; startedAt: string } | undefined) =>
  lateReaders(
    planWith(rotate),
    new Map(container === undefined ? [] : [["db-1", container]]),
    new Map([
      ["db-1", delivered],
      ["db-2", delivered],
    ]),
  ).map(({ instance }) => instance.name);

test("a server is restarted for its certificate only if it must be, runs, and was started before it came", () => {
  const before = { status: "running", startedAt: "2026-11-24T11:59:59.123456789Z" } as const;
  expect(late("roll", before)).toEqual(["db-1"]);
  expect(late("command", before)).toEqual([]);
  expect(late("watch", before)).toEqual([]);
  expect(late("roll", { ...before, startedAt: "2026-11-24T12:00:01Z" })).toEqual([]);
  expect(late("roll", { ...before, status: "exited" })).toEqual([]);
  expect(late("roll", undefined)).toEqual([]);
});
