import { expect, test } from "vitest";
import { type Recorded, recordedFile, recordedOf } from "./names.ts";

const one: Recorded = {
  sequence: 897_000_001,
  startedAtMs: 1_794_000_000_123,
  durationMs: 2_999,
  discontinuity: false,
};

test.each([one, { ...one, discontinuity: true }, { ...one, sequence: 0, durationMs: 40 }])(
  "a name says what its segment is: %j",
  (recorded) => {
    expect(recordedOf(recordedFile(recorded))).toEqual(recorded);
  },
);

test.each([
  "index.m3u8",
  "poster.jpg",
  "source-1-1794000000123-3000.ts.bak",
  "source-01-1794000000123-3000.ts",
  "source-1-1794000000123-0.ts",
  "source-1-1794000000123-3000-x.ts",
  "720p-1-1794000000123-3000.ts",
])("what is no segment's name is none: %s", (file) => {
  expect(recordedOf(file)).toBeUndefined();
});
