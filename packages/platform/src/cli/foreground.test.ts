import { EventEmitter } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runForeground } from "./foreground.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mall-foreground-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a program that says when it is there, and tells us to end then. */
async function endedBySignal(onTerm: string): Promise<{ readonly result: number | string; left: number }> {
  const there = join(folder, "there");
  const program = `${onTerm};require("fs").writeFileSync(${JSON.stringify(there)}, "");setTimeout(() => {}, 20000)`;
  const signals = new EventEmitter();
  const running = runForeground(process.execPath, ["-e", program], process.env, signals);
  await expect
    .poll(
      () =>
        readFile(there).then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true);
  signals.emit("SIGTERM");
  const result = await running;
  return { result, left: signals.listenerCount("SIGTERM") };
}

test("being told to end ends the program, which may do so in its own way", async () => {
  expect(await endedBySignal('process.on("SIGTERM", () => process.exit(7))')).toEqual({ result: 7, left: 0 });
  await rm(join(folder, "there"));
  expect(await endedBySignal("")).toEqual({ result: "SIGTERM", left: 0 });
}, 30_000);

test("its exit code is told", async () => {
  expect(await runForeground(process.execPath, ["-e", "process.exit(3)"], process.env)).toBe(3);
});
