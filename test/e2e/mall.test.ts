/**
 * The main job as a user does it: a whole mall from nothing, proven; stopped, started, broken by hand, killed in the
 * middle, changed; and every refusal that keeps data safe. One mall for the whole file; the tests follow each other.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findEngine } from "../../packages/platform/src/engine/find.ts";
import { openStore, readState } from "../../packages/platform/src/secrets/store.ts";
import { loadMallFile } from "../../packages/platform/src/services/mall-schema.ts";
import { planMall } from "../../packages/platform/src/services/plan-mall.ts";
import { stateHome } from "../../packages/platform/src/state.ts";
import { containersOf } from "../../packages/platform/src/targets/compose/containers.ts";
import { containerName } from "../../packages/platform/src/targets/compose/names.ts";
import { mallFolders } from "../../packages/platform/src/targets/compose/state.ts";
import type { UpResult } from "../../packages/platform/src/targets/compose/up.ts";
import { servicesOnly } from "../support/left-out.ts";
import { type MallCommand, mallCommand } from "../support/mall-command.ts";
import { startMallTraffic } from "../support/mall-traffic.ts";
import type { Traffic } from "../support/traffic.ts";

/** The commands are the same for every service; all of them together are the suite `whole`. */
const about = ["mysql", "redis"];
const portBase = 24_000;
let mall: MallCommand;
const figures: string[] = [];
const figure = (what: string, seconds: number) => figures.push(`${what}: ${seconds.toFixed(1)} s`);

interface VerifyDocument {
  readonly groups: readonly {
    readonly reports: readonly { id: string; verdict: string; requirements: readonly string[] }[];
  }[];
}

const engine = async () => {
  const found = await findEngine();
  if (found === undefined) throw new Error("no engine runs");
  return found;
};
const containers = async () => containersOf(await engine(), mall.name);
const sql = async (statement: string): Promise<string> => {
  const ran = await mall.run("sql", "--", "-N", "-B", "-e", statement);
  if (ran.code !== 0) throw new Error(ran.stderr);
  return ran.stdout;
};
const redis = async (...words: readonly string[]): Promise<string> =>
  (await mall.run("redis", "--", ...words)).stdout;

/** What the agent saw last is what `status` says: on a busy machine that may be of a moment ago. */
const isContent = () =>
  expect.poll(() => mall.answer("status"), { timeout: 60_000 }).toMatch(/^exit code 0\n/);

beforeAll(async () => {
  mall = await mallCommand("e2e", portBase);
  await mall.spec(servicesOnly(about));
  await mall.run("down", "--volumes", "--yes");
}, 120_000);
afterAll(async () => {
  console.log(figures.join("\n"));
  await mall.close();
}, 120_000);

test("up from empty volumes ends with servers that verify finds as the plan wants them", async () => {
  const up = await mall.json<UpResult & { seconds: number }>("up");
  figure("up, images there, volumes empty", up.seconds);
  expect(up).toMatchObject({ unchanged: false });
  const ran = await mall.run("verify", "--json");
  figure("verify", ran.seconds);
  const document = JSON.parse(ran.stdout) as VerifyDocument;
  const reports = document.groups.flatMap((group) => group.reports);
  expect(reports.filter((report) => report.verdict === "fail")).toEqual([]);
  expect(ran.code, ran.stderr).toBe(0);
  const shown = reports
    .filter((report) => report.verdict === "pass" || report.verdict === "deviates")
    .flatMap((report) => report.requirements);
  for (const id of [
    "MY-1",
    "MY-2",
    "MY-3",
    "MY-4",
    "MY-5",
    "MY-7",
    "RE-1",
    "RE-2",
    "RE-3",
    "RE-4",
    "RE-5",
    "RE-6",
    "RE-7",
    "RE-8",
    "GE-4",
    "GE-8",
  ])
    expect(shown, id).toContain(id);
}, 600_000);

test("up on a healthy mall touches nothing and says so", async () => {
  const before = await containers();
  const up = await mall.json<UpResult & { seconds: number }>("up");
  figure("up that has nothing to do", up.seconds);
  expect(up).toMatchObject({ unchanged: true });
  const started = (all: typeof before) => [...all.values()].map((c) => `${c.id} ${c.startedAt}`).sort();
  expect(started(await containers())).toEqual(started(before));
}, 180_000);

test("down and up keep every row and key", async () => {
  await sql(
    "CREATE DATABASE IF NOT EXISTS mall_e2e; CREATE TABLE mall_e2e.kept (n INT PRIMARY KEY); INSERT INTO mall_e2e.kept VALUES (1),(2),(3)",
  );
  expect(await redis("SET", "kept", "yes")).toBe("OK");
  const down = await mall.run("down");
  figure("down", down.seconds);
  expect(down.code, `${down.stdout}${down.stderr}`).toBe(0);
  expect((await containers()).size).toBe(0);
  const up = await mall.json<{ seconds: number }>("up");
  figure("up with data", up.seconds);
  expect(await sql("SELECT SUM(n) FROM mall_e2e.kept")).toBe("6");
  expect(await redis("GET", "kept")).toBe("yes");
}, 300_000);

