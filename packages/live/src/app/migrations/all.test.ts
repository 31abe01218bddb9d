/** Steps that have landed stay as they are, whatever the order in which their owners come. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { migrations } from "./all.ts";
import type { Migration } from "./migration.ts";

/** A new step adds its line here; a line that is here is never changed. */
const landed: Readonly<Record<number, string>> = {
  1: "e5c60784fe364d59",
  2: "fc4fd81e80f19569",
  3: "3b06e90a5d93f350",
  4: "30f8f8b148481f61",
  5: "e38f79f30e41abe8",
};

const hashOf = ({ statements }: Migration) =>
  createHash("sha256").update(statements.join("\0")).digest("hex").slice(0, 16);

test("steps have rising numbers of their own and names", () => {
  const ids = migrations.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  expect(migrations.every(({ name }) => name.length > 3)).toBe(true);
});

test("no step that has landed was changed", () => {
  expect(Object.fromEntries(migrations.map((step) => [step.id, hashOf(step)]))).toEqual(landed);
});

test("a step that was cut short can be run again from its first statement", () => {
  for (const { id, statements } of migrations)
    for (const statement of statements)
      expect(statement, `step ${id}`).toMatch(/^CREATE TABLE IF NOT EXISTS |^(INSERT IGNORE|UPDATE|DELETE) /);
});
