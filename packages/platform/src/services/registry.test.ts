/** The registry's services against the source tree and the documents: what one says the other must know. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ruleIds } from "../rules/site.ts";
import { jsonSchemaText } from "../spec/json-schema.ts";
import { mallSchema } from "./mall-schema.ts";
import { services } from "./registry.ts";

const source = new URL("..", import.meta.url).pathname;
const root = new URL("../../../..", import.meta.url).pathname;

/** Ids that the files of a folder give their findings: each stands in them as `id: "MY-ASYNC"`. */
function idsIn(folder: string): readonly string[] {
  const files = readdirSync(folder).filter((f) => f.endsWith(".ts") && !f.endsWith(".test.ts"));
  const found = files.flatMap((f) =>
    [...readFileSync(join(folder, f), "utf8").matchAll(/\bid: "([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+)"/g)].map(
      (m) => m[1] ?? "",
    ),
  );
  return [...new Set(found)].sort();
}

test.each(services.map((s) => [s.name, s] as const))(
  "%s declares each id that its rules give",
  (name, service) => {
    expect([...service.ruleIds].sort()).toEqual(idsIn(join(source, "services", name)));
  },
);

test("no two services give the same id", () => {
  const all = ruleIds(services);
  expect(all.length).toBe(new Set(all).size);
});

test("docs/rules.md has each id, and none that no rule gives", () => {
  const page = readFileSync(join(root, "docs/rules.md"), "utf8");
  const documented = [...page.matchAll(/^\| `([A-Z0-9-]+)` +\|/gm)].map((m) => m[1] ?? "");
  expect(documented).toHaveLength(new Set(documented).size);
  expect(documented).toEqual(expect.arrayContaining([...ruleIds(services)]));
  const folders = readdirSync(join(source, "services"), { withFileTypes: true }).filter((e) =>
    e.isDirectory(),
  );
  const given = [...ruleIds([]), ...folders.flatMap((e) => idsIn(join(source, "services", e.name)))];
  expect(given).toEqual(expect.arrayContaining(documented));
});

test("mall.schema.json is that of the code ('./mall spec schema -o mall.schema.json' writes it)", () => {
  expect(readFileSync(join(root, "mall.schema.json"), "utf8")).toBe(jsonSchemaText(mallSchema()));
});

test("a profile's values are ones that the service's own schema takes", () => {
  for (const service of services)
    for (const profile of Object.values(service.profiles))
      expect(service.spec.safeParse(profile), service.name).toMatchObject({ success: true });
});