test("a container removed by hand is made again, and no other is touched", async () => {
  const before = await containers();
  await (await engine()).docker(["rm", "--force", containerName(mall.name, "mysql-3")]);
  const up = await mall.json<UpResult & { seconds: number }>("up");
  figure("up after a container was removed", up.seconds);
  expect(up.difference).toMatchObject({ missing: ["mysql-3"], stopped: [], surplus: [], changes: [] });
  const after = await containers();
  for (const [name, container] of before)
    if (name !== "mysql-3") expect(after.get(name)?.startedAt, name).toBe(container.startedAt);
}, 180_000);

test("a changed setting that the server takes live restarts nothing", async () => {
  const before = await containers();
  await mall.spec(servicesOnly(about, "  redis:\n    nodeTimeout: 6s\n"));
  await mall.json("up");
  expect((await redis("CONFIG", "GET", "cluster-node-timeout")).split("\n")).toContain("6000");
  const after = await containers();
  for (const [name, container] of before) expect(after.get(name)?.startedAt, name).toBe(container.startedAt);
}, 300_000);

test("up killed at any moment goes on when it is run again", async () => {
  await mall.run("down");
  for (const ms of [700, 1500, 2500, 4000]) await mall.killedAfter(ms, "up");
  await mall.json("up");
  expect(await sql("SELECT SUM(n) FROM mall_e2e.kept")).toBe("6");
  await isContent();
}, 300_000);

test("up says what is left to the user's own word, with the command that does it", async () => {
  expect((await mall.run("up")).stdout).not.toMatch(/mall upgrade|certs rotate/);
  // Another clone's record: an image that holds data, made from other files than this clone's.
  const record = join(mallFolders(stateHome(), mall.name).root, "images.json");
  const kept = await readFile(record, "utf8");
  const other = JSON.parse(kept) as { images: { redis: { current: { inputsHash: string } } } };
  other.images.redis.current.inputsHash = "0".repeat(64);
  await writeFile(record, JSON.stringify(other));
  const store = openStore(stateHome(), mall.name);
  const hasBegun = async () => (await readState(store))?.phase !== "stable";
  await mall.killedOnce(hasBegun, "certs", "rotate", "--ca");
  try {
    const said = await mall.run("up");
    expect(said.stdout).toMatch(/redis.*`mall upgrade`/);
    expect(said.stdout).toMatch(/CA.*`mall certs rotate --ca`/);
    const { outdated, authority } = await mall.json<UpResult>("up");
    expect(outdated).toEqual(["redis"]);
    expect(authority).not.toBe("stable");
  } finally {
    await writeFile(record, kept);
  }
  await mall.json("certs", "rotate", "--ca");
  expect((await mall.run("up")).stdout).not.toMatch(/mall upgrade|certs rotate/);
}, 300_000);

/**
 * What an absence of the agent changes is over after seconds, however long it lasts: its observations are no ground
 * for anything after 6 s (agent/timing.ts), a server that it cannot read keeps its clients for 10 s
 * (endpoints/decide.ts), HAProxy looks at names every 2 s by itself. 20 s are past all of them; ten minutes by hand:
 * MALL_TEST_AGENT_AWAY_SECONDS=600 (docs/agent.md).
 */
const awaySeconds = Number(process.env.MALL_TEST_AGENT_AWAY_SECONDS ?? 20);

test(
  "the agent is away while applications work: no request fails, and it picks up again",
  async () => {
    const runtime = await engine();
    const { mall: spec } = await loadMallFile(mall.file);
    const known = { mall: spec, plan: planMall(spec), backend: openStore(stateHome(), mall.name) };
    const before = await containers();
    const traffics = await startMallTraffic(known);
    let seen: readonly Traffic[] = [];
    try {
      await runtime.docker(["stop", containerName(mall.name, "agent-1")]);
      await sql("INSERT INTO mall_e2e.kept VALUES (4)");
      const status = await mall.run("status");
      expect(status.code, `${status.stdout}${status.stderr}`).toBe(1);
      expect(status.stdout).toContain("agent");
      await sleep(awaySeconds * 1_000);
      await runtime.docker(["start", containerName(mall.name, "agent-1")]);
      // It comes back under traffic: what it finds must move nothing either.
      await mall.json("up");
    } finally {
      seen = await Promise.all(traffics.map((traffic) => traffic.stop()));
    }
    for (const { failures, requests, connections } of seen) {
      expect(failures).toEqual([]);
      expect(requests).toBeGreaterThan(awaySeconds * 5);
      expect(connections).toBeGreaterThan(awaySeconds);
    }
    const after = await containers();
    for (const [name, container] of before)
      if (name !== "agent-1") expect(after.get(name)?.startedAt, name).toBe(container.startedAt);
    expect(await sql("SELECT SUM(n) FROM mall_e2e.kept")).toBe("10");
  },
  180_000 + awaySeconds * 1_000,
);

