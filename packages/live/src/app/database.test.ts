import { expect, test } from "vitest";
import { mayRepeat } from "./database.ts";
import { LiveError } from "./errors.ts";

const coded = (code: string) => Object.assign(new Error(code), { code });

test.each<[string, boolean, boolean]>([
  // before COMMIT, after it was sent
  ["PROTOCOL_CONNECTION_LOST", true, false],
  ["ECONNRESET", true, false],
  ["ER_SERVER_SHUTDOWN", true, false],
  ["ER_OPTION_PREVENTS_STATEMENT", true, true],
  ["ER_READ_ONLY_MODE", true, true],
  ["PROTOCOL_SEQUENCE_TIMEOUT", false, false],
  ["ER_DUP_ENTRY", false, false],
  ["ER_LOCK_WAIT_TIMEOUT", false, false],
])("%s: once more %s, and with COMMIT on its way %s", (code, before, after) => {
  expect([mayRepeat(coded(code), false), mayRepeat(coded(code), true)]).toEqual([before, after]);
});

test("a refusal of our own is not repeated", () => {
  expect(mayRepeat(new LiveError("NOT_LIVE"), false)).toBe(false);
});
