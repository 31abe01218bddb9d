import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCli } from "../../run.ts";
import { sections } from "../../verbs.ts";

const root = new URL("../../../../../..", import.meta.url).pathname;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "mallstack-cli-secrets-"));
  vi.stubEnv("MALL_HOME", home);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

async function mall(words: string, isTTY = false) {
  const written = { stdout: "", stderr: "" };
  const sink = (name: keyof typeof written) => ({
    isTTY,
    write: (text: string) => {
      written[name] += text;
    },
  });
  const code = await runCli({
    argv: words.split(" "),
    env: { LANG: "C", NO_COLOR: "1", CI: "1" },
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    root,
    sections,
    signal: new AbortController().signal,
    leaveSignals: () => {},
  });
  return { code, ...written };
}

interface Listed {
  readonly secrets: readonly { readonly id: string; readonly state: string; readonly file: string }[];
}

test("init makes what is missing, once; the lists show where, never what", async () => {
  const before = JSON.parse((await mall("secrets list --json")).stdout) as Listed;
  expect(new Set(before.secrets.map((one) => one.state))).toEqual(new Set(["absent"]));
  const first = JSON.parse((await mall("secrets init --json")).stdout) as { changes: readonly unknown[] };
  expect(first.changes.length).toBeGreaterThan(before.secrets.length);
  expect((await mall("secrets init")).stdout).toContain("holds everything already");
  const after = JSON.parse((await mall("secrets list --json")).stdout) as Listed;
  expect(new Set(after.secrets.map((one) => one.state))).toEqual(new Set(["current"]));
  const values = await Promise.all(after.secrets.map((one) => readFile(one.file, "utf8")));
  const outputs = await Promise.all(
    ["secrets list", "certs list", "certs list --json", "certs list --lang zh"].map((words) => mall(words)),
  );
  for (const { code, stdout, stderr } of outputs) {
    expect(code).toBe(0);
    for (const value of values) expect(`${stdout}${stderr}`).not.toContain(value);
    expect(`${stdout}${stderr}`).not.toContain("PRIVATE");
  }
});

test("a value goes to a terminal on request, and into no pipe", async () => {
  await mall("secrets init");
  const [secret] = (JSON.parse((await mall("secrets list --json")).stdout) as Listed).secrets;
  if (secret === undefined) throw new Error("the default mall has no secret");
  const value = await readFile(secret.file, "utf8");
  expect((await mall(`secrets show ${secret.id}`, true)).stdout).toContain(secret.file);
  expect((await mall(`secrets show ${secret.id} --reveal`, true)).stdout).toBe(`${value}\n`);
  for (const words of [`secrets show ${secret.id} --reveal`, `secrets show ${secret.id} --reveal --json`]) {
    const piped = await mall(words);
    expect(piped.code).toBe(5);
    expect(`${piped.stdout}${piped.stderr}`).toContain("SECRET_NOT_TO_A_PIPE");
    expect(`${piped.stdout}${piped.stderr}`).not.toContain(value);
  }
});

test("mistakes are named before anything happens", async () => {
  expect((await mall("secrets show nothing.here")).stderr).toContain("SECRET_UNKNOWN");
  const both = await mall("certs rotate --ca agent-1");
  expect(both).toMatchObject({ code: 2 });
  expect(both.stderr).toContain("'agent-1' is one argument too many");
});
