import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { forms, jsonSchemas } from "./events.ts";

test("the forms in the repository are the program's own", async () => {
  for (const [type, schema] of Object.entries(jsonSchemas()))
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(`../../events/${type}.json`);
});

test("the page lists every type of event, and no other", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/live-application.md"), "utf8");
  const listed = [...page.matchAll(/^\| `([a-z]+\.[a-z]+)`/gm)].map(([, type]) => type);
  expect(listed).toEqual(Object.keys(forms));
});
