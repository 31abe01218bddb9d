import { expect, it } from "vitest";
import { jsonLines } from "./engine.ts";

it("reads one document a line, an array of older Compose, and nothing", () => {
  expect(jsonLines('{"a":1}\n\n{"a":2}\n')).toEqual([{ a: 1 }, { a: 2 }]);
  expect(jsonLines('[{"a":1},{"a":2}]')).toEqual([{ a: 1 }, { a: 2 }]);
  expect(jsonLines("\n")).toEqual([]);
});