test("a second mall beside it: its own ports, data and keys, and a clear no to the first one's ports", async () => {
  const taken = await mallCommand("e2e-b", portBase);
  const refused = await taken.run("up", "--only", "redis");
  expect(refused.code, refused.stderr).toBe(3);
  expect(refused.stderr).toContain("PORTS_IN_USE");
  await taken.close();
  const other = await mallCommand("e2e-c", portBase + 1000);
  try {
    const up = await other.json<{ seconds: number }>("up", "--only", "redis");
    figure("a second mall, redis only", up.seconds);
    expect((await other.run("redis", "--", "GET", "kept")).stdout).toBe("");
    expect(await redis("GET", "kept")).toBe("yes");
    // What was left out has nothing to be changed, and is no reason to refuse.
    const rotated = await other.run("certs", "rotate", "redis-1");
    expect(rotated.code, rotated.stderr).toBe(0);
  } finally {
    await other.close();
  }
  await isContent();
}, 300_000);

test("a port that another program holds is named before anything is started", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(portBase + 2306, "127.0.0.1", resolve));
  const other = await mallCommand("e2e-d", portBase + 2000);
  try {
    const refused = await other.run("up", "--only", "mysql");
    expect(refused.code, refused.stderr).toBe(3);
    expect(refused.stderr).toContain(`127.0.0.1:${portBase + 2306}`);
    expect((await containersOf(await engine(), "e2e-d")).size).toBe(0);
  } finally {
    holder.close();
    await other.close();
  }
}, 120_000);

test("volumes whose keys are not here are refused, never overwritten", async () => {
  const { identity } = mallFolders(stateHome(), mall.name);
  const kept = await readFile(identity, "utf8");
  await writeFile(
    identity,
    JSON.stringify({ id: "00000000-0000-4000-8000-000000000000", createdAt: "2026-01-01T00:00:00Z" }),
  );
  try {
    const refused = await mall.run("up");
    expect(refused.code, refused.stderr).toBe(5);
    expect(refused.stderr).toContain("FOREIGN_VOLUMES");
  } finally {
    await writeFile(identity, kept);
  }
  await mall.json("up");
}, 300_000);

test("a corrupt state file is named and left as it is", async () => {
  const { applied } = mallFolders(stateHome(), mall.name);
  const kept = `${applied}.kept`;
  await rename(applied, kept);
  await writeFile(applied, '{"services": [');
  const refused = await mall.run("up");
  expect(refused.code, refused.stderr).toBe(4);
  expect(refused.stderr).toContain("MALL_STATE_CORRUPT");
  expect(refused.stderr).toContain(applied);
  expect(await readFile(applied, "utf8")).toBe('{"services": [');
  await rename(kept, applied);
}, 180_000);

test("a rendered folder holds no secret of the mall", async () => {
  const secrets = join(mallFolders(stateHome(), mall.name).root, "secrets/passwords");
  const { readdir } = await import("node:fs/promises");
  const values = await Promise.all((await readdir(secrets)).map((f) => readFile(join(secrets, f), "utf8")));
  expect(values.length).toBeGreaterThan(5);
  const folder = mallFolders(stateHome(), mall.name).compose;
  const ids = [...(await containers()).values()].map((container) => container.id);
  const inspected = await (await engine()).docker(["inspect", ...ids]);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((f) => f.isFile());
  for (const file of files) {
    const content = await readFile(join(file.parentPath, file.name), "utf8");
    for (const value of values) expect(content).not.toContain(value);
  }
  for (const value of values) expect(inspected).not.toContain(value);
}, 180_000);

test("down with volumes asks first, then leaves nothing", async () => {
  const refused = await mall.run("down", "--volumes");
  expect(refused.code, refused.stderr).toBe(5);
  expect(refused.stderr).toContain("CONFIRMATION_NEEDED");
  expect(await mall.answer("down", "--volumes", "--yes")).toMatch(/^exit code 0\n/);
  const left = await (await engine()).docker([
    "volume",
    "ls",
    "-q",
    "--filter",
    `label=io.mallstack.mall=${mall.name}`,
  ]);
  expect(left).toBe("");
  const gone = await readFile(mallFolders(stateHome(), mall.name).identity, "utf8").catch(() => "gone");
  expect(gone).toBe("gone");
}, 120_000);
