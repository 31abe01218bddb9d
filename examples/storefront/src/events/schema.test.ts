import { expect, test } from "vitest";
import { type Draft, eventId, jsonSchemas, parseEvent, type ShopEvent } from "./schema.ts";

const load = "0".repeat(32);
const draft: Draft = {
  type: "product.changed",
  key: "7",
  version: 3,
  at: "2026-11-24T04:00:00.000Z",
  priceCents: 1_990,
  availableUnits: 4,
  soldUnits: 9,
};
const event = { ...draft, load, id: eventId(load, draft) } as ShopEvent;

test("the forms in the repository are the program's own", async () => {
  for (const [type, schema] of Object.entries(jsonSchemas()))
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(`../../events/${type}.json`);
});

test("an event reads back as it was written", () => {
  expect(parseEvent(JSON.stringify(event))).toEqual({ ok: true, event });
});

test.each([
  ["no JSON", "{"],
  ["another type", JSON.stringify({ ...event, type: "product.gone" })],
  ["a field that nobody knows", JSON.stringify({ ...event, colour: "red" })],
  ["a field that is missing", JSON.stringify({ ...event, priceCents: undefined })],
  ["less than nothing on the shelf", JSON.stringify({ ...event, availableUnits: -1 })],
])("%s is refused with the reason", (_, text) => {
  const parsed = parseEvent(text);
  expect(parsed.ok).toBe(false);
  expect(parsed.ok ? "" : parsed.why).not.toBe("");
});

test("a change announced twice has one id, another change another", () => {
  expect(eventId(load, draft)).toBe(eventId(load, { ...draft }));
  const others = [
    { ...draft, version: 4 },
    { ...draft, key: "8" },
    { ...draft, type: "order.placed" as const },
  ];
  expect(new Set([draft, ...others].map((d) => eventId(load, d))).size).toBe(4);
  expect(eventId("1".repeat(32), draft)).not.toBe(eventId(load, draft));
});
