import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Engine } from "../engine.ts";
import { type ListedImage, prunable, pruneImages } from "./prune.ts";
import { type BuiltImage, recordsPath, writeRecords } from "./record.ts";

const image = (tag: string, id = `id of ${tag}`): ListedImage => ({
  Id: id,
  RepoTags: [tag],
  Size: 1_000,
  Created: 1_700_000_000,
});
const tags = (found: readonly { readonly tag: string }[]) => found.map((one) => one.tag);

test("what a record names, a container is made from, or builds stand on, stays", () => {
  const images = [
    "store:in-use",
    "store:way-back",
    "store:ran-by-hand",
    "base:sid",
    "store:old",
    "edge:old",
  ].map((name) => image(`mallstack/${name}`));
  const recorded = new Set(["mallstack/store:in-use", "mallstack/store:way-back"]);
  const found = prunable(images, recorded, new Set(["id of mallstack/store:ran-by-hand"]));
  expect(tags(found)).toEqual(["mallstack/edge:old", "mallstack/store:old"]);
  expect(found[0]).toMatchObject({ sizeBytes: 1_000, builtAt: "2023-11-14T22:13:20.000Z" });
});

test("another's tag of the same image, and an image without a tag, are not ours to remove", () => {
  const shared = { ...image("mallstack/store:old"), RepoTags: ["mallstack/store:old", "theirs/store:1"] };
  expect(tags(prunable([shared, { ...shared, RepoTags: null }], new Set(), new Set()))).toEqual([
    "mallstack/store:old",
  ]);
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-prune-"));
  process.env.MALL_HOME = folder;
  return () => {
    delete process.env.MALL_HOME;
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const built = (tag: string): BuiltImage => ({
  tag,
  imageId: `id of ${tag}`,
  version: "1",
  source: "packages",
  inputsHash: "",
  baseId: "",
  refresh: "",
  builtAt: "",
  sizeBytes: 0,
  packages: [],
});

/** An engine with these images, which notes what it is told to remove and refuses some. */
function fakeEngine(images: readonly string[], refused: readonly string[] = []) {
  const removed: string[] = [];
  const engine: Pick<Engine, "api" | "docker"> = {
    api: async (path) => (path.startsWith("/images") ? images.map((tag) => image(tag)) : []),
    docker: async ([, tag = ""]) => {
      if (refused.includes(tag)) throw new Error("conflict");
      removed.push(tag);
      return "";
    },
  };
  return { engine: engine as Engine, removed };
}

test("a dry run removes nothing; what the engine refuses is told and holds nothing up", async () => {
  const { engine, removed } = fakeEngine(
    ["mallstack/a:1", "mallstack/b:1", "mallstack/c:1"],
    ["mallstack/a:1"],
  );
  await writeRecords(folder, { c: { current: built("mallstack/c:1"), previous: [], pinned: false } });
  const options = { folders: [folder, join(folder, "never-built")] };
  const dry = await pruneImages(engine, { ...options, dryRun: true });
  expect({ removed: tags(dry.removed), kept: dry.kept, done: removed }).toEqual({
    removed: ["mallstack/a:1", "mallstack/b:1"],
    kept: 1,
    done: [],
  });
  const done = await pruneImages(engine, { ...options, dryRun: false });
  expect(done).toMatchObject({ failed: [{ tag: "mallstack/a:1", cause: "conflict" }], kept: 2 });
  expect(removed).toEqual(["mallstack/b:1"]);
});

test("a record that cannot be read stops it: what that mall needs is not known", async () => {
  const { engine, removed } = fakeEngine(["mallstack/a:1"]);
  await writeFile(recordsPath(folder), "{");
  await expect(pruneImages(engine, { folders: [folder], dryRun: false })).rejects.toMatchObject({
    code: "IMAGE_RECORD_UNREADABLE",
  });
  expect(removed).toEqual([]);
});
