import { expect, test } from "vitest";
import { upLines } from "./up-text.ts";

const calm = { mall: "shop", unchanged: true, restarted: [], outdated: [], authority: "stable" } as const;
const english = (result: Parameters<typeof upLines>[0]) => upLines(result, 1.23).map((line) => line.en);

test("a mall as it should be takes one line", () => {
  expect(english(calm)).toEqual(['The mall "shop" is up and as it should be; nothing was changed (1.2 s).']);
});

test("what is left to the user is said with its command, one line each", () => {
  const lines = english({ ...calm, outdated: ["mysql", "redis"], authority: "reissue" });
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/mysql, redis.*`mall upgrade`/);
  expect(lines[2]).toMatch(/CA.*`mall certs rotate --ca`/);
});

test("restarted servers are named", () => {
  expect(english({ ...calm, unchanged: false, restarted: ["redis-2"] })).toEqual([
    'The mall "shop" is up (1.2 s).',
    "Restarted, since they could not take up their new certificates while they ran: redis-2.",
  ]);
});
