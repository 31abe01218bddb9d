import { mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFolder } from "./folder.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-folder-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("writeFolder", () => {
  it("writes once and then finds the folder as it should be", async () => {
    const files = new Map([
      ["compose.yaml", "a"],
      ["config/store-1/store.conf", "b"],
    ]);
    expect(await writeFolder(folder, files)).toEqual([...files.keys()]);
    expect(await readFile(join(folder, "config/store-1/store.conf"), "utf8")).toBe("b");
    expect(await writeFolder(folder, files)).toEqual([]);
  });

  it("keeps an instance's folder, which a container has mounted, and replaces the file in it", async () => {
    await writeFolder(folder, new Map([["config/store-1/store.conf", "b"]]));
    const before = await stat(join(folder, "config/store-1"));
    await writeFolder(folder, new Map([["config/store-1/store.conf", "c"]]));
    const after = await stat(join(folder, "config/store-1"));
    expect(after.ino).toBe(before.ino);
    expect(await readFile(join(folder, "config/store-1/store.conf"), "utf8")).toBe("c");
  });

  it("says that it cannot write, and leaves no draft", async () => {
    await mkdir(join(folder, "config/store-1/store.conf/in-the-way"), { recursive: true });
    const files = new Map([["config/store-1/store.conf", "b"]]);
    await expect(writeFolder(folder, files)).rejects.toMatchObject({ code: "STATE_UNWRITABLE" });
    expect(await readdir(join(folder, "config/store-1"))).toEqual(["store.conf"]);
  });

  it("removes files that the rendering no longer has, half-written ones too", async () => {
    await writeFolder(folder, new Map([["config/store-1/old.conf", "b"]]));
    expect(await writeFolder(folder, new Map([["config/store-1/new.conf", "c"]]))).toEqual([
      "config/store-1/new.conf",
      "config/store-1/old.conf",
    ]);
    expect(await readdir(join(folder, "config/store-1"))).toEqual(["new.conf"]);
  });
});
