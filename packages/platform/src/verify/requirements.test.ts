/** docs/requirements.md, the catalogue and the checks, held against each other in every direction. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { services } from "../services/registry.ts";
import { isPending, requirements } from "./requirements.ts";
import { checksOf, genericCandidates } from "./select.ts";

const document = readFileSync(new URL("../../../../docs/requirements.md", import.meta.url), "utf8");

/** Rows of the document's tables: id, what the plan says, met when. */
const rows = [...document.matchAll(/^\| ([A-Z]{2}-\d+) +\| (.+?) +\| (.+?) +\|$/gm)].map(([, id, says]) => ({
  id,
  says,
}));
const all = [...services.flatMap(checksOf), ...genericCandidates([])];

test("the catalogue is the document, line by line, in its words", () => {
  expect(rows.length).toBeGreaterThan(70);
  expect(requirements.map((r) => ({ id: r.id, says: r.says.en }))).toEqual(rows);
});

test("each line says in Chinese what it says in English", () => {
  const same = requirements.filter((r) => r.says.zh === r.says.en).map((r) => r.id);
  // Names alone, the same in both languages.
  expect(same).toEqual([
    "MY-1",
    "RE-1",
    "RE-4",
    "ES-6",
    "KA-9",
    "MI-2",
    "LV-3",
    "LV-4",
    "LV-6",
    "LV-9",
    "LV-20",
    "GE-3",
    "GE-5",
  ]);
});

test("each check belongs to lines of the document, and to none of a later step", () => {
  const known = new Map(requirements.map((r) => [r.id, r]));
  for (const { check } of all) {
    expect(check.requirements.length, check.id).toBeGreaterThan(0);
    for (const id of check.requirements) {
      const requirement = known.get(id);
      expect(requirement, `${check.id} names ${id}`).toBeDefined();
      if (requirement !== undefined) expect(isPending(requirement), `${check.id}: ${id}`).toBe(false);
    }
  }
});

test("each line of this step has a check", () => {
  const checked = new Set(all.flatMap((c) => c.check.requirements));
  expect(requirements.filter((r) => !isPending(r) && !checked.has(r.id)).map((r) => r.id)).toEqual([]);
});

test("no two checks have the same id, and each begins with its service's name", () => {
  const ids = all.map((c) => c.check.id);
  expect(ids).toHaveLength(new Set(ids).size);
  for (const { service, check } of all) expect(check.id).toMatch(new RegExp(`^${service}\\.[a-z0-9-]+$`));
});
