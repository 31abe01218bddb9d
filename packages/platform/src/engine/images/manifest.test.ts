import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { manifestSchema } from "./manifest.ts";

const script = resolve(import.meta.dirname, "../../../../../images/common/manifest.pl");
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mall-manifest-"));
  await mkdir(join(root, "var/lib/dpkg/status.d"), { recursive: true });
  await writeFile(join(root, "var/lib/dpkg/status.d/jre"), "Package: jre\nVersion: 1:17.0.15+6-1\n");
});

afterEach(() => rm(root, { recursive: true, force: true }));

const manifest = async (...components: readonly string[]) => {
  const list = join(root, "components");
  await writeFile(list, components.join("\n"));
  const { stdout } = await execa("perl", [
    ...[script, "thing", "jre", root],
    ...(components.length === 0 ? [] : [list]),
  ]);
  return manifestSchema.parse(JSON.parse(stdout));
};

test("the image's version is its first package's", async () => {
  expect(await manifest()).toEqual({
    image: "thing",
    version: "17.0.15",
    packages: [{ name: "jre", version: "1:17.0.15+6-1", licences: ["see copyright file"] }],
  });
});

test("what came from elsewhere is listed beside the packages, and the first of it is what the image is about", async () => {
  const { version, packages } = await manifest(
    "server\t3.9.2\tApache-2.0",
    "codec\tv1.5.6-10\tMIT, BSD-2-Clause",
  );
  expect(version).toBe("3.9.2");
  expect(packages.slice(1)).toEqual([
    { name: "server", version: "3.9.2", licences: ["Apache-2.0"] },
    { name: "codec", version: "v1.5.6-10", licences: ["MIT", "BSD-2-Clause"] },
  ]);
});

test("a list without a version or a licence makes no image", async () => {
  await expect(manifest("server\tlatest\tMIT")).rejects.toThrow("has no version");
  await expect(manifest("server\t3.9.2")).rejects.toThrow("not name, version and licences");
});
