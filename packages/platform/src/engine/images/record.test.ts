import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packageChanges, packagesDigest } from "./manifest.ts";
import { type BuiltImage, lockPath, readRecords, recordsPath, succeed, writeRecords } from "./record.ts";
import { rolledBack } from "./upgrade.ts";

const pkg = (name: string, version: string) => ({ name, version, licences: ["MIT"] });
const built = (n: number): BuiltImage => ({
  tag: `mallstack/x:${n}`,
  imageId: `sha256:${n}`,
  version: `1.${n}`,
  source: "packages",
  inputsHash: "a",
  baseId: "",
  refresh: "",
  builtAt: "2026-01-01T00:00:00.000Z",
  sizeBytes: n,
  packages: [pkg("x", `1.${n}`)],
});
const tags = (images: readonly BuiltImage[]) => images.map((i) => i.sizeBytes);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-images-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("two ways back are kept, the newest first; the same image again adds none", () => {
  const third = [1, 2, 3, 4].reduce((record, n) => succeed(record, built(n)), succeed(undefined, built(0)));
  expect(third.current.sizeBytes).toBe(4);
  expect(tags(third.previous)).toEqual([3, 2]);
  expect(tags(succeed(third, built(4)).previous)).toEqual([3, 2]);
  expect(tags(succeed(third, built(3)).previous)).toEqual([4, 2]);
});

test("rolling back pins the earlier image, twice is where it was, and an upgrade ends the pin", () => {
  const record = succeed(succeed(undefined, built(1)), built(2));
  const back = rolledBack(record);
  expect(back).toMatchObject({ current: built(1), previous: [built(2)], pinned: true });
  expect(back && rolledBack(back)).toMatchObject({ current: built(2), previous: [built(1)] });
  expect(succeed(back, built(3)).pinned).toBe(false);
  expect(rolledBack(succeed(undefined, built(1)))).toBeUndefined();
});

test("records survive a write; the lock beside them lists every package and licence of what is in use", async () => {
  const records = { b: succeed(succeed(undefined, built(1)), built(2)), a: succeed(undefined, built(3)) };
  await writeRecords(folder, records);
  expect(await readRecords(folder)).toEqual(records);
  const lock = JSON.parse(await readFile(lockPath(folder), "utf8"));
  expect(Object.keys(lock.images)).toEqual(["a", "b"]);
  expect(lock.images.b).toEqual({
    tag: "mallstack/x:2",
    version: "1.2",
    source: "packages",
    packages: [pkg("x", "1.2")],
  });
});

test.each(["", "{", '{"schema":2,"images":{}}', '{"schema":1,"images":{"a":{"current":{}}}}'])(
  "a record that cannot be read is no record: %s",
  async (content) => {
    await writeFile(recordsPath(folder), content);
    expect(await readRecords(folder)).toEqual({});
  },
);

test("a difference names what changed, came and went", () => {
  const before = [pkg("a", "1"), pkg("b", "1"), pkg("c", "1")];
  const after = [pkg("d", "1"), pkg("b", "2"), pkg("a", "1")];
  expect(packageChanges(before, after)).toEqual([
    { name: "b", before: "1", after: "2" },
    { name: "c", before: "1" },
    { name: "d", after: "1" },
  ]);
  expect(packageChanges(before, before)).toEqual([]);
  expect(packagesDigest(before)).toBe(packagesDigest([...before].reverse()));
  expect(packagesDigest(before)).not.toBe(packagesDigest(after));
});
