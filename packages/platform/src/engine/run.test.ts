import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processOf } from "./private/processes.ts";
import { lastLines, lines, run } from "./run.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mall-run-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sh = (script: string, options = {}) => run("sh", ["-c", script], options);
describe("run", () => {
  it("gives exit code and both streams", async () => {
    expect(await sh("echo out; echo err >&2; exit 3")).toEqual({
      exitCode: 3,
      stdout: "out",
      stderr: "err",
      timedOut: false,
    });
  });
  it("says in words that a program is not there", async () => {
    const result = await run("no-such-program-here", []);
    expect(result.exitCode).toBe(127);
    expect(result.stderr).toContain("no-such-program-here");
  });
  it("passes text and files as input, and nothing by default", async () => {
    expect((await sh("cat", { input: "商城" })).stdout).toBe("商城");
    expect((await sh("cat")).stdout).toBe("");
  });
  it("gives lines as they come and keeps only the last ones", async () => {
    const seen: string[] = [];
    const result = await sh("seq 1 500; printf 'a\\rb' >&2", {
      onLine: (line: string, stream: string) => seen.push(`${stream} ${line}`),
    });
    expect(seen.filter((line) => line.startsWith("stdout"))).toHaveLength(500);
    expect(seen).toEqual(expect.arrayContaining(["stderr a", "stderr b"]));
    expect(result.stdout.split("\n")).toHaveLength(200);
    expect(result.stdout.endsWith("500")).toBe(true);
  });
  it("takes a variable out of the environment", async () => {
    process.env.MALL_TEST_RUN = "here";
    try {
      expect((await sh("echo $MALL_TEST_RUN")).stdout).toBe("here");
      expect((await sh("echo $MALL_TEST_RUN", { env: { MALL_TEST_RUN: undefined } })).stdout).toBe("");
    } finally {
      delete process.env.MALL_TEST_RUN;
    }
  });
  it("ends a program that takes too long, and says so", async () => {
    const result = await sh("exec sleep 30", { timeoutMs: 100 });
    expect(result).toMatchObject({ timedOut: true, exitCode: 143 });
  });
  it("throws the reason when it is cancelled, after the program has ended", async () => {
    const abort = new AbortController();
    const pidPath = join(folder, "pid");
    const going = sh(`echo $$ > ${pidPath}; exec sleep 30`, { signal: abort.signal });
    await sleep(200);
    abort.abort(new Error("ctrl-c"));
    await expect(going).rejects.toThrow("ctrl-c");
    expect(await processOf(Number(readFileSync(pidPath, "utf8")))).toBeUndefined();
    await expect(sh("true", { signal: abort.signal })).rejects.toThrow("ctrl-c");
  });
  it("ties a program to this process: killed by SIGKILL, it takes the program along", async () => {
    const bundle = join(folder, "run.mjs");
    const banner = 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);';
    const entry = fileURLToPath(new URL("run.ts", import.meta.url));
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: bundle,
      banner: { js: banner },
    });
    for (const tied of [true, false]) {
      const pidPath = join(folder, `pid-${tied}`);
      const script = `echo $$ > ${pidPath}; exec sleep 20`;
      const code = `import { run } from ${JSON.stringify(bundle)}; await run("sh", ["-c", ${JSON.stringify(script)}], { tied: ${tied} });`;
      const owner = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "ignore" });
      while ((await readFile(pidPath, "utf8").catch(() => "")) === "") await sleep(20);
      owner.kill("SIGKILL");
      await sleep(200);
      const left = await processOf(Number(readFileSync(pidPath, "utf8")));
      if (left) process.kill(left.pid, "SIGKILL");
      expect(left === undefined).toBe(tied);
    }
  });
});

describe("lines", () => {
  it("puts lines together over chunks, also within a character", async () => {
    const bytes = Buffer.from("一\n二三\r\n\nfour");
    const chunks = [...bytes].map((byte) => Buffer.from([byte]));
    expect(await Readable.from(chunks).pipe(lines()).toArray()).toEqual(["一", "二三", "", "four"]);
  });
});

describe("lastLines", () => {
  it("is the end of a text", () => {
    expect(lastLines("a\nb\nc\n", 2)).toBe("b\nc");
  });
});
