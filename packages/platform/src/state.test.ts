import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureFolder, isErrno, readIfPresent, readJson, stateHome, writeAtomic } from "./state.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mall-state-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("stateHome", () => {
  it("prefers MALL_HOME, then XDG_STATE_HOME, then the home folder", () => {
    expect(stateHome({ MALL_HOME: "/a", XDG_STATE_HOME: "/b", HOME: "/c" })).toBe("/a");
    expect(stateHome({ XDG_STATE_HOME: "/b", HOME: "/c" })).toBe("/b/mallstack");
    expect(stateHome({ HOME: "/c" })).toBe("/c/.local/state/mallstack");
  });

  it("makes a relative MALL_HOME absolute and ignores a relative XDG_STATE_HOME", () => {
    expect(stateHome({ MALL_HOME: "x" })).toBe(join(process.cwd(), "x"));
    expect(stateHome({ XDG_STATE_HOME: "x", HOME: "/c" })).toBe("/c/.local/state/mallstack");
  });
});

describe("ensureFolder", () => {
  it("makes every missing parent 0700", async () => {
    await ensureFolder(join(folder, "a/b"));
    expect(modeOf(join(folder, "a"))).toBe(0o700);
    expect(modeOf(join(folder, "a/b"))).toBe(0o700);
  });

  it("says which path cannot be made", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(ensureFolder(join(folder, "file/b"))).rejects.toMatchObject({ code: "STATE_UNWRITABLE" });
  });
});

describe("writeAtomic", () => {
  it("writes with the mode asked for and leaves no draft", async () => {
    const path = join(folder, "deep/secret");
    await writeAtomic(path, "one");
    await writeAtomic(path, "two", 0o640);
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(modeOf(path)).toBe(0o640);
    expect(readdirSync(join(folder, "deep"))).toEqual(["secret"]);
  });

  it("keeps the old content and leaves no draft when it fails", async () => {
    const path = join(folder, "target");
    await ensureFolder(join(path, "not-empty")); // rename(2) cannot replace a folder that is not empty
    await expect(writeAtomic(path, "x")).rejects.toMatchObject({ code: "STATE_UNWRITABLE" });
    expect(readdirSync(folder)).toEqual(["target"]);
  });

  it("never shows a reader a part of a file", async () => {
    const path = join(folder, "big");
    const texts = ["a", "b"].map((letter) => letter.repeat(2 ** 20));
    await writeAtomic(path, texts[0] ?? "");
    let writing = true;
    const writer = (async () => {
      for (let i = 0; i < 20; i += 1) await writeAtomic(path, texts[i % 2] ?? "");
      writing = false;
    })();
    while (writing) expect(texts).toContain(await readIfPresent(path));
    await writer;
  });
});

describe("reading", () => {
  it("tells an absent file from an unreadable one", async () => {
    expect(await readIfPresent(join(folder, "none"))).toBeUndefined();
    await expect(readIfPresent(folder)).rejects.toSatisfy((error) => isErrno(error, "EISDIR"));
  });

  it("takes broken JSON for none", async () => {
    writeFileSync(join(folder, "j"), '{"a":');
    expect(await readJson(join(folder, "j"))).toBeUndefined();
    writeFileSync(join(folder, "j"), '{"a":1}');
    expect(await readJson(join(folder, "j"))).toEqual({ a: 1 });
  });
});
