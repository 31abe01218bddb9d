import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freeBytes } from "../state.ts";
import { text } from "../text.ts";
import { diskFullError, requireSpace, saysDiskFull } from "./disk.ts";

describe("saysDiskFull", () => {
  it.each([
    "tar: x: Cannot write: No space left on device",
    "ENOSPC: no space left on device, write",
    "E: You don't have enough free space in /var/cache/apt/archives/.",
    "write /data: disk quota exceeded",
  ])("%s", (words) => expect(saysDiskFull(words)).toBe(true));
  it("does not see it in other failures", () => {
    expect(saysDiskFull("E: Unable to fetch some archives")).toBe(false);
  });
});

describe("space", () => {
  it("is that of the nearest folder there is", async () => {
    expect(await freeBytes(join(tmpdir(), "not/yet/there"))).toBeGreaterThan(0);
  });
  it("is asked for before the work begins, and the error says how much and where", async () => {
    await requireSpace(tmpdir(), 1, text("a test", "测试"));
    const attempt = requireSpace(tmpdir(), Number.MAX_SAFE_INTEGER, text("a test", "测试"));
    await expect(attempt).rejects.toMatchObject({ code: "DISK_FULL", exit: "machine" });
    await expect(attempt).rejects.toThrow(
      new RegExp(`a test: ${tmpdir()} has \\d+ MiB free, about 8589934592 MiB`),
    );
  });
  it("leaves other failures to whoever had them", async () => {
    const place = { path: tmpdir(), neededBytes: 0, purpose: text("a test", "测试") };
    expect(await diskFullError(new Error("timeout"), place)).toBeUndefined();
    expect(await diskFullError(new Error("ENOSPC"), place)).toMatchObject({ code: "DISK_FULL" });
  });
});
