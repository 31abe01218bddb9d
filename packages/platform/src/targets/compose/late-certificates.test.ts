import { expect, test } from "vitest";
import type { RotateBy } from "../../plan/model.ts";
import { certificate, testPlan } from "../../secrets/test-store.ts";
import { expiredReaders, lateReaders } from "./late-certificates.ts";

const delivered = Date.parse("2026-11-24T12:00:00Z");
const before = { status: "running", startedAt: "2026-11-24T11:59:59.123456789Z" } as const;
const after = { status: "running", startedAt: "2026-11-24T12:00:01Z" } as const;
const exited = { status: "exited", startedAt: before.startedAt } as const;
type Container = typeof before | typeof after | typeof exited;

/** The test plan, its first database with a second certificate that is taken up in that way. */
const planWith = (rotate: RotateBy) =>
  testPlan([{ ref: certificate("db-1-client", { rotate }), file: "client" }]);

const containers = (container: Container | undefined) =>
  new Map(container === undefined ? [] : [["db-1", container]]);

const late = (rotate: RotateBy, container: Container | undefined) =>
  lateReaders(
    planWith(rotate),
    containers(container),
    new Map([
      ["db-1", { at: delivered }],
      ["db-2", { at: delivered }],
    ]),
  ).map(({ instance }) => instance.name);

test("a server is restarted for its certificate only if it must be, runs, and was started before it came", () => {
  expect(late("roll", before)).toEqual(["db-1"]);
  expect(late("command", before)).toEqual([]);
  expect(late("watch", before)).toEqual([]);
  expect(late("roll", after)).toEqual([]);
  expect(late("roll", exited)).toEqual([]);
  expect(late("roll", undefined)).toEqual([]);
});

const now = delivered + 60_000;
const expired = (
  formerEndsAt: number | undefined,
  container: Container | undefined = before,
  plan = planWith("command"),
) =>
  expiredReaders(plan, containers(container), new Map([["db-1", { at: delivered, formerEndsAt }]]), now).map(
    ({ instance }) => instance.name,
  );

test("one that must be told is suspected when the certificate that it was started with has ended since", () => {
  expect(expired(now - 1)).toEqual(["db-1"]);
  expect(expired(now + 1)).toEqual([]);
  expect(expired(undefined)).toEqual([]);
  expect(expired(now - 1, after)).toEqual([]);
  expect(expired(now - 1, exited)).toEqual([]);
});

test("one that watches its files is not", () => {
  const [database, ...others] = testPlan().services;
  if (database === undefined) throw new Error("no database");
  const watching = JSON.parse(JSON.stringify(database).replaceAll('"command"', '"watch"'));
  const plan = { mall: "shop", services: [watching, ...others] };
  expect(expired(now - 1, before, plan)).toEqual([]);
});
