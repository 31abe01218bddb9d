import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ImageDefinition } from "./definition.ts";
import { fromPackages, hashInputs, readInputs } from "./inputs.ts";

const definition: ImageDefinition = {
  name: "thing",
  title: "Thing",
  licence: "MIT",
  suite: "sid",
  stateful: false,
  supported: ">=1",
  override: ">=1",
  buildSeconds: 30,
  inputs: ["dist/thing.mjs"],
};

let root: string;
const write = async (path: string, content: string) => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
};
const hash = async (source = fromPackages) => hashInputs(await readInputs(root, definition), source);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mall-inputs-"));
  await write("images/thing/Dockerfile", "FROM x");
  await write("images/thing/conf/a", "1");
  await write("images/common/assemble", "echo");
  await write("images/other/Dockerfile", "FROM y");
  await write("dist/thing.mjs", "code");
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("what goes in changes the hash, what does not leaves it", async () => {
  const before = await hash();
  expect(await hash()).toBe(before);
  await write("images/other/Dockerfile", "FROM z");
  await write("dist/else.mjs", "code");
  expect(await hash()).toBe(before);

  const seen = new Set([before, await hash("thing:2")]);
  for (const path of [
    "images/thing/Dockerfile",
    "images/thing/conf/a",
    "images/common/assemble",
    "dist/thing.mjs",
  ]) {
    await write(path, `changed ${path}`);
    seen.add(await hash());
  }
  await write("images/thing/new", "");
  seen.add(await hash());
  expect(seen.size).toBe(7);
});

test("the order of the files says nothing; a file moved to another name does", () => {
  const file = (path: string, content: string) => ({ path, content: Buffer.from(content) });
  const [a, b] = [file("a", "1"), file("b", "2")];
  expect(hashInputs([a, b], fromPackages)).toBe(hashInputs([b, a], fromPackages));
  expect(hashInputs([file("a", "2"), file("b", "1")], fromPackages)).not.toBe(
    hashInputs([a, b], fromPackages),
  );
});

test("a missing input is named", async () => {
  await rm(join(root, "dist/thing.mjs"));
  await expect(hash()).rejects.toMatchObject({ code: "IMAGE_INPUT_MISSING" });
});
