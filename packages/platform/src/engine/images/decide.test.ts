import { expect, test } from "vitest";
import { decideImage } from "./decide.ts";
import type { BuiltImage, ImageRecord } from "./record.ts";

const current: BuiltImage = {
  tag: "mallstack/x:1",
  imageId: "sha256:1",
  version: "1.0",
  source: "packages",
  inputsHash: "a",
  baseId: "",
  refresh: "",
  builtAt: "2026-01-01T00:00:00.000Z",
  sizeBytes: 1,
  packages: [],
};
const record: ImageRecord = { current, previous: [], pinned: false };
const wanted = { stateful: false, source: "packages", inputsHash: "a" };

test("nothing changed: kept", () => {
  expect(decideImage(wanted, record, true)).toEqual({ kind: "keep", outdated: false });
});

test("never made, lost, or named otherwise in mall.yaml: made, stateful or not", () => {
  for (const stateful of [false, true]) {
    const w = { ...wanted, stateful };
    expect(decideImage(w, undefined, false)).toEqual({ kind: "build", reason: "first" });
    expect(decideImage(w, record, false)).toEqual({ kind: "build", reason: "gone" });
    expect(decideImage({ ...w, source: "x:2" }, record, true)).toEqual({ kind: "build", reason: "source" });
  }
});

test("other inputs rebuild a stateless image, and never a stateful or rolled back one", () => {
  const changed = { ...wanted, inputsHash: "b" };
  expect(decideImage(changed, record, true)).toEqual({ kind: "build", reason: "inputs" });
  const kept = { kind: "keep", outdated: true };
  expect(decideImage({ ...changed, stateful: true }, record, true)).toEqual(kept);
  expect(decideImage(changed, { ...record, pinned: true }, true)).toEqual(kept);
});
