import { expect, test } from "vitest";
import { isDue, silentMs } from "./due.ts";

const end = 1_794_000_000_000;

test.each([
  ["live", { endedAt: undefined, heardAt: undefined, whole: false }, 3_600_000, false],
  [
    "live, though an ingest said that it was over: it lives again",
    { endedAt: undefined, heardAt: end, whole: true },
    9,
    false,
  ],
  ["ended, and all is there", { endedAt: end, heardAt: end + 500, whole: true }, 600, true],
  [
    "ended, and its ingest has not spoken yet",
    { endedAt: end, heardAt: undefined, whole: false },
    silentMs - 1,
    false,
  ],
  ["its ingest died with what it had", { endedAt: end, heardAt: undefined, whole: false }, silentMs, true],
  [
    "MinIO is away for minutes, and the ingest says so",
    { endedAt: end, heardAt: end + 299_000, whole: false },
    300_000,
    false,
  ],
  [
    "it said so, and died then",
    { endedAt: end, heardAt: end + 299_000, whole: false },
    299_000 + silentMs,
    true,
  ],
] as const)("%s", (_what, recording, afterMs, due) => {
  expect(isDue(recording, end + afterMs)).toBe(due);
});

test("a replay of an ingest that died is there within a minute", () => {
  expect(silentMs).toBeLessThanOrEqual(50_000);
});
